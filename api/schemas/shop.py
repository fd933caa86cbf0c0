"""What a shop's own systems send and read with an API key."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from api.schemas.conversations import AttachmentOut


class DocumentOut(BaseModel):
    id: str
    doc: str
    title: str
    kind: str
    source: str
    version: int
    state: Literal["pending", "ready", "failed"]
    error: str
    chunk_count: int
    effective_from: date | None
    effective_to: date | None
    created_at: datetime


class DocumentAdded(BaseModel):
    """`unchanged`: the newest version already is this file with these dates; nothing was stored."""

    document: DocumentOut
    unchanged: bool


class ConversationLineOut(BaseModel):
    """`shopper_id` is empty for a guest; `outcomes` are those of its turns, each once, in order; `score` the rating."""

    id: str
    shopper_id: str
    owner: Literal["bot", "handoff"]
    state: Literal["open", "closed"]
    created_at: datetime
    updated_at: datetime
    messages: int
    first_words: str
    outcomes: list[str]
    score: int | None


class IdentityKeyMade(BaseModel):
    """`secret` is shown this once; the shop's server signs shopper tokens with it."""

    id: str
    secret: str


class IdentityKeyOut(BaseModel):
    id: str
    created_at: datetime
    retired_at: datetime | None


class ExportedAttachment(AttachmentOut):
    created_at: datetime
    content_base64: str


class ExportedConversation(BaseModel):
    """One conversation with everything that hangs on it, rows as they are stored."""

    conversation: dict[str, Any]
    messages: list[dict[str, Any]]
    attachments: list[ExportedAttachment]
    rating: dict[str, Any] | None
    turns: list[dict[str, Any]]
    handoffs: list[dict[str, Any]]


class ShopperExport(BaseModel):
    """All that is held on one shopper. `shopper` and `orders` are the shop's own record, as it is imported."""

    shopper_id: str
    exported_at: datetime
    shopper: dict[str, Any] | None
    orders: list[dict[str, Any]]
    conversations: list[ExportedConversation]
