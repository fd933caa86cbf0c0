"""Parsers of one cell: stripped, non-empty text in, a value out.

Raises: BrokenRuleError, each of them.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from knowledge.imports.refusal import BrokenRuleError

Parser = Callable[[str], Any]

LIST_SEPARATOR = "\x1f"
"""Between the items of a list that came as one (JSON), so that no item is cut at a comma of its own."""

_MAX_FEN = 10**13
_MAX_INT = 2**31 - 1
_MONEY = re.compile(r"[¥￥]?\s*(?:(\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.(\d+))?)\s*元?", re.ASCII)
_FEN = re.compile(r"(\d+)(?:\.0+)?\s*分?", re.ASCII)
_INTEGER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_QUOTED = re.compile(r'="(.*)"')
_PHONE = re.compile(r"[+\d*][\d*\s()-]{4,30}", re.ASCII)
_WORDS = re.compile(r"[\n\r|;；、,，]+")
_SENTENCES = re.compile(r"[\n\r|;；]+")
_YES = frozenset(["是", "有", "对", "真", "true", "t", "yes", "y", "1", "√", "✓", "✔", "已确认", "已投保"])
_NO = frozenset(["否", "无", "没有", "错", "假", "false", "f", "no", "n", "0", "×", "✗", "✘", "未确认", "未投保"])


def text(limit: int) -> Parser:
    def parse(raw: str) -> str:
        if len(raw) > limit:
            raise BrokenRuleError(f"at most {limit} characters")
        return raw

    return parse


def identifier(raw: str) -> str:
    """Ids stay text: 00123 keeps its zeros; what a spreadsheet has turned into a number in E notation is refused."""
    if raw[0] == "=" and (quoted := _QUOTED.fullmatch(raw)):
        raw = quoted[1].strip()
    elif raw[0] == "'":
        raw = raw[1:].strip()
    if not 1 <= len(raw) <= 64:
        raise BrokenRuleError("1 to 64 characters")
    if _CONTROL.search(raw):
        raise BrokenRuleError("no control characters or line breaks")
    if _SCIENTIFIC.fullmatch(raw):
        raise BrokenRuleError("an id, not a number in scientific notation: format the column as text")
    return raw


@lru_cache(maxsize=65_536)
def money(raw: str) -> int:
    """Yuan as people write them → fen: `129`, `¥129.00`, `1,299元`."""
    match = _MONEY.fullmatch(raw)
    if match is None:
        if raw.lstrip("¥￥ ").startswith(("-", "−", "－")):
            raise BrokenRuleError("not negative")
        raise BrokenRuleError("an amount in yuan such as 129, ¥129.00 or 1,299元")
    yuan, cents = match[1].replace(",", "").replace("，", ""), match[2] or ""
    if len(cents) > 2:
        raise BrokenRuleError("at most 2 decimals")
    return _bounded(int(yuan) * 100 + int(cents.ljust(2, "0")))


def fen(raw: str) -> int:
    """Of a column whose header says that it counts fen."""
    if (match := _FEN.fullmatch(raw)) is None:
        raise BrokenRuleError("whole fen, not negative")
    return _bounded(int(match[1]))


def _bounded(amount_fen: int) -> int:
    if amount_fen > _MAX_FEN:
        raise BrokenRuleError("at most 100 billion yuan")
    return amount_fen


def integer(least: int) -> Parser:
    @lru_cache(maxsize=65_536)
    def parse(raw: str) -> int:
        if (match := _INTEGER.fullmatch(raw)) is None:
            raise BrokenRuleError(f"a whole number of at least {least}")
        value = int(match[1].replace(",", ""))
        if not least <= value <= _MAX_INT:
            raise BrokenRuleError(f"a whole number from {least} to {_MAX_INT}")
        return value

    return parse


def boolean(raw: str) -> bool:
    word = raw.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BrokenRuleError("是 or 否")


def choice(words: Mapping[str, str]) -> Parser:
    """`words`: every accepted word in lower case, codes included → its code."""
    codes = "/".join(dict.fromkeys(words.values()))

    def parse(raw: str) -> str:
        code = words.get(raw) or words.get(raw.lower())
        if code is None:
            raise BrokenRuleError(f"one of {codes} or their Chinese names")
        return code

    return parse


def phone(raw: str) -> str:
    if _PHONE.fullmatch(raw) is None:
        raise BrokenRuleError("a phone number")
    return raw


def email(raw: str) -> str:
    if len(raw) > 200 or raw.count("@") != 1 or raw[0] == "@" or raw[-1] == "@" or " " in raw:
        raise BrokenRuleError("an e-mail address")
    return raw


def words(raw: str) -> list[str]:
    return _split(raw, _WORDS)


def sentences(raw: str) -> list[str]:
    return _split(raw, _SENTENCES)


def _split(raw: str, separators: re.Pattern[str]) -> list[str]:
    parts = raw.split(LIST_SEPARATOR) if LIST_SEPARATOR in raw else separators.split(raw)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def json_of(parse: Parser) -> Parser:
    """For a jsonb column."""

    def dumped(raw: str) -> str:
        return json.dumps(parse(raw), ensure_ascii=False)

    return dumped
