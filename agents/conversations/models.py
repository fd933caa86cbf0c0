from datetime import datetime
from typing import Any

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class Conversation(Base):
    """`owner` is bot or handoff; `fence` grows whenever it changes or a new question supersedes the old one.
    `shopper_id`, the shop's own id, is set once the shopper's identity is proven, and never changes after that;
    `shopper_name` is what the proof called them. `identity_failures` counts failed proofs since the last good one."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    shopper_id: Mapped[str | None]
    token_hash: Mapped[str]
    previous_token_hash: Mapped[str | None]
    identified_at: Mapped[datetime | None]
    shopper_name: Mapped[str] = mapped_column(server_default="")
    identity_failures: Mapped[int] = mapped_column(server_default="0")
    channel: Mapped[str] = mapped_column(server_default="web")
    owner: Mapped[str] = mapped_column(server_default="bot")
    fence: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str] = mapped_column(server_default="open")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class Message(Base):
    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    conversation_id: Mapped[str]
    position: Mapped[int]
    author: Mapped[str]
    text: Mapped[str]
    citations: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    cards: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    attachment_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    turn_id: Mapped[str | None]
    client_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class Turn(Base):
    """`fence` is the conversation's fence when the question was accepted; `record` is what the turn rested on."""

    __tablename__ = "turns"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    conversation_id: Mapped[str]
    message_id: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="accepted")
    fence: Mapped[int]
    attempts: Mapped[int] = mapped_column(server_default="0")
    lease_until: Mapped[datetime | None]
    outcome: Mapped[str | None]
    writer: Mapped[str | None]
    record: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    finished_at: Mapped[datetime | None]


class Attachment(Base):
    """A picture a shopper sent, re-encoded without its metadata."""

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    conversation_id: Mapped[str]
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class Rating(Base):
    """`score` 1–5; `solved` None where the shopper did not say."""

    __tablename__ = "ratings"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    score: Mapped[int]
    solved: Mapped[bool | None]
    comment: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
