from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.effective import check_span, ensure_seamless, gaps, in_force, overlaps, valid_on
from knowledge.kit.errors import InvalidInputError

BASE = date(2026, 1, 1)
DAYS = [BASE + timedelta(days=offset) for offset in range(41)]


@dataclass(frozen=True)
class Version:
    number: int
    effective_from: date | None
    effective_to: date | None


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    made = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        start, length = draw(st.integers(0, 35)), draw(st.integers(0, 15))
        begins = None if draw(st.integers(0, 5)) == 0 else DAYS[start]
        ends = None if draw(st.integers(0, 3)) == 0 else DAYS[min(start + length, 40)]
        made.append(Version(number, begins, ends))
    return draw(st.permutations(made))


def covers(version: Version, day: date) -> bool:
    """The oracle writes each version out day by day."""
    first = version.effective_from or DAYS[0] - timedelta(days=1)
    last = version.effective_to or DAYS[-1] + timedelta(days=1)
    spelled, current = set(), first
    while current <= last:
        spelled.add(current)
        current += timedelta(days=1)
    return day in spelled


@settings(max_examples=500, deadline=None)
@given(histories(), st.sampled_from(DAYS))
def test_the_version_in_force_is_the_valid_one_that_began_last(history: list[Version], day: date) -> None:
    best: Version | None = None
    for version in history:
        if covers(version, day):
            mine = (version.effective_from or date.min, version.number)
            if best is None or mine > (best.effective_from or date.min, best.number):
                best = version
    assert in_force(history, day) == best


@settings(max_examples=200, deadline=None)
@given(histories())
def test_overlaps_and_gaps_are_what_counting_days_finds(history: list[Version]) -> None:
    shared = {frozenset((a.number, b.number)) for a in history for b in history if a.number < b.number}
    shared = {
        pair
        for pair in shared
        if any(all(covers(version, day) for version in history if version.number in pair) for day in DAYS)
    }
    assert {frozenset((a.number, b.number)) for a, b in overlaps(history)} >= shared
    missing = {day for first, last in gaps(history) for day in DAYS if first <= day <= last}
    covered = [day for day in DAYS if any(covers(version, day) for version in history)]
    inner = [day for day in DAYS if covered and covered[0] < day < covered[-1] and day not in covered]
    assert missing >= set(inner)
    assert not missing & set(covered)


def test_both_ends_belong_to_the_span() -> None:
    assert valid_on(BASE, BASE, BASE)
    assert not valid_on(BASE, None, BASE - timedelta(days=1))
    assert not valid_on(None, BASE, BASE + timedelta(days=1))
    assert valid_on(None, None, BASE)


def test_a_campaign_rule_gives_way_again_when_it_ends() -> None:
    standing, campaign = Version(1, BASE, None), Version(2, date(2026, 11, 1), date(2026, 11, 15))
    history = [standing, campaign]
    assert in_force(history, date(2026, 11, 11)) == campaign
    assert in_force(history, date(2026, 11, 16)) == standing
    assert in_force(history, date(2025, 12, 31)) is None


def test_a_correction_of_the_same_day_wins() -> None:
    assert in_force([Version(2, BASE, None), Version(1, BASE, None)], BASE) == Version(2, BASE, None)


@pytest.mark.parametrize(
    ("history", "rule"),
    [
        ([Version(1, BASE, DAYS[9]), Version(2, DAYS[9], None)], "no overlap"),
        ([Version(1, BASE, DAYS[9]), Version(2, DAYS[11], None)], "no gap"),
        ([Version(1, DAYS[5], BASE)], "effective_to >= effective_from"),
    ],
)
def test_a_broken_history_is_refused_by_its_rule(history: list[Version], rule: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ensure_seamless(history)
    assert caught.value.data["rule"] == rule


def test_a_seamless_history_passes() -> None:
    ensure_seamless([Version(1, None, DAYS[9]), Version(2, DAYS[10], None)])
    check_span(None, BASE)
