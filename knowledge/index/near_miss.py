"""The words of a query that carry its topic: what an answer would have to hold, and what to name when it does not."""

import functools
from pathlib import Path

from knowledge.index.cut import words


@functools.cache
def function_words() -> frozenset[str]:
    lines = (Path(__file__).parent / "stopwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def content_terms(query: str) -> list[str]:
    """Words in query order without the words that say how it is asked; a query of nothing else keeps all of them."""
    cut_words = list(dict.fromkeys(words(query)))
    return [word for word in cut_words if word not in function_words()] or cut_words
