"""Named values in a message, each exactly as the shopper wrote it (after NFKC)."""

import re
from functools import cache

from agents.support.floor_text import load

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


@cache
def _patterns() -> dict[str, list[re.Pattern[str]]]:
    raw = load("slots.yaml")["patterns"]
    return {name: [re.compile(each, re.IGNORECASE) for each in forms] for name, forms in raw.items()}


@cache
def _vocabulary(name: str) -> re.Pattern[str]:
    words = {word for group in load(f"{name}.yaml").values() for word in group.split()}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


@cache
def _noise() -> re.Pattern[str]:
    return re.compile("|".join(load("slots.yaml")["not_products"]))


def product_in(text: str) -> str | None:
    """The last of adjoining product words is the head (机器人扫地机 → 扫地机); of separate ones the first is meant."""
    clean = _noise().sub(lambda found: "□" * len(found[0]), text)
    found = _vocabulary("products").search(clean)
    while found and (after := _vocabulary("products").match(clean, found.end())):
        found = after
    if found:
        return text[found.start() : found.end()]
    return None


def amount_value(written: str) -> str:
    """Chinese numerals as digits: 一千二 → 1200, 三百 → 300; digits stay as written."""
    if not written or written[0].isdigit():
        return written
    total = section = digit = 0
    unit = 1
    for char in written:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            unit = _UNITS[char]
            section += (digit or 1) * unit
            digit = 0
        elif char == "万":
            total, section, digit, unit = total + (section + digit) * 10_000, 0, 0, 10_000
    tail = digit * (unit // 10 if unit > 10 and "零" not in written else 1)
    return str(total + section + tail)


def slots_of(text: str) -> dict[str, str]:
    """`text` is screened, not folded: a value must equal what was written; the first matching pattern wins."""
    slots: dict[str, str] = {}
    for name, forms in _patterns().items():
        for form in forms:
            if found := form.search(text):
                slots[name] = next(group for group in (*found.groups(), found[0]) if group)
                break
    if "amount" in slots:
        slots["amount"] = amount_value(slots["amount"])
    if place := _vocabulary("regions").search(text):
        slots["region"] = place[0]
    if product := product_in(text):
        slots["product"] = product
    return slots
