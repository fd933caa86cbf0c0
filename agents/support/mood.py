"""Mood by words and by situation: something broken, late or unanswered is negative even when told calmly."""

import re
from functools import cache

from agents.handoff.reasons import HandoffReason
from agents.support.floor_text import compile_all, load
from agents.support.triage_types import Sentiment

_ALWAYS_NEGATIVE = {
    HandoffReason.SAFETY,
    HandoffReason.LEGAL,
    HandoffReason.COMPLAINT,
    HandoffReason.REPEATED_FAILURE,
}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    pattern = compile_all(load("mood.yaml")[name])
    if pattern is None:
        raise ValueError(name)
    return pattern


def mood(text: str, reason: HandoffReason | None = None) -> Sentiment:
    """`text` is folded."""
    if reason in _ALWAYS_NEGATIVE or _pattern("negative").search(text):
        return "neg"
    if _pattern("situation").search(text) and not _pattern("calm").search(text):
        return "neg"
    if _pattern("positive").search(text):
        return "pos"
    return "neu"
