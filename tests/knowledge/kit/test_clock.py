from datetime import UTC, date, datetime, timedelta, timezone

from knowledge.kit.clock import FrozenClock, SystemClock, shanghai_date


def test_the_system_clock_tells_aware_utc() -> None:
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=1)


def test_a_frozen_clock_stands_still_in_utc_until_moved() -> None:
    clock = FrozenClock(datetime(2026, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == clock.now() == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    clock.at += timedelta(hours=1)
    assert clock.now().hour == 1


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    assert shanghai_date(datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)) == date(2026, 2, 28)
    assert shanghai_date(datetime(2026, 2, 28, 16, 0, tzinfo=UTC)) == date(2026, 3, 1)
