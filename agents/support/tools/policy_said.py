"""Which computed sentences a question gets: what it asks for comes first; what only documents tell is left to them."""

import re
from collections.abc import Sequence
from functools import cache, partial
from itertools import zip_longest

from agents.support.floor_text import compile_all, load, pattern_in

_FILE = "policy_asks.yaml"
_SAID = 3
_ON_REQUEST = ("coupon", "again")  # told to those who ask
_pattern = partial(pattern_in, _FILE)


@cache
def _aspects() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    raw = load(_FILE)
    found = {name: (compile_all(raw["asks"][name]), compile_all(raw["line"][name])) for name in raw["asks"]}
    return {name: (asks, line) for name, (asks, line) in found.items() if asks and line}


def aspects_of(question: str) -> tuple[str, ...]:
    """In the order in which the question comes to them."""
    found = ((asks.search(question), name) for name, (asks, _) in _aspects().items())
    return tuple(name for at, name in sorted((hit.start(), name) for hit, name in found if hit))


def asks_whether(question: str) -> bool:
    return bool(_pattern("allowed").search(question))


def told(question: str, lines: Sequence[str], extra: Sequence[str] = ()) -> tuple[str, ...]:
    """Best first. `extra` are lines said only when one of the aspects asked for needs them. Nothing where the question
    is after what no line tells."""
    asked = aspects_of(question)
    known = [name for name in asked if any(_answers(name, line) for line in (*lines, *extra))]
    whether = asks_whether(question)
    if not known and not whether and (asked or _pattern("elsewhere").search(question)):
        return ()
    each = [[line for line in (*extra, *lines) if _answers(name, line)] for name in known]
    leading = [line for best in zip_longest(*each) for line in best if line]  # one of each aspect, then the next
    verdict = lines[:1] if whether else ()
    rest = [line for line in lines if not any(_answers(name, line) for name in _ON_REQUEST)]
    return tuple(dict.fromkeys((*verdict, *leading, *rest)))[:_SAID]


def settled(question: str, lines: Sequence[str]) -> bool:
    """Everything asked for is told by a line, so that nothing is left for a person."""
    asked = aspects_of(question)
    return bool(asked) and not asks_whether(question) and all(any(_answers(n, one) for one in lines) for n in asked)


def _answers(aspect: str, line: str) -> bool:
    return bool(_aspects()[aspect][1].search(line))
