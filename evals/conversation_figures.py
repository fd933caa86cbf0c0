"""An oracle that shares no code with the guards: which figures does a sentence state, and does a given text hold them?

A figure is a number with its unit, a date, a time of day or an identifying number. Units of one kind are one unit
(1.1公斤 is 1100克, 30块 is 30元); a number whose unit is unknown on either side is compared by its value alone.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

Figure = tuple[str, str]
"""(unit or kind, value). Kinds: id, date (MM-DD), year, time (HH:MM)."""

_MARKER = re.compile(r"\[\d{1,2}\]")
_NAMES = re.compile(r"七天无理由|七日无理由|7天无理由|7日无理由|一品一码|再[^，。]{0,4}一次")
_ID = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,6}[-_]?\d[\dA-Za-z-]{4,}|\d{9,})(?![A-Za-z0-9])")
_DATES = (
    re.compile(r"(?<!\d)(?P<y>20\d\d)\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})(?!\d)\s*[日号]?"),
    re.compile(r"(?<!\d)(?P<m>1[0-2]|0?[1-9])月(?P<d>\d{1,2})(?!\d)[日号]?"),
    re.compile(r"(?<![\d-])(?P<m>1[0-2]|0[1-9])-(?P<d>[0-3]\d)(?![\d-])"),
)
_TIME = re.compile(
    r"(?<!\d)(?P<h>[01]?\d|2[0-4])(?::(?P<m>[0-5]\d)(?::[0-5]\d)?|[点时](?P<half>半|(?P<mm>[0-5]?\d)分)?)(?!\d)"
)
_NUMBER = re.compile(
    r"(?P<sign>¥\s*)?(?<![\d.])(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?=(?P<u>[^\d\s,，。;；:：()（）]{0,4}))"
)
_CHINESE = re.compile(r"(?P<n>[零一二两三四五六七八九十百千]+)(?=(?P<u>[^\s,，。;；]{1,4}))")

_UNITS: tuple[tuple[str, tuple[str, Decimal]], ...] = tuple(
    (word, (unit, Decimal(factor)))
    for unit, words in {
        "元": {"元": 1, "块": 1, "万元": 10000},
        "天": {"天": 1, "日": 1, "个自然日": 1, "个工作日": 1, "工作日": 1, "自然日": 1, "周": 7, "个星期": 7},
        "小时": {"小时": 1, "个小时": 1, "h": 1},
        "分钟": {"分钟": 1, "min": 1},
        "月": {"个月": 1, "月": 1},
        "年": {"年": 1},
        "克": {"公斤": 1000, "千克": 1000, "kg": 1000, "克": 1, "g": 1, "斤": 500},
        "毫米": {"厘米": 10, "cm": 10, "毫米": 1, "mm": 1, "米": 1000, "m": 1000},
        "毫升": {"毫升": 1, "ml": 1, "升": 1000, "l": 1000},
        "平方米": {"平方米": 1, "平米": 1, "㎡": 1},
        "瓦": {"瓦": 1, "w": 1},
        "度": {"度": 1, "℃": 1, "°": 1},
        "%": {"%": 1, "％": 1},
        "折": {"折": 1},
        "倍": {"倍": 1},
        "次": {"次": 1},
    }.items()
    for word, factor in words.items()
)
_EXACT = frozenset({"id", "date", "time", "year", "元"})
_BY_LENGTH = sorted(_UNITS, key=lambda item: -len(item[0]))
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}


def figures(text: str) -> list[Figure]:
    """In no order, with repeats left out. Chinese numerals count only before a unit: 一样 and 一下 are no figures."""
    rest = _NAMES.sub(" ", _MARKER.sub(" ", unicodedata.normalize("NFKC", text)))
    found: list[Figure] = []

    def take(pattern: re.Pattern[str], rest: str) -> str:
        for match in pattern.finditer(rest):
            found.extend(_figures_of(pattern, match))
        return pattern.sub(" ", rest)

    for pattern in (_ID, *_DATES, _TIME):
        rest = take(pattern, rest)
    for match in _NUMBER.finditer(rest):
        unit, factor = ("元", Decimal(1)) if match["sign"] else _unit(match["u"])
        found.append((unit, _plain(Decimal(match["n"].replace(",", "")) * factor)))
    for match in _CHINESE.finditer(rest):
        unit, factor = _unit(match["u"])
        if unit:
            found.append((unit, _plain(Decimal(_chinese(match["n"])) * factor)))
    return list(dict.fromkeys(found))


def _figures_of(pattern: re.Pattern[str], match: re.Match[str]) -> list[Figure]:
    if pattern is _ID:
        return [("id", match[0].upper())]
    if pattern is _TIME:
        minutes = 30 if match["half"] == "半" else int(match["m"] or match["mm"] or 0)
        return [("time", f"{int(match['h']):02d}:{minutes:02d}")]
    day = [("date", f"{int(match['m']):02d}-{int(match['d']):02d}")]
    return [*day, ("year", match["y"])] if "y" in match.groupdict() else day


def _unit(after: str) -> tuple[str, Decimal]:
    lowered = after.lower()
    return next((found for word, found in _BY_LENGTH if lowered.startswith(word)), ("", Decimal(1)))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _chinese(numeral: str) -> int:
    total, digit = 0, 0
    for character in numeral:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            total, digit = total + (digit or 1) * _PLACES[character], 0
    return total + digit


def unsupported(sentence: str, grounds: Iterable[str]) -> list[Figure]:
    """Figures of the sentence that none of the grounds holds. Where one side names no unit, the value decides; a bare
    number may stand for an amount of money but for nothing else that has a unit."""
    given = {figure for text in grounds for figure in figures(text)}
    bare = {value for unit, value in given if not unit}
    prices = {value for unit, value in given if unit == "元"}
    return [
        (unit, value)
        for unit, value in figures(sentence)
        if (unit, value) not in given
        and not (not unit and value in prices)
        and not (unit not in _EXACT and value in bare)
    ]
