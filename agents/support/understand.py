"""What the shopper wants, about what, in which mood, as a question that stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.support.floor import FloorFinding
from agents.support.floor_text import fold
from agents.support.followup import standalone_query
from agents.support.intents import intents_of
from agents.support.mood import mood
from agents.support.slots import slots_of
from agents.support.triage_types import Intent, Sentiment, Utterance


@dataclass(frozen=True)
class Understood:
    intents: tuple[Intent, ...]
    slots: dict[str, str]
    sentiment: Sentiment
    query: str


def understand(
    text: str, history: Sequence[Utterance], finding: FloorFinding, *, numbered: str | None = None
) -> Understood:
    """`text` is screened; `numbered` the same without personal numbers, which are no slots. Intents of a follow-up are
    read from its standalone form where its own words name none."""
    query = standalone_query(text, history)
    folded = fold(text)
    return Understood(
        intents=intents_of(folded, fold(query), finding),
        slots=slots_of(text if numbered is None else numbered),
        sentiment=mood(folded, finding.reason),
        query=query,
    )
