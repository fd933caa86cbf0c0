"""Values that follow from others by one or two plain operations."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from agents.guards.quantities import Quantity
from agents.guards.quantity_match import comparable

SUM_DIMS = {
    "money",
    "clock",
    "calendar",
    "length",
    "mass",
    "volume",
    "workday",
    "count",
    "points",
    "power",
    "pressure",
    "number",
    "ratio",
    "temperature",
    "sound",
    "energy",
}


def derivable(target: Quantity, known: Iterable[Quantity], day_one: int, cued: bool = True) -> bool:
    """`known` holds evidence quantities and those of the statement already accepted; `day_one` is 1 where the
    evidence starts a period on the day after, -1 where the day itself is the first, else 0."""
    given = list(known)
    if target.dim == "date":
        return _date_follows(target, given, day_one)
    if target.dim == "time":
        return _time_follows(target, given)
    if target.dim == "number" and any(q.dim == "money" for q in given):
        target = replace(target, dim="money", low=target.low * 100, high=target.high * 100)
    values = _values(target, given)
    ends = [target.low] if not target.is_range else [target.low, target.high]
    if not cued and target.dim in ("clock", "calendar", "length", "mass", "volume", "power", "temperature"):
        return False
    return all(_number_follows(end, target, values, given) for end in ends)


def _time_follows(target: Quantity, given: list[Quantity]) -> bool:
    times = [q.low for q in given if q.dim == "time"]
    spans = [q.low for q in given if q.dim == "clock"]
    ends = {(t + sign * span) % 1440 for t in times for span in spans for sign in (1, -1)}
    return any(target.low % 1440 == end or (target.unit == "halfday" and (target.low - end) % 720 == 0) for end in ends)


def _values(target: Quantity, given: list[Quantity]) -> list[Fraction]:
    out: list[Fraction] = []
    for quantity in given:
        dim = comparable(target, quantity)
        if dim is None or dim in ("date", "time"):
            continue
        scale = 100 if quantity.dim == "number" and target.dim == "money" else 1
        if target.dim == "calendar" and quantity.dim == "clock":
            continue
        out.extend({quantity.low * scale, quantity.high * scale})
    return list(dict.fromkeys(out))


def _number_follows(end: Fraction, target: Quantity, values: list[Fraction], given: list[Quantity]) -> bool:
    if target.dim in SUM_DIMS and _by_sum(end, values):
        return True
    factors = _factors(given)
    products = [v * f for v in values for f in factors if f != 1]
    if end in products or any(end == v / f for v in values for f in factors if f > 1):
        return True
    ratios = [f for f in factors if f < 1]
    if any(end in ((a + b) * f, (a - b) * f) for a in values for b in values if a != b for f in ratios):
        return True
    if target.dim == "money" and any(end == a + b for a, b in combinations(products, 2)):
        return True
    if any(end in (v - p, p - v) or (end == v + p and p <= 2 * v) for v in values for p in products):
        return True
    if target.dim == "clock":
        counts = [q.low for q in given if q.dim == "count" and q.low > 1]
        mass = [v for q in given if q.dim in ("mass", "volume") for v in (q.low, q.high) if v]
        ratios = [a / b for many in (counts, mass) for a in many for b in many if a > b]
        return _span(end, given) or any(abs(end / 1440 - r) < 1 for r in ratios)
    if target.dim == "ratio":
        money = [q.low for q in given if q.dim == "money" and q.low]
        return any(a * end == b or a - b == a * end for a in money for b in money)
    if target.dim == "count":
        money = [q.low for q in given if q.dim in ("money", "clock", "calendar", "mass", "volume", "points") and q.low]
        return any(a == b * end for a in money for b in money if a != b)
    return target.dim in ("money", "points") and _points(end, target, given)


def _by_sum(end: Fraction, values: list[Fraction]) -> bool:
    pairs = list(combinations(values, 2))
    if any(end in (a + b, abs(a - b)) for a, b in pairs):
        return True
    if len(values) > 2 and end == sum(values):
        return True
    if len(values) > 6:
        return False
    return any(end in (a + b + c, a + b - c, a + c - b, b + c - a) for a, b, c in combinations(values, 3))


def _factors(given: list[Quantity]) -> list[Fraction]:
    """What an amount may be multiplied by: counts, discounts and percentages."""
    out = {q.low for q in given if q.dim == "count" and 1 < q.low <= 200}
    for quantity in given:
        if quantity.dim == "ratio":
            out |= {quantity.low, 1 - quantity.low}
    return sorted(out)


def _points(end: Fraction, target: Quantity, given: list[Quantity]) -> bool:
    """Points and money exchange at the rates the evidence gives."""
    points = [q.low for q in given if q.dim == "points" and q.low]
    money = [q.low for q in given if q.dim == "money" and q.low]
    rates = {m / p for m in money for p in points}
    if target.dim == "money":
        return any(end == p * r for p in points for r in rates)
    return any(end == m / r for m in money for r in rates)


def _as_date(quantity: Quantity) -> date | None:
    try:
        return date(quantity.year or 2025, int(quantity.low) // 100, int(quantity.low) % 100)
    except ValueError:
        return None


def _span(end: Fraction, given: list[Quantity]) -> bool:
    days = [d for q in given if q.dim == "date" and q.unit not in ("day", "month") and (d := _as_date(q))]
    gaps = {abs((a - b).days) for a, b in combinations(days, 2)}
    if any(end in (gap * 1440, (gap + 1) * 1440) for gap in gaps):
        return True
    times = [q.low for q in given if q.dim == "time"]
    return any(end == (b - a) % 1440 for a in times for b in times if a != b)


def _date_follows(target: Quantity, given: list[Quantity], day_one: int) -> bool:
    days = [(q, d) for q in given if q.dim == "date" and q.unit not in ("day", "month") and (d := _as_date(q))]
    shifts = {int(q_end // 1440) for q in given if q.dim == "clock" for q_end in (q.low, q.high) if q_end % 1440 == 0}
    months = {int(end) for q in given if q.dim == "calendar" and not q.unit.endswith("岁") for end in (q.low, q.high)}
    workdays = {int(v) for q in given if q.dim == "workday" for v in (q.low, q.high)}
    hours = any(q.dim == "clock" and 0 < q.low < 1440 and q.low % 60 == 0 for q in given)
    if hours and any(q.dim == "time" for q in given):
        shifts |= {1}
    for base, day in days:
        if any(_same_day(target, end, base) for n in workdays for end in _workday_ends(day, n, base)):
            return True
        if day_one == 1 and _same_day(target, day + timedelta(days=1), base):
            return True
        if any(_same_day(target, day + timedelta(days=s + min(day_one, 0)), base) for s in shifts if s <= 400):
            return True
        if any(_same_day(target, _add_months(day, m), base) for m in months if m <= 240):
            return True
    return False


def _workday_ends(day: date, count: int, base: Quantity) -> list[date]:
    """The last of `count` working days after `day`, public holidays aside; without a year, in any of the near ones."""
    ends = []
    for year in [base.year] if base.year else [2024, 2025, 2026]:
        current = day.replace(year=year) if (day.month, day.day) != (2, 29) else day
        left = count
        while left > 0:
            current += timedelta(days=1)
            left -= current.weekday() < 5
        ends.append(current)
    return ends


def _same_day(target: Quantity, day: date, base: Quantity) -> bool:
    if target.unit == "month":
        return int(target.low) // 100 == day.month and (not (target.year and base.year) or target.year == day.year)
    if target.unit == "day":
        return int(target.low) == day.day
    if int(target.low) != day.month * 100 + day.day:
        return False
    return not (target.year and base.year) or target.year == day.year


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return day


def day_number(quantity: Quantity) -> int | None:
    """Ordinal of a full date, for comparing two."""
    day = _as_date(quantity) if quantity.dim == "date" and quantity.unit != "day" else None
    return day.toordinal() if day else None


PLAIN = re.compile(
    "[加减乘除]|一共|总|合计|加起来|差|多|少|剩|比|省|早|晚|快|慢|长|短|高|低|重|轻|贵|便宜|大|小|平均|每|够|倍|半|播|营业|服务|持续|共"
)


def has_plain_cue(text: str) -> bool:
    """Words that announce a sum or a difference of two given values."""
    return PLAIN.search(text) is not None


_CUES = re.compile(
    "[加减乘除]|一共|总|合计|差|便宜|省|多|少|剩|再|还|退|到手|扣|抵|付|补|比|优惠|折|每|平均|倍|凑|花|等于|也就是|就是|用完|要|赔|拿|得|积|返|占|其余|最晚|最迟|截|为止|前|到|起|从|算|内|过|期|够|快|慢|早|晚|长|短|高|低|重|轻|大|小|抵掉|合|共|相当|送|打|买|价|是|贵|只|能|可"
)


def has_cue(text: str) -> bool:
    return _CUES.search(text) is not None
