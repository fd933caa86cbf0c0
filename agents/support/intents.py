"""Intents by topic words: clear topics first, a hint only where nothing is clear; floor findings add theirs."""

import re
from dataclasses import dataclass
from functools import cache

from agents.handoff.reasons import HandoffReason
from agents.support.floor import FloorFinding
from agents.support.floor_text import compile_all, load
from agents.support.triage_types import Intent

_MOST = 2
_VAGUE = {Intent.OTHER, Intent.CHIT_CHAT, Intent.PRODUCT_QUESTION}
_BY_REASON = {
    HandoffReason.SAFETY: Intent.SAFETY_INJURY,
    HandoffReason.LEGAL: Intent.LEGAL_THREAT,
    HandoffReason.FRAUD: Intent.ACCOUNT_SECURITY,
    HandoffReason.CUSTOMER_REQUEST: Intent.HUMAN_REQUEST,
    HandoffReason.COMPLAINT: Intent.COMPLAINT,
    HandoffReason.IDENTITY: Intent.ACCOUNT_SECURITY,
}


@dataclass(frozen=True)
class _Topic:
    intent: Intent
    clear: re.Pattern[str]
    hint: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    silences: frozenset[Intent]


@cache
def _topics() -> tuple[_Topic, ...]:
    topics = []
    for name, raw in load("intents.yaml")["topics"].items():
        clear = compile_all(raw["clear"])
        if clear is None:
            raise ValueError(name)
        silenced = frozenset(Intent(each) for each in raw.get("silences", []))
        hint, unless = compile_all(raw.get("hint", [])), compile_all(raw.get("unless", []))
        topics.append(_Topic(Intent(name), clear, hint, unless, silenced))
    return tuple(topics)


def _topics_in(text: str, *, hints: bool = True) -> list[Intent]:
    """Clear topics in the order they are first named, at most two; else the first hint."""
    allowed = [topic for topic in _topics() if not (topic.unless and topic.unless.search(text))]
    at = {topic: found.start() for topic in allowed if (found := topic.clear.search(text))}
    silenced = {intent for topic in at for intent in topic.silences}
    if len(at) > 1:
        silenced.add(Intent.PRODUCT_QUESTION)  # its words are everyday words: it stands only when alone
    named = sorted((topic for topic in at if topic.intent not in silenced), key=lambda topic: at[topic])
    if named:
        return [topic.intent for topic in named][:_MOST]
    if not hints:
        return []
    return [topic.intent for topic in allowed if topic.hint and topic.hint.search(text)][:1]


@cache
def _talk(name: str) -> re.Pattern[str]:
    pattern = compile_all(load("intents.yaml")[name])
    if pattern is None:
        raise ValueError(name)
    return pattern


def _plain(text: str, query: str) -> list[Intent]:
    if _talk("small_talk").search(text):
        return [Intent.CHIT_CHAT]
    if named := _topics_in(text, hints=False):
        return named
    if _talk("light_talk").search(text):
        return [Intent.CHIT_CHAT]
    return _topics_in(query) or [Intent.OTHER]


def intents_of(text: str, query: str, finding: FloorFinding) -> tuple[Intent, ...]:
    """`text` and `query` are folded. A safety matter stands alone: what else was said can wait."""
    reason = finding.reason
    if reason is None or reason not in _BY_REASON:
        topics = _plain(text, query)
        if reason is HandoffReason.POLICY_DISCRETION and topics[0] in _VAGUE:
            topics = [Intent.RETURN_EXCHANGE]
        return tuple(topics)
    first = _BY_REASON[reason]
    if reason is HandoffReason.FRAUD and finding.rules[0] == "fraud.counterfeit":
        first = Intent.COMPLAINT
    if reason in (HandoffReason.SAFETY, HandoffReason.IDENTITY):
        return (first,)
    extra = [intent for intent in _topics_in(text, hints=False) if intent not in (first, *_VAGUE)]
    if reason is HandoffReason.FRAUD:
        extra = [intent for intent in extra if intent is Intent.ORDER_CANCEL]
    if (
        reason in (HandoffReason.LEGAL, HandoffReason.CUSTOMER_REQUEST)
        and not extra
        and _talk("grievance").search(text)
    ):
        extra = [Intent.COMPLAINT]
    return (first, *extra[:1])
