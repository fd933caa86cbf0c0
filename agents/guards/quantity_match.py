"""When two quantities are of one kind, and when they are equal."""

from fractions import Fraction

from agents.guards.lexicon import units
from agents.guards.quantities import Quantity


def same(a: Quantity, b: Quantity) -> bool:
    """Equal in value; a date without year or month equals any date with that day; money may lack its unit."""
    if a.dim == "date" and b.dim == "date":
        if "month" in (a.unit, b.unit):
            return int(a.low) // 100 == int(b.low) // 100 and (a.year == b.year or not (a.year and b.year))
        if "day" in (a.unit, b.unit):
            return int(a.low) % 100 == int(b.low) % 100
        return a.low == b.low and (a.year == b.year or not (a.year and b.year))
    if a.dim == "time" and b.dim == "time":
        gap = abs(a.low - b.low)
        return gap == 0 or ("halfday" in (a.unit, b.unit) and gap == 720)
    return comparable(a, b) is not None and _equal(a, b)


def comparable(a: Quantity, b: Quantity) -> str | None:
    """The shared dimension, or None. A bare number takes the other's unit."""
    if a.dim == b.dim:
        return a.dim
    if "number" in (a.dim, b.dim) and not {a.dim, b.dim} & {"date", "time"}:
        return b.dim if a.dim == "number" else a.dim
    if {a.dim, b.dim} == {"clock", "calendar"}:
        return "calendar"
    return None


_COUNTERS = (
    "次回趟遍",
    "名位人个",
    "件个款种样",
    "罐瓶盒袋包桶个",
    "枚颗粒片个",
    "张个份",
    "笔单个",
    "场次期",
    "只个条双",
    "支根个",
    "期个",
    "倍",
    "台部个",
)


def _same_counter(a: str, b: str) -> bool:
    return a == b or any(a in group and b in group for group in _COUNTERS)


def _equal(a: Quantity, b: Quantity) -> bool:
    if a.dim == b.dim:
        return (a.low, a.high) == (b.low, b.high) and (a.dim != "count" or _same_counter(a.unit, b.unit))
    if {a.dim, b.dim} == {"clock", "calendar"}:
        clock, cal = (a, b) if a.dim == "clock" else (b, a)
        days = clock.low / 1440
        return days == cal.low * 30 if cal.low < 12 else days in (cal.low * 30, cal.low / 12 * 365)
    bare, full = (a, b) if a.dim == "number" else (b, a)
    factor = units()[full.unit][1] if full.unit in units() else Fraction(1)
    if full.dim == "ratio":
        return bare.low in (full.low * 100, full.low * 10)
    return (bare.low * factor, bare.high * factor) == (full.low, full.high)
