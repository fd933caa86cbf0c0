"""Promises of future work and claims of done deeds: words no evidence clause can back by itself."""

import re
from functools import cache

from agents.guards.lexicon import load
from agents.guards.text import fold
from agents.guards.verdict import Finding

_DENIED = re.compile(r"(?:不|没|未|无法|不能|没法)[^,。;]{0,2}$")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(expression)) for kind, many in load("promises").items() for expression in many)


def find_promises(sentence: str) -> tuple[Finding, ...]:
    """`detail` is done, future, compensation or guarantee; spans are of the folded sentence and do not overlap."""
    text = fold(sentence)
    found: list[tuple[int, int, str]] = []
    for kind, expression in _patterns():
        for match in expression.finditer(text):
            if _DENIED.search(text[: match.start()]) or any(a < match.end() and match.start() < b for a, b, _ in found):
                continue
            found.append((match.start(), match.end(), kind))
    return tuple(Finding(kind="promise", span=text[a:b], detail=kind) for a, b, kind in sorted(found))
