"""Policy days: civil days in Asia/Shanghai, counted from the day after the event to the end of the last one."""

from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from knowledge.kit.clock import SHANGHAI, shanghai_date

_DAY = timedelta(days=1)
_FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
"""Fixed dates of 全国年节及纪念日放假办法, for years not in the table; their lunar holidays are then unknown."""


def deadline_after(event_at: datetime, days: int) -> datetime:
    """23:59:59 in Asia/Shanghai of the last day: the event's own day is not counted (暂行办法 §10)."""
    return end_of_day(shanghai_date(event_at) + timedelta(days=days))


def end_of_day(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def within(at: datetime, deadline: datetime) -> bool:
    """The last second counts whole."""
    return at < deadline + timedelta(seconds=1)


def next_working_day(day: date) -> date:
    """The day itself when it is worked; else where 民法典 §203 would move the end of a period to."""
    while is_day_off(day):
        day += _DAY
    return day


def is_day_off(day: date) -> bool:
    calendar = _calendar()
    if day.year in calendar["years"]:
        return day in calendar["off"] or (day.weekday() >= 5 and day not in calendar["work"])
    return day.weekday() >= 5 or (day.month, day.day) in _FIXED


@cache
def _calendar() -> dict[str, Any]:
    table = yaml.safe_load((resources.files(__package__) / "holidays.yaml").read_text("utf-8"))
    off = {
        first + _DAY * offset
        for year in table.values()
        for first, last in year["rest"]
        for offset in range((last - first).days + 1)
    }
    return {"years": set(table), "off": off, "work": {day for year in table.values() for day in year["work"]}}
