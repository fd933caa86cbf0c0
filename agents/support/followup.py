"""A follow-up such as “那运费呢？” says little alone: the topic of the shopper's previous message is put before it."""

import re
from collections.abc import Sequence
from functools import cache

from agents.support.floor_text import compile_all, load
from agents.support.screen import normalise
from agents.support.triage_types import Utterance

_LONGEST = 24
_TOPIC = 80


@cache
def _pattern(name: str) -> re.Pattern[str]:
    pattern = compile_all(load("followup.yaml")[name])
    if pattern is None:
        raise ValueError(name)
    return pattern


def is_followup(text: str) -> bool:
    return len(text) <= _LONGEST and bool(_pattern("leans").search(text)) and not _pattern("alone").search(text)


def standalone_query(text: str, history: Sequence[Utterance]) -> str:
    """The message itself, or topic and message joined when it leans on what was said before."""
    if not is_followup(text):
        return text
    said = [normalise(entry.text) for entry in history if str(entry.role) == "user"]
    topic = next((line for line in reversed(said) if not is_followup(line) and len(line) > 2), "")
    if not topic or topic == text:
        return text
    return f"{topic.rstrip('?？。!！ ')[:_TOPIC]}，{text}"
