"""A floor rule is an act in a stance: patterns that must stand, and readings (negated, asked) that undo them."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from agents.handoff.reasons import HandoffReason
from agents.support.floor_text import LEXICON, compile_all, load


@dataclass(frozen=True)
class Reading:
    """What a rule may look at. `text` has one clause a line; `law_question`: asks what the law says of sellers."""

    text: str
    whole: str
    law_question: bool
    has_history: bool


@dataclass(frozen=True)
class FloorRule:
    id: str
    reason: HandoffReason
    act: re.Pattern[str]
    whole_message: bool
    not_before: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    unless_message: re.Pattern[str] | None
    all_message: re.Pattern[str] | None
    spares_law_questions: bool
    needs_history: bool
    good: tuple[str, ...]
    bad: tuple[str, ...]

    def fires(self, reading: Reading) -> bool:
        if self.needs_history and not reading.has_history:
            return False
        if self.spares_law_questions and reading.law_question:
            return False
        if self.unless_message and self.unless_message.search(reading.text):
            return False
        if self.all_message and not self.all_message.search(reading.text):
            return False
        text = reading.whole if self.whole_message else reading.text
        found = self.act.search(text)
        while found and not self._stands(text, found):
            end = text.find("\n", found.start(), found.end())  # what is undone in one clause may stand in the next
            found = self.act.search(
                text, max(end, found.start() + 1) if end >= 0 else max(found.end(), found.start() + 1)
            )
        return found is not None

    def _stands(self, text: str, found: re.Match[str]) -> bool:
        start = text.rfind("\n", 0, found.start()) + 1
        end = text.find("\n", found.end())
        clauses = text[start : end if end >= 0 else len(text)]
        if self.not_before and self.not_before.search(text[start : found.start()]):
            return False
        return not (self.unless and self.unless.search(clauses))


def _rule(raw: dict[str, Any], family: dict[str, Any]) -> FloorRule:
    act = compile_all(raw["any"])
    if act is None:
        raise ValueError(f"{raw['id']}: a floor rule needs at least one pattern under `any`")
    return FloorRule(
        id=raw["id"],
        reason=HandoffReason(family["reason"]),
        act=act,
        whole_message=raw.get("scope") == "message",
        not_before=compile_all(raw.get("not_before", [])),
        unless=compile_all(raw.get("unless", [])),
        unless_message=compile_all(raw.get("unless_message", [])),
        all_message=compile_all(raw.get("all_message", [])),
        spares_law_questions=family.get("unless_law_question", False),
        needs_history=raw.get("needs_history", False),
        good=tuple(raw["good"]),
        bad=tuple(raw["bad"]),
    )


@cache
def floor_rules() -> tuple[FloorRule, ...]:
    rules: list[FloorRule] = []
    for path in sorted((LEXICON / "floor").glob("*.yaml")):
        family = load(f"floor/{path.name}")
        rules.extend(_rule(raw, family) for raw in family["rules"])
    return tuple(rules)


@cache
def _stance(name: str) -> re.Pattern[str]:
    pattern = compile_all([f"{{{name}}}"])
    if pattern is None:
        raise ValueError(name)
    return pattern


def asks_law(text: str) -> bool:
    """A question on what sellers may do or a statute gives, neither addressed to this shop nor a threat."""
    if _stance("addressed").search(text) or _stance("threat").search(text) or not _stance("question").search(text):
        return False
    return bool(_stance("third_seller").search(text) or _stance("lawword").search(text))
