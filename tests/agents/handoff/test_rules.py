"""The pure parts: order and its bound, routing, hours, clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.handoff.hours import Hours
from agents.handoff.priority import (
    MOST,
    NEAR_SLA,
    TAU_S,
    TOP,
    base_priority,
    effective,
    order_key,
    overtaken_within_s,
    raised,
    rank,
)
from agents.handoff.reasons import HandoffReason
from agents.handoff.routing import Waiting, fitting, may_take
from agents.handoff.rules import QueueRules, rules_of
from agents.handoff.sla import Course, clocks
from agents.handoff.views import OperatorState
from agents.handoff.waiting import average_handling_s, expected_wait_s
from knowledge.kit.clock import SHANGHAI
from knowledge.kit.db import Database
from knowledge.kit.errors import ConfigurationError

NOON = datetime(2026, 5, 20, 4, tzinfo=UTC)  # midday in Shanghai
R = HandoffReason
_bases = st.sampled_from([base_priority(one) for one in R] + [NEAR_SLA])
_seconds = st.floats(min_value=0, max_value=20_000, allow_nan=False)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


# order ----------------------------------------------------------------------------------------------------------------


def test_the_near_miss_stands_between_a_request_and_a_complaint() -> None:
    assert base_priority(R.CUSTOMER_REQUEST) > NEAR_SLA > base_priority(R.COMPLAINT)
    assert MOST == base_priority(R.SAFETY) < TOP


@given(x=_bases, y=_bases, came=_seconds, later=_seconds, waits=_seconds, vips=st.tuples(st.booleans(), st.booleans()))
def test_what_comes_after_the_bound_never_goes_first(
    x: int, y: int, came: float, later: float, waits: float, vips: tuple[bool, bool]
) -> None:
    """The theorem of priority.py, at every instant at which both wait."""
    first, second = at(came), at(came + overtaken_within_s(x) + later)
    now = second + timedelta(seconds=waits)
    mine = order_key(x, first, now, vip=vips[0], id="x")
    assert mine < order_key(y, second, now, vip=vips[1], id="a")


@given(x=_bases, y=_bases, came=_seconds, later=_seconds, waits=_seconds)
def test_higher_effective_priority_goes_first_and_raising_never_sets_back(
    x: int, y: int, came: float, later: float, waits: float
) -> None:
    now = at(came + later + waits)
    one, two = effective(x, at(came), now), effective(y, at(came + later), now)
    keys = [order_key(x, at(came), now, vip=False, id="x"), order_key(y, at(came + later), now, vip=False, id="y")]
    if one != two:
        assert (keys[0] < keys[1]) == (one > two)
    assert order_key(raised(x), at(came), now, vip=False, id="x") <= keys[0]
    assert max(one, two) <= TOP


@given(x=_bases, came=_seconds, other=st.floats(min_value=0, max_value=5.9))
def test_a_vip_leads_only_equals_and_nobody_at_the_top(x: int, came: float, other: float) -> None:
    now, first = at(came + other), at(came)
    second = at(came + other)
    plain, vip = (order_key(x, when, now, vip=is_vip, id="i") for when, is_vip in ((first, False), (second, True)))
    assert (vip < plain) == (rank(x, first) == rank(x, second))
    late = at(came + other + (TOP - x) * TAU_S + TAU_S)
    assert order_key(x, first, late, vip=False, id="a") < order_key(x, second, late, vip=True, id="b")


async def test_the_database_counts_as_we_do(database: Database) -> None:
    async with database.transaction("") as scope:
        for second in (0, 5.999, 6, 1e6 + 0.5):
            row = await scope.one("select livecrew_rank(300, :at) as rank", at=at(second))
            assert row.rank == rank(300, at(second))
        body = (await scope.one("select prosrc from pg_proc where proname = 'livecrew_claim'")).prosrc
    assert f"livecrew_rank({TOP}, v_now)" in body
    assert f"interval '{(TOP - MOST) * TAU_S} seconds'" in body


# routing --------------------------------------------------------------------------------------------------------------


def _operator(name: str, skills: tuple[str, ...] = (), *, holding: int = 0, available: bool = True) -> OperatorState:
    return OperatorState(name, name, skills, 2, "online", NOON, available, holding)


def test_who_may_take_what_when() -> None:
    rules = QueueRules()
    item = Waiting(("refund",), "anna", NOON)

    def may(operator: OperatorState, seconds: float, *, there: bool = True) -> bool:
        return may_take(item, operator, at(seconds), rules, sticky_is_there=there)

    skilled, plain = _operator("ben", ("refund", "english")), _operator("cato")
    assert may(_operator("anna", ("refund",)), 0)
    assert [may(skilled, rules.sticky_s - 1), may(skilled, rules.sticky_s)] == [False, True]
    assert may(skilled, 0, there=False)
    assert [may(plain, rules.t3_s - 1), may(plain, rules.t3_s)] == [False, True]
    assert not may(_operator("ben", ("refund",), holding=2), 600)
    assert not may(_operator("ben", ("refund",), available=False), 600)


def test_a_supervisor_sees_the_best_first() -> None:
    item = Waiting(("refund",), "dora", NOON)
    crew = [_operator("anna"), _operator("ben", ("refund",), holding=1), _operator("cato", ("refund",)),
            _operator("dora"), _operator("emil", ("refund",), available=False)]  # fmt: skip
    assert [one.operator_id for one in fitting(item, crew)] == ["dora", "cato", "ben", "anna"]


# hours and clocks -----------------------------------------------------------------------------------------------------


def _local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        (_local(20, 10), _local(20, 12), 2),
        (_local(20, 22), _local(21, 9), 2),
        (_local(20, 23, 30), _local(21, 7, 59), 0),
        (_local(20, 8), _local(23, 8), 45),
        (_local(20, 3), _local(20, 4), 0),
        (_local(20, 12), _local(20, 11), 0),
    ],
)
def test_only_open_hours_count(since: datetime, until: datetime, hours: float) -> None:
    assert Hours().elapsed_s(since, until) == hours * 3600


@given(a=_seconds, b=_seconds, c=_seconds)
def test_open_time_adds_up(a: float, b: float, c: float) -> None:
    hours = Hours(9, 18)
    start, middle, end = at(a * 10), at((a + b) * 10), at((a + b + c) * 10)
    whole = hours.elapsed_s(start, end)
    assert whole == pytest.approx(hours.elapsed_s(start, middle) + hours.elapsed_s(middle, end), abs=0.01)
    assert 0 <= whole <= (end - start).total_seconds() + 0.01
    assert Hours(0, 24).elapsed_s(start, end) == pytest.approx((end - start).total_seconds(), abs=0.01)


def test_when_the_desk_opens_again() -> None:
    hours = Hours()
    assert hours.opens_in_s(_local(20, 8)) == hours.opens_in_s(_local(20, 22, 59)) == 0
    assert hours.opens_in_s(_local(20, 23)) == 9 * 3600
    assert hours.opens_in_s(_local(20, 7, 30)) == 1800


def _course(**more: object) -> Course:
    given: dict[str, object] = {
        "enqueued_at": NOON, "claimed_at": None, "first_reply_at": None, "last_reply_at": None, "waits_since": None,
        "ended_at": None, "paused_s": 0, "writes": True,
    }  # fmt: skip
    return Course(**(given | more))  # type: ignore[arg-type]


def test_the_first_response_stops_its_clock() -> None:
    first, following, whole = clocks(_course(), at(130), QueueRules())
    assert (first.elapsed_s, first.level, first.running) == (130, "warned", True)
    assert (following.elapsed_s, following.running, whole.running) == (0, False, True)
    answered = _course(first_reply_at=at(100), last_reply_at=at(100))
    first, following, whole = clocks(answered, at(5000), QueueRules())
    assert (first.elapsed_s, first.level, first.running) == (100, "ok", False)
    assert (whole.elapsed_s, whole.running) == (100, False)  # it is the shopper's turn


def test_the_next_response_runs_while_the_shopper_waits() -> None:
    course = _course(first_reply_at=at(100), last_reply_at=at(100), waits_since=at(400))
    _, following, whole = clocks(course, at(710), QueueRules())
    assert (following.elapsed_s, following.level, following.running) == (310, "breached", True)
    assert whole.elapsed_s == 410  # what passed between our reply and their message does not count
    _, following, _ = clocks(_course(ended_at=at(500), waits_since=at(400)), at(900), QueueRules())
    assert not following.running


def test_work_without_a_shopper_is_answered_by_its_claim() -> None:
    first, following, _ = clocks(_course(writes=False, claimed_at=at(50)), at(900), QueueRules())
    assert (first.elapsed_s, first.running, following.running) == (50, False, False)


def test_settings_of_a_shop_are_named_when_they_are_wrong() -> None:
    assert rules_of({}) == QueueRules()
    assert rules_of({"queue": {"t1_s": 60, "skills": {"legal": ["law"]}}}).skills_for(R.LEGAL) == ("law",)
    for wrong, name in (({"t1_s": "soon"}, "t1_s"), ({"lease_s": 1}, "lease_s"), ({"opens": 9, "closes": 9}, "queue")):
        with pytest.raises(ConfigurationError, match=name):
            rules_of({"queue": wrong})


@pytest.mark.parametrize(
    ("position", "average", "operators", "seconds"),
    [(0, 180, 2, 0), (1, 180, 0, 180), (3, 100, 2, 200), (4, 100, 2, 200)],
)
def test_the_expected_wait(position: int, average: int, operators: int, seconds: int) -> None:
    assert expected_wait_s(position, average, operators) == seconds


def test_how_long_one_takes_is_set_measured_or_the_rule_of_the_platforms() -> None:
    assert average_handling_s({"average_handling_s": 90}, 500) == 90
    assert average_handling_s({}, 240.4) == 240
    assert average_handling_s({}, 1.0) == 30
    assert average_handling_s({}, None) == 180
