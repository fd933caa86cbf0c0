"""What a shopper sends and reads."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from api.schemas.base import ShopOut, Words

AttachmentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
IdentityToken = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class OpenConversation(BaseModel):
    """`identity_token`: signed by the shop's server for a shopper who is signed in there."""

    shop_id: Words = Field(min_length=1, max_length=64)
    identity_token: IdentityToken | None = None


class ShopperOut(BaseModel):
    """A shopper whose identity is proven. `tier` is empty where the shop told us none."""

    name: str
    tier: str


class ConversationOpened(BaseModel):
    """`token` is shown once; every later call of the shopper carries it as a Bearer token."""

    conversation_id: str
    token: str
    shop: ShopOut
    greeting: str
    suggestions: list[str]
    shopper: ShopperOut | None = None


class ProveIdentity(BaseModel):
    identity_token: IdentityToken


class IdentityProven(BaseModel):
    """`token` replaces the one the call was made with, which opens nothing any more."""

    token: str
    shopper: ShopperOut


class PostMessage(BaseModel):
    """`client_key` makes a retry safe: the same key again stores nothing and returns what it returned before.
    `text` may be empty where a picture says it."""

    text: str
    client_key: Words | None = Field(default=None, max_length=100)
    attachment_ids: list[AttachmentId] = Field(default=[], max_length=9)


class MessageAccepted(BaseModel):
    message_id: str
    position: int
    turn_id: str | None
    owner: Literal["bot", "handoff"]


class AttachmentOut(BaseModel):
    attachment_id: str
    media_type: Literal["image/jpeg", "image/png", "image/webp"]
    width: int
    height: int


class CitationOut(BaseModel):
    number: int
    chunk_id: str
    doc: str
    title: str
    article: int | None
    section: str
    effective_from: date | None


class MessageOut(BaseModel):
    """`cards` are orders, products, comparisons … beside the words: `kind` tells which."""

    id: str
    position: int
    author: Literal["shopper", "bot", "operator", "system"]
    text: str
    citations: list[CitationOut]
    cards: list[dict[str, Any]]
    attachments: list[AttachmentOut]
    created_at: datetime


class WaitingOut(BaseModel):
    """`position` 1 is next; 0 and no wait once a person has taken over. `expected_wait_s` is an estimate
    in open hours; `opens_in_s` comes on top while nobody is there outside them. `operator_name`: who has taken over."""

    handoff_id: str
    reason: str
    state: Literal["queued", "claimed"]
    position: int
    expected_wait_s: int
    opens_in_s: int = 0
    operator_name: str = ""


class RatingIn(BaseModel):
    """`solved` stays out where the shopper did not say."""

    score: int = Field(ge=1, le=5)
    solved: bool | None = None
    comment: Words = Field(default="", max_length=500)


class RatingOut(BaseModel):
    score: int
    solved: bool | None
    comment: str


class ConversationOut(BaseModel):
    """`last_offset`: follow events after it and nothing is missed or repeated. `handoff`: the one now open, if any."""

    id: str
    owner: Literal["bot", "handoff"]
    state: Literal["open", "closed"]
    shop: ShopOut
    shopper: ShopperOut | None
    handoff: WaitingOut | None
    rating: RatingOut | None
    messages: list[MessageOut]
    last_offset: int


class SourceOut(BaseModel):
    """`chunk_id` names a clause of a document, or a fact that held when it was told: an order, a price."""

    chunk_id: str
    doc: str
    title: str
    section: str
    article: int | None
    text: str
    version: int
    effective_from: date | None
