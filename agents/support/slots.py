"""Named values in a message, each exactly as the shopper wrote it (after NFKC)."""

import re
from functools import cache

from agents.support.floor_text import load


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


def slots_of(text: str) -> dict[str, str]:
    """`text` is screened, not folded: a value must equal what was written. First pattern that matches gives the value."""
    slots: dict[str, str] = {}
    for name, forms in _patterns().items():
        for form in forms:
            if found := form.search(text):
                slots[name] = next(group for group in (*found.groups(), found[0]) if group)
                break
    if place := _vocabulary("regions").search(text):
        slots["region"] = place[0]
    if product := product_in(text):
        slots["product"] = product
    return slots
