"""Words on live facts — an order, a price, a computed right — may use no content word, figure or negation of their
own.

Each clause must be covered by one sentence of the evidence, so that the state of one order cannot be told of another
and a figure cannot change its subject. Plain on purpose: where money and parcels are concerned, fluent is no excuse.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from agents.guards.statements import split_statements
from agents.guards.text import fold
from agents.guards.verdict import Finding
from knowledge.index.cut import words
from knowledge.index.near_miss import function_words

_CLAUSE = re.compile(r"[，,；;：:。！？!?]+")
_FIGURE = re.compile(r"[a-z]{0,4}\d+(?:[.:]\d+)*")
_NEGATION = re.compile(r"[不没未无非别]")


@cache
def _free() -> frozenset[str]:
    """Words that tell nothing of an order: courtesy, and the glue of a sentence."""
    raw = (Path(__file__).parent / "data" / "polite.txt").read_text(encoding="utf-8")
    return frozenset(raw.split()) | function_words()


def check_closed(evidence: Sequence[str], statement: str) -> list[Finding]:
    """Empty when every clause of the statement is one evidence sentence told in that sentence's own words."""
    sources = [fold(sentence) for text in evidence for sentence in split_statements(text)]
    text = fold(statement)
    if any(text.rstrip("。！？；") in source for source in sources):
        return []
    whole = [source for source in sources if _covers(source, text)]
    if whole:
        return []
    return [
        Finding(kind="live_fact", span=clause, detail="not in one sentence of the live facts")
        for clause in _CLAUSE.split(text)
        if clause.strip() and not any(_covers(source, clause) for source in sources)
    ] or ([] if _one_subject(sources, text) else [Finding(kind="live_fact", span=text, detail="joins two facts")])


def _covers(source: str, clause: str) -> bool:
    if not set(_FIGURE.findall(clause)) <= set(_FIGURE.findall(source)):
        return False
    if len(_NEGATION.findall(clause)) > len(_NEGATION.findall(source)):
        return False
    if _NEGATION.search(source) and not _NEGATION.search(clause) and _shares_verb(source, clause):
        return False
    return all(word in source for word in words(clause) if word not in _free() and not word.isspace())


def _shares_verb(source: str, clause: str) -> bool:
    """A clause of the source that the statement repeats is negated there."""
    return any(
        _NEGATION.search(part) and any(word in part for word in words(clause) if word not in _free())
        for part in _CLAUSE.split(source)
    )


def _one_subject(sources: Sequence[str], text: str) -> bool:
    """Clauses taken from several sentences must be of one subject: sentences that name the same order or product."""
    subjects = [
        _subject(next(source for source in sources if _covers(source, clause)))
        for clause in _CLAUSE.split(text)
        if clause.strip() and any(word not in _free() for word in words(clause))
    ]
    return len(set(subjects)) <= 1


def _subject(source: str) -> str:
    found = re.search(r"订单([a-z]{0,4}\d{6,})|[“「]([^”」]+)[”」]", source)
    return found[0] if found else source
