"""What the operator reads before acting, so that nobody has to ask the shopper again (service.md §4)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class TranscriptEntry(BaseModel):
    model_config = ConfigDict(frozen=True)

    author: str
    text: str
    at: str


class Packet(BaseModel):
    """`ask` is one line in Chinese; `tried` names what the bot did; `missing` what the shop's knowledge lacks.
    `shopper` is who was proven to ask; `cards` the orders and computed results at hand; `attachment_ids` the pictures
    sent."""

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
    cards: tuple[dict[str, Any], ...] = ()
    attachment_ids: tuple[str, ...] = ()
    suggested_reply: str = ""
