"""Dates and instants as shops write them. An instant without an offset is Asia/Shanghai.

Raises: BrokenRuleError, each of them.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from knowledge.imports.refusal import BrokenRuleError

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
# Within those years Asia/Shanghai is UTC+8 without exception, and a fixed offset formats faster than a zone.
_SHANGHAI = timezone(timedelta(hours=8))
_FORMS = "a date like 2026-11-01, 2026/11/1 or 2026年11月1日"
_DATE = r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?"
_TIME = r"(上午|下午|中午|晚上|凌晨)?\s*(\d{1,2})(?::|：|时|点)(\d{1,2})(?:(?::|：|分)(\d{1,2})(?:\.(\d{1,9}))?秒?|分)?"
_ZONE = r"(Z|[+-]\d{2}:?\d{2})?"
_WRITTEN = re.compile(rf"{_DATE}(?:(?:T|\s*){_TIME}\s*{_ZONE})?", re.ASCII)
_DAY = re.compile(r"\d{8}", re.ASCII)
_SECOND = re.compile(r"\d{14}", re.ASCII)
_EPOCH = re.compile(r"(\d{10})(\d{3})?", re.ASCII)
_AFTERNOON = ("下午", "晚上")


def instant(raw: str) -> datetime:
    """Aware; a bare date is its first moment."""
    return _read(raw)[0]


def end(raw: str) -> datetime:
    """The end of a window that leaves it out: a bare date, 23:59 and 23:59:59 all mean the midnight after."""
    at, bare = _read(raw)
    if bare:
        return at + timedelta(days=1)
    if (at.hour, at.minute) == (23, 59) and at.second in (0, 59):
        return (at + timedelta(minutes=1)).replace(second=0, microsecond=0)
    return at


@lru_cache(maxsize=16_384)
def day(raw: str) -> date:
    """A day in Asia/Shanghai."""
    at, _ = _read(raw)
    return at.astimezone(_SHANGHAI).date()


def _read(raw: str) -> tuple[datetime, bool]:
    """(instant, whether only a date was written)."""
    try:
        at, bare = _parse(raw)
    except (ValueError, OverflowError) as error:
        raise BrokenRuleError("a day and time that exist") from error
    if at is None:
        raise BrokenRuleError(f"{_FORMS}, with a time after it where there is one")
    if not _FIRST_YEAR <= at.year < _LAST_YEAR:
        raise BrokenRuleError(f"a year from {_FIRST_YEAR} to {_LAST_YEAR - 1}")
    return at, bare


def _parse(raw: str) -> tuple[datetime | None, bool]:
    if len(raw) >= 16 and raw[4] == "-" and raw[13:14] == ":":  # ISO, the usual case, in C
        try:
            at = datetime.fromisoformat(raw)
        except ValueError:
            pass  # 2026-11-01 12:00 下午 and the like; the general form decides
        else:
            return (at if at.tzinfo else at.replace(tzinfo=_SHANGHAI)), False
    if match := _WRITTEN.fullmatch(raw):
        return _written(match)
    if _DAY.fullmatch(raw):
        return datetime.strptime(raw, "%Y%m%d").replace(tzinfo=_SHANGHAI), True
    if _SECOND.fullmatch(raw):
        return datetime.strptime(raw, "%Y%m%d%H%M%S").replace(tzinfo=_SHANGHAI), False
    if match := _EPOCH.fullmatch(raw):
        at = datetime.fromtimestamp(int(match[1]), tz=UTC) + timedelta(milliseconds=int(match[2] or 0))
        return at.astimezone(_SHANGHAI), False
    return None, False


def _written(match: re.Match[str]) -> tuple[datetime, bool]:
    year, month, day_, half, hour, minute, second, fraction, zone = match.groups()
    begins = datetime(int(year), int(month), int(day_), tzinfo=_SHANGHAI)
    if hour is None:
        return begins, True
    hours = int(hour)
    if half and hours > 12:
        raise ValueError(hour)
    if half in _AFTERNOON and hours < 12:
        hours += 12
    elif half in ("上午", "凌晨") and hours == 12:
        hours = 0
    if hours == 24 and int(minute) == int(second or 0) == 0:
        return begins + timedelta(days=1), False
    micro = int((fraction or "0").ljust(6, "0")[:6])
    at = begins.replace(hour=hours, minute=int(minute), second=int(second or 0), microsecond=micro)
    return (at.replace(tzinfo=_zone(zone)) if zone else at), False


def _zone(written: str) -> timezone:
    if written == "Z":
        return UTC
    hours, minutes = int(written[1:3]), int(written[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if written[0] == "-" else offset)
