"""The first three steps of a support turn — screen, floor rules, understand — with no model and no I/O."""

from collections.abc import Sequence

from agents.support.floor import assess
from agents.support.screen import screen
from agents.support.triage_types import Triage, Utterance
from agents.support.understand import understand


def triage(message: str, history: Sequence[Utterance] = ()) -> Triage:
    screened = screen(message)
    finding = assess(screened.without_numbers, history)
    understood = understand(screened.text, history, finding, numbered=screened.without_numbers)
    return Triage(
        handoff_reason=finding.reason,
        intents=understood.intents,
        slots=understood.slots,
        sentiment=understood.sentiment,
        query=understood.query,
        floor_rules=finding.rules,
    )
