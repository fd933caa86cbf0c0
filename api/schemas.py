"""Bodies of requests and responses; names here are the public contract."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field

from knowledge.kit.db import check_storable
from knowledge.kit.errors import InvalidInputError


def _storable(value: str) -> str:
    try:
        check_storable("", value)
    except InvalidInputError as error:
        raise ValueError(error.detail) from error
    return value


Words = Annotated[str, AfterValidator(_storable)]
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class ErrorBody(BaseModel):
    code: str
    detail: str
    data: dict[str, Any]


class ShopOut(BaseModel):
    id: str
    name: str


class OpenConversation(BaseModel):
    shop_id: Words = Field(min_length=1, max_length=64)


class ConversationOpened(BaseModel):
    """`token` is shown once; every later call of the shopper carries it as a Bearer token."""

    conversation_id: str
    token: str
    shop: ShopOut
    greeting: str
    suggestions: list[str]


class PostMessage(BaseModel):
    """`client_key` makes a retry safe: the same key again stores nothing and returns what it returned before."""

    text: str
    client_key: Words | None = Field(default=None, max_length=100)


class MessageAccepted(BaseModel):
    message_id: str
    position: int
    turn_id: str | None
    owner: Literal["bot", "handoff"]


class CitationOut(BaseModel):
    number: int
    chunk_id: str
    doc: str
    title: str
    article: int | None
    section: str
    effective_from: date | None


class MessageOut(BaseModel):
    id: str
    position: int
    author: Literal["shopper", "bot", "operator", "system"]
    text: str
    citations: list[CitationOut]
    created_at: datetime


class ConversationOut(BaseModel):
    """`last_offset`: follow events after it and nothing is missed or repeated."""

    id: str
    owner: Literal["bot", "handoff"]
    state: Literal["open", "closed"]
    shop: ShopOut
    messages: list[MessageOut]
    last_offset: int


class SourceOut(BaseModel):
    chunk_id: str
    doc: str
    title: str
    section: str
    article: int | None
    text: str
    version: int
    effective_from: date | None


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


class HandoffOut(BaseModel):
    id: str
    origin: str
    subject_id: str
    reason: str
    reasons: list[str]
    state: str
    priority: int
    packet: dict[str, Any]
    enqueued_at: datetime


class Health(BaseModel):
    status: Literal["ok"]
    version: str


class Readiness(BaseModel):
    """`dense`: chroma when this process owns the index, exact when it compares in memory."""

    status: Literal["ready", "not_ready"]
    database: bool
    dense: Literal["chroma", "exact"]
    writer: str
