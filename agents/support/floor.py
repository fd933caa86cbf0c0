"""Floor rules: what goes to a person whatever any model or document says (service.md §2 step 2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.handoff.reasons import HandoffReason, most_urgent
from agents.support.floor_history import history_findings
from agents.support.floor_rules import Reading, asks_law, floor_rules
from agents.support.floor_text import fold, without_product_talk
from agents.support.triage_types import Utterance


@dataclass(frozen=True)
class FloorFinding:
    """All reasons that hold, most urgent first; `rules` names the rules in the order they are written."""

    reasons: tuple[HandoffReason, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def reason(self) -> HandoffReason | None:
        return most_urgent(self.reasons)


def assess(text: str, history: Sequence[Utterance] = ()) -> FloorFinding:
    """`text` is screened (normalised, not masked)."""
    folded = fold(text)
    reading = Reading(
        text=without_product_talk(folded),
        whole=folded.replace("\n", ""),
        law_question=asks_law(folded),
        has_history=bool(history),
    )
    found = {rule.id: rule.reason for rule in floor_rules() if rule.fires(reading)}
    found |= history_findings(folded, history)
    order = list(HandoffReason)
    return FloorFinding(tuple(sorted(set(found.values()), key=order.index)), tuple(found))
