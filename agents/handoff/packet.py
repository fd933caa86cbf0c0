"""What the operator reads before acting, so that nobody has to ask the shopper again (service.md §4)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class TranscriptEntry(BaseModel):
    model_config = ConfigDict(frozen=True)

    author: str
    text: str
    at: str


class Suggestion(BaseModel):
    """A reply nobody was sent; it passed the same guards as the bot's own, and its markers are those of `citations`."""

    model_config = ConfigDict(frozen=True)

    text: str
    citations: tuple[dict[str, Any], ...] = ()


class Risk(BaseModel):
    """Words that may bind the shop: said by the bot, asked for, or open by the rules. `where` is said, asked or
    computed."""

    model_config = ConfigDict(frozen=True)

    where: str
    kind: str
    span: str


class Packet(BaseModel):
    """`ask` is one line in Chinese; `tried` names what the bot did; `missing` what the shop's knowledge lacks.
    `shopper` is who was proven to ask, None a guest; `identity` tells in a word: proven, guest or failed. `cards` are
    the orders as they stood (`order_ids`) and what was computed, of which `policies` tell the clauses.
    `attachment_ids` are the pictures sent, `merged` later triggers; `expected_wait_s` is what the shopper was told."""

    model_config = ConfigDict(frozen=True)

    reason: str
    ask: str
    intents: tuple[str, ...] = ()
    slots: dict[str, str] = Field(default_factory=dict)
    sentiment: str = "neu"
    floor_rules: tuple[str, ...] = ()
    transcript: tuple[TranscriptEntry, ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    tried: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    shopper: dict[str, Any] | None = None
    identity: str = "guest"
    order_ids: tuple[str, ...] = ()
    cards: tuple[dict[str, Any], ...] = ()
    policies: tuple[dict[str, Any], ...] = ()
    attachment_ids: tuple[str, ...] = ()
    suggestion: Suggestion | None = None
    risks: tuple[Risk, ...] = ()
    expected_wait_s: int | None = None
    merged: tuple[dict[str, Any], ...] = ()

    def merged_as(self) -> dict[str, Any]:
        """What is kept of it beside the packet of the handoff that takes it in."""
        return {
            "reason": self.reason,
            "ask": self.ask,
            "intents": list(self.intents),
            "slots": self.slots,
            "cards": list(self.cards),
            "evidence": list(self.evidence),
        }
