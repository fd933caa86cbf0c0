"""Typed quantities of a text: amounts, durations, measures, ratios, dates and times, with their bounds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from agents.guards.bounds import bound_of
from agents.guards.lexicon import pattern, units
from agents.guards.numerals import NUMBER, parse_number


@dataclass(frozen=True)
class Quantity:
    """`low`–`high` in the base unit of `dim` (fen, minute, month, millimetre, gram …); a date is month*100+day,
    a time minutes after midnight. `bound` is ge, gt, le, lt, approx or empty; `role` threshold, off or empty."""

    dim: str
    low: Fraction
    high: Fraction
    unit: str
    start: int
    end: int
    text: str
    bound: str = ""
    role: str = ""
    year: int = 0

    @property
    def is_range(self) -> bool:
        return self.low != self.high


_ORDINAL = re.compile("第[一二12首](?![0-9十百])")
_RANGE = r"\s*(?:-|—{1,2}|–|~|〜|至|到)\s*"
_TIME = re.compile(
    r"(?P<p>凌晨|早上|上午|中午|下午|晚上|傍晚|晚|早)?(?:(?P<h>\d{1,2}):(?P<m>\d{2})(?!\d)"
    r"|(?P<h2>(?<![\d.])\d{1,2}|十[一二]?|[一二两三四五六七八九]|二十[一二三]?)点(?![零〇一二三四五六七八九]{1,3}(?:公斤|千克|毫克|克|斤|米|厘米|公分|毫米|升|毫升|寸|尺|元|块|折|倍|个|成|瓦|千瓦|度|天|小时|年|万|亿|英寸|平))(?P<m2>半|\d{1,2}分?(?![\d元块天个件.])|[一二三四五]?十[一二三四五六七八九]?分?(?![元块天个件])|零[一二三四五六七八九]分?|整|钟|(?!\d)))"
)
_DATE = re.compile(
    r"(?:(?P<y>\d{4}|[零〇一二三四五六七八九]{4})年|(?P<y2>\d{4})[-/.](?=\d{1,2}[-/.]\d))?"
    r"(?:(?P<m>\d{1,2}|十[一二]?|[一二三四五六七八九])月(?!份)|(?<=[-/.])(?P<m2>\d{1,2})[-/.])"
    r"(?P<d>\d{1,2}|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])(?:日|号|(?!\d))"
)
_MONTH = re.compile(
    r"(?:(?P<y>\d{4}|[零〇一二三四五六七八九]{4})年)(?P<m>\d{1,2}|十[一二]?|[一二三四五六七八九])月(?:份|底|初|中旬)?(?![\d一二三四五六七八九十])"
)
_ISO = re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?!\d)")
_DAY = re.compile(
    r"(?<![第\da-z])(?P<d>\d{1,2}|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])号(?!店|色|链接|电池|楼|线|码|机|库|仓|\w?仓)"
)
_MODEL = re.compile(
    r"[a-z]+[a-z0-9]*-?\d[a-z0-9-]*(?:\s?(?:pro|max|plus|mini|ultra|se|lite)(?![a-z]))*|(?<![\d.])\d+[a-z]{2,}\d*(?![a-z])|第\s*(?:\d+|[一二三四五六七八九十百]+)(?:条|款|项|章|周|季|代|件)|\d{2,3}码|(?<![a-z])[2-5]?[smlx]{1,3}码|[一二三四五六七八九十\d]+(?:号电池|号链接|号色|段)|\d{6,}"
)
_PERCENT = re.compile(rf"百分之(?P<a>{NUMBER})|(?P<b>\d+(?:\.\d+)?)\s*%|(?P<c>{NUMBER})个百分点")
_RATIO = re.compile(
    rf"(?P<z>\d(?:\.\d)?|\d\d|[一二三四五六七八九](?:点?[一二三四五六七八九])?)折|(?P<c>{NUMBER})成(?!分|功|员|人|本|新)"
)


@cache
def _measure() -> re.Pattern[str]:
    unit = "|".join(re.escape(u) for u in sorted(units(), key=lambda u: -len(u)))
    number = NUMBER
    return re.compile(
        rf"(?P<cur>[¥￥])?(?P<neg>[-−])?(?P<a>{number})(?:(?:(?P<ua>{unit})?{_RANGE}|/)(?P<b>{number})\s*(?P<unit>{unit})?|\s*(?P<one>{unit})?)"
        rf"(?P<tail>(?:半(?!小时|天|年|个|斤))|(?:[零〇一二三四五六七八九\d]{{1,2}}(?![\d点.]|{unit})))?",
    )


def quantities(text: str) -> tuple[Quantity, ...]:
    """In order of appearance, never overlapping. `text` is folded text (see `text.fold`)."""
    taken: list[Quantity] = []
    masked = pattern("units", "frozen").sub(_hide, text)
    for finder in (_dates, _times, _percents):
        for found in finder(masked):
            taken.append(found)
            masked = masked[: found.start] + "\0" * (found.end - found.start) + masked[found.end :]
    masked = _mask(_mask(masked, _ORDINAL), _model_pattern())
    taken.extend(_measures(masked))
    merged = _join_compound(sorted(taken, key=lambda q: q.start), text)
    return tuple(_with_bound(q, text) for q in merged)


@cache
def _model_pattern() -> re.Pattern[str]:
    unit_like = "|".join(re.escape(u) for u in sorted(units(), key=lambda u: -len(u)) if u.isascii())
    return re.compile(
        _MODEL.pattern.replace(r"\d+[a-z]{2,}\d*", rf"(?!\d+(?:{unit_like})(?![a-z\d]))\d+[a-z]{{2,}}\d*")
    )


def models(text: str) -> list[tuple[int, int]]:
    """Spans of model names, article numbers, sizes and other labels that hold a digit but are no quantity."""
    return [m.span() for m in _model_pattern().finditer(text)]


def _hide(match: re.Match[str]) -> str:
    """一点 is no quantity, but 十一点 and 下午一点 are times."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    return match[0] if match[0] == "一点" and before in tuple("十午晚上晨早") else "\0" * len(match[0])


def _mask(text: str, what: re.Pattern[str]) -> str:
    return what.sub(lambda m: "\0" * len(m[0]), text)


def _dates(text: str) -> Iterator[Quantity]:
    last_month = 0
    spans: list[tuple[int, int]] = []
    found: list[tuple[int, int, int, int, int, str]] = []
    for match in [*_ISO.finditer(text), *_DATE.finditer(text)]:
        if any(a < match.end() and match.start() < b for a, b in spans):
            continue
        groups = match.groupdict()
        month = parse_number(groups.get("m") or groups.get("m2") or "")
        day, year = parse_number(groups["d"]), parse_number(groups.get("y") or groups.get("y2") or "0")
        if month and day and month <= 12 and day <= 31:
            spans.append(match.span())
            found.append((match.start(), match.end(), int(month), int(day), int(year or 0), match[0]))
    for start, end, month_n, day_n, year_n, words_ in sorted(found):
        last_month = month_n
        value = Fraction(month_n * 100 + day_n)
        yield Quantity("date", value, value, "", start, end, words_, year=year_n)
    for match in re.finditer(r"(?<=[至到—–~-])(\d{1,2})日", text):
        if last_month and not any(a < match.end() and match.start() < b for a, b in spans):
            spans.append(match.span())
            value = Fraction(last_month * 100 + int(match[1]))
            yield Quantity("date", value, value, "", match.start(), match.end(), match[0])
    for match in _MONTH.finditer(text):
        month, year = parse_number(match["m"]), parse_number(match["y"])
        if month and month <= 12 and not any(a < match.end() and match.start() < b for a, b in spans):
            spans.append(match.span())
            value = month * 100
            yield Quantity("date", value, value, "month", match.start(), match.end(), match[0], year=int(year or 0))
    for match in _DAY.finditer(text):
        day = parse_number(match["d"])
        if day and day <= 31 and not any(a < match.end() and match.start() < b for a, b in spans):
            yield Quantity("date", Fraction(day), Fraction(day), "day", match.start(), match.end(), match[0])


def _times(text: str) -> Iterator[Quantity]:
    for match in _TIME.finditer(text):
        hour = parse_number(match["h"] or match["h2"])
        if hour is None or hour > 24:
            continue
        if match["p"] in ("下午", "晚上", "晚", "傍晚") and hour < 12:
            hour += 12
        tail = match["m"] or match["m2"] or "0"
        minute = Fraction(30) if tail == "半" else parse_number(tail.rstrip("分整钟")) or Fraction(0)
        value = hour * 60 + minute
        unit = "" if match["p"] or match["h"] or hour > 12 else "halfday"
        yield Quantity("time", value, value, unit, match.start(), match.end(), match[0])


_FRACTION = re.compile(rf"(?P<of>{NUMBER})分之(?P<n>{NUMBER})|一半|对半|减半")


def _percents(text: str) -> Iterator[Quantity]:
    for match in _FRACTION.finditer(text):
        whole, part = parse_number(match["of"] or "2"), parse_number(match["n"] or "1")
        if whole and part and match["of"] != "百":
            yield Quantity("ratio", part / whole, part / whole, "%", match.start(), match.end(), match[0])
    for match in _PERCENT.finditer(text):
        value = parse_number(match["a"] or match["b"] or match["c"])
        if value is not None:
            yield Quantity("ratio", value / 100, value / 100, "%", match.start(), match.end(), match[0])
    for match in _RATIO.finditer(text):
        if match["z"]:
            digits = match["z"].replace("点", ".")
            value = parse_number(digits) if digits.replace(".", "").isdigit() else _spoken_fold(match["z"])
            if value is None:
                continue
            value = value / 100 if value > 10 else value / 10
        else:
            value = (parse_number(match["c"]) or Fraction(0)) / 10
        yield Quantity("ratio", value, value, "折", match.start(), match.end(), match[0])


def _spoken_fold(text: str) -> Fraction | None:
    digits = [parse_number(c) for c in text if c != "点"]
    if any(d is None for d in digits):
        return None
    return Fraction(int("".join(str(d) for d in digits)), 10 ** (len(digits) - 1))


def _measures(text: str) -> Iterator[Quantity]:
    position = 0
    while match := _measure().search(text, position):
        made = _measure_of(match)
        position = max(match.end() if made is None else made.end, match.start() + 1)
        if made is None:
            continue
        if made.dim == "number" and re.search(r"[×x*]\s*$", text[: made.start]):
            made = replace(made, dim="count", unit="个")
        elif made.dim == "number" and (product := _PRODUCT.match(text, made.end)):
            dim, factor = units().get(product["unit"], ("number", Fraction(1)))
            made = replace(made, dim=dim, low=made.low * factor, high=made.high * factor, unit=product["unit"])
        yield made


_PRODUCT = re.compile(r"\s*[×x*](?:\s*[\d.]+\s*[×x*])?\s*[\d.]+\s*(?P<unit>cm|mm|m|厘米|毫米|米)")


def _measure_of(match: re.Match[str]) -> Quantity | None:
    low = parse_number(match["a"])
    if low is None:
        return None
    unit = match["unit"] or match["one"] or match["ua"] or ("元" if match["cur"] else "")
    if not unit and not match["a"][0].isdigit() and len(match["a"]) < 2 and not match["b"]:
        return None
    high = parse_number(match["b"]) if match["b"] else low
    if high is None:
        return None
    dim, factor = units().get(unit, ("number", Fraction(1)))
    low_dim, low_factor = units().get(match["ua"] or unit, (dim, factor))
    if low_dim != dim:
        low_factor = factor
    end = match.end()
    if match["tail"]:
        extra = _tail(match, unit, dim, factor)
        if extra is None:
            end = match.start("tail")
        else:
            low, high = low + extra / low_factor, high + extra / factor
    return Quantity(dim, low * low_factor, high * factor, unit, match.start(), end, match.string[match.start() : end])


def _tail(match: re.Match[str], unit: str, dim: str, factor: Fraction) -> Fraction | None:
    """What the words after a unit add: 56块8, 一米六五, 两年半. None when they belong to something else."""
    tail = match["tail"]
    if tail == "半":
        return factor / 2 if unit else None
    value = parse_number(tail)
    if value is None or unit not in ("块", "元", "米", "斤", "公斤", "尺", "毛", "万"):
        return None
    if dim == "money" and unit == "元":
        return None
    return value * factor / Fraction(10 ** len(tail))


_JOINABLE = {"money", "clock", "calendar", "length", "mass", "volume"}


def _join_compound(found: list[Quantity], text: str) -> list[Quantity]:
    """七斤六两, 一小时三十分钟, 两个半小时, 三百块零五毛."""
    out: list[Quantity] = []
    for quantity in found:
        last = out[-1] if out else None
        if last and last.dim == quantity.dim and last.dim in _JOINABLE and last.end == quantity.start:
            ratio_ok = units()[quantity.unit][1] < units()[last.unit][1]
            if ratio_ok and not last.is_range and not quantity.is_range:
                value = last.low + quantity.low
                out[-1] = replace(last, low=value, high=value, end=quantity.end, text=text[last.start : quantity.end])
                continue
        if last and last.unit == "个" and last.end == quantity.start and quantity.text.startswith("半"):
            factor = units()[quantity.unit][1] if quantity.unit else Fraction(1)
            value = (last.low + Fraction(1, 2)) * factor
            out[-1] = replace(quantity, low=value, high=value, start=last.start, text=text[last.start : quantity.end])
            continue
        out.append(quantity)
    return out


_OFF = re.compile(r"(?:减免|立减|直减|优惠|抵扣|抵用|可抵|能减|能抵|减|抵|省|返)(?:了|掉|到)?$")
_THRESHOLD = re.compile(r"(?:满|凑够|够|达到|买到|凑到|不到|不足|不满|没到|没满|未满|超过)(?:了)?$")


def _with_bound(quantity: Quantity, text: str) -> Quantity:
    before, after = text[max(0, quantity.start - 7) : quantity.start], text[quantity.end : quantity.end + 4]
    role = "off" if _OFF.search(before) else "threshold" if _THRESHOLD.search(before) else ""
    return replace(quantity, bound=bound_of(before, after), role=role)
