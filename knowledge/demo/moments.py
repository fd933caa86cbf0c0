"""Instants as the demo data writes them: `-8 20:15` is a Shanghai time eight days ago, `-12m`, `-3h` are before now."""

import re
from datetime import UTC, datetime, time, timedelta

from knowledge.kit.clock import SHANGHAI, shanghai_date

_DAY = re.compile(r"([+-]\d+) (\d\d):(\d\d)")
_AGO = re.compile(r"-(\d+)([mh])")


def moment(text: str, now: datetime) -> datetime:
    """Raises: ValueError."""
    if day := _DAY.fullmatch(text):
        on = shanghai_date(now) + timedelta(days=int(day[1]))
        return datetime.combine(on, time(int(day[2]), int(day[3])), tzinfo=SHANGHAI).astimezone(UTC)
    if ago := _AGO.fullmatch(text):
        unit = timedelta(minutes=1) if ago[2] == "m" else timedelta(hours=1)
        return now.astimezone(UTC).replace(second=0, microsecond=0) - int(ago[1]) * unit
    raise ValueError(f"{text!r} is no moment of the demo data")


def between(start: datetime, end: datetime, share: float) -> datetime:
    """To the minute, so that steps look as a carrier writes them; never outside the two."""
    at = (start + (end - start) * share).replace(second=0, microsecond=0)
    return min(max(at, start), end)
