"""The words the steps of a turn pass to each other, from question to decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, Field

from agents.guards.verdict import Finding
from agents.handoff.reasons import HandoffReason
from agents.support.cards import Card
from agents.support.triage_types import Triage, Utterance
from knowledge.evidence import Evidence
from knowledge.index.hybrid import Features
from knowledge.orders.views import ShopperView
from knowledge.retrieval import Hit

Outcome = Literal["answered", "clarified", "abstained", "handed_off"]


class ToolNeed(BaseModel):
    tool: str
    query: str = ""


class AnswerDraft(BaseModel):
    """What a writer returns: sentences ending in [n] markers of the evidence they rest on."""

    answer: str
    citations: list[int] = Field(default_factory=list)
    needs: list[ToolNeed] = Field(default_factory=list)


@dataclass(frozen=True)
class Question:
    """`subject_id` is the turn: ledger rows and logs carry it. `shopper` is who was proven to ask, None a guest."""

    shop_id: str
    subject_id: str
    text: str
    history: tuple[Utterance, ...] = ()
    shopper: ShopperView | None = None
    pictures: int = 0
    identity_failures: int = 0


@dataclass(frozen=True)
class Gathered:
    """Evidence admitted and numbered, what was retrieved, and how well it fits the question."""

    query: str
    evidence: tuple[Evidence, ...] = ()
    hits: tuple[Hit, ...] = ()
    features: Features = field(default_factory=Features)
    degraded: bool = False
    embed_ms: float = 0.0
    foil: float | None = None  # cosine to the nearest question shop documents do not answer
    near: Mapping[str, float] = field(default_factory=dict)  # group of tool_wordings.yaml to cosine; empty when unknown


@dataclass(frozen=True)
class Decision:
    """How a turn ends. `sentences` are verified and carry markers that `citations` explain."""

    outcome: Outcome
    sentences: tuple[str, ...]
    triage: Triage
    citations: tuple[dict[str, Any], ...] = ()
    gathered: Gathered = field(default_factory=lambda: Gathered(query=""))
    writer: str = "offline"
    reason: HandoffReason | None = None
    rejected: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    tools: tuple[tuple[str, str], ...] = ()
    """What was asked of which tool, and what it came to."""

    @property
    def text(self) -> str:
        return "".join(self.sentences)
