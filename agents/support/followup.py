"""A follow-up such as “那运费呢？” says little alone: the topic of the shopper's previous message is put before it."""

import re
from collections.abc import Sequence
from functools import partial

from agents.support.floor_text import pattern_in
from agents.support.screen import normalise
from agents.support.triage_types import Utterance

_OWN_WORDS = 2
_BARE = re.compile(r"那么?|还有|另外|请问|这[个种样]?|它|呢|啊|呀|嘛|吗|为什么|怎么[办样]?|[?？。!！,，\s]")
_CLAUSE = re.compile(r"[,，。;；!！?？]+")
_ASKS = re.compile(
    r"谁|哪|啥|什么|怎么|咋|几|多久|多少|吗$|呢$|能不能|可不可以|是不是|有没有|会不会|行不行|[能可]以?.{0,6}不$"
)
_LONGEST = 24
_TOPIC = 80


_pattern = partial(pattern_in, "followup.yaml")


def is_followup(text: str) -> bool:
    return len(text) <= _LONGEST and bool(_pattern("leans").search(text)) and not _pattern("alone").search(text)


def asks(clause: str) -> bool:
    """Whether a clause is a question by its own words."""
    return bool(_ASKS.search(clause.rstrip("呀啊哦哈嘛撒咧")))


def standalone_query(text: str, history: Sequence[Utterance]) -> str:
    """The message itself, or topic and message joined when it leans on what was said before."""
    if not is_followup(text):
        return text
    said = [normalise(entry.text) for entry in history if str(entry.role) == "user"]
    topic = next((line for line in reversed(said) if not is_followup(line) and len(line) > 2), "")
    if not topic or topic == text:
        return text
    return f"{_situation(topic, text).rstrip('?？。!！ ')[:_TOPIC]}，{text}"


def _situation(topic: str, text: str) -> str:
    """A follow-up that asks something of its own takes over the situation told before, not the question put then."""
    if len(_BARE.sub("", text)) < _OWN_WORDS:
        return topic
    told = [clause for clause in _CLAUSE.split(topic) if clause and not _ASKS.search(clause)]
    return "，".join(told) or topic
