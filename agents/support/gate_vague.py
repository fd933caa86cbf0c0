"""Questions that name nothing: “这个怎么弄” after no earlier topic. Asking back beats guessing."""

from collections.abc import Iterable

from knowledge.index.cut import words
from knowledge.index.near_miss import function_words
from knowledge.retrieval import Hit

_EMPTY = frozenset(["看看", "意思", "问题", "处理", "解决", "操作", "回事", "情况", "东西"])
_OPTIONS = 3
_SHORTEST, _LONGEST = 2, 16  # characters of an option


def is_vague(query: str) -> bool:
    """No word of the (standalone) question carries a topic."""
    known = function_words()
    return all(word in _EMPTY or word in known or all(char in known for char in word) for word in words(query))


def options_of(hits: Iterable[Hit]) -> tuple[str, ...]:
    """Up to three topics of the nearest hits, most specific name first."""
    names = (hit.path[-1] if hit.path else hit.title for hit in hits)
    fitting = (name.strip("？?。 ") for name in names)
    return tuple(dict.fromkeys(name for name in fitting if _SHORTEST <= len(name) <= _LONGEST))[:_OPTIONS]
