"""The breaker as values: time moves only when the test moves it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.llm.breaker import Breaker, BreakerState
from knowledge.kit.clock import FrozenClock


def _breaker(threshold: int = 3) -> tuple[Breaker, FrozenClock]:
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    return Breaker(threshold, 30.0, clock), clock


def _open() -> tuple[Breaker, FrozenClock]:
    breaker, clock = _breaker(1)
    assert breaker.allow()
    breaker.failed()
    return breaker, clock


def test_opens_after_failures_in_a_row_only() -> None:
    breaker, _ = _breaker()
    for outcome in (breaker.failed, breaker.failed, breaker.succeeded, breaker.failed, breaker.failed):
        assert breaker.allow()
        outcome()
    assert breaker.allow()
    breaker.failed()
    assert breaker.state is BreakerState.OPEN
    assert not breaker.allow()


def test_one_probe_after_the_cooldown() -> None:
    breaker, clock = _open()
    clock.at += timedelta(seconds=29.9)
    assert not breaker.allow()
    clock.at += timedelta(seconds=0.1)
    assert breaker.allow()
    assert not breaker.allow()
    breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.allow()


def test_a_failed_probe_starts_the_cooldown_again() -> None:
    breaker, clock = _open()
    clock.at += timedelta(seconds=30)
    assert breaker.allow()
    breaker.failed()
    clock.at += timedelta(seconds=29)
    assert not breaker.allow()
    clock.at += timedelta(seconds=1)
    assert breaker.allow()


def test_an_abandoned_probe_lets_the_next_one_try() -> None:
    breaker, clock = _open()
    clock.at += timedelta(seconds=30)
    assert breaker.allow()
    breaker.abandoned()
    assert breaker.state is BreakerState.OPEN
    assert breaker.allow()


@given(st.lists(st.tuples(st.sampled_from(["ok", "fail", "gone"]), st.integers(0, 40)), max_size=40))
def test_never_shut_for_longer_than_the_cooldown(steps: list[tuple[str, int]]) -> None:
    breaker, clock = _breaker(2)
    for outcome, seconds in steps:
        clock.at += timedelta(seconds=seconds)
        if breaker.allow():
            {"ok": breaker.succeeded, "fail": breaker.failed, "gone": breaker.abandoned}[outcome]()
    clock.at += timedelta(seconds=30)
    assert breaker.allow()
