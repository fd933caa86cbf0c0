from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class ChatwootConnection(Base):
    """One agent bot of one Chatwoot account. `secret` signs what it delivers, `bot_token` opens its API. `reached_at`
    and `failed_at` with `error` tell how its API answered last, `received_at` when it last delivered anything."""

    __tablename__ = "chatwoot_connections"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    base_url: Mapped[str]
    account_id: Mapped[int] = mapped_column(BigInteger)
    bot_token: Mapped[str] = mapped_column(server_default="")
    secret: Mapped[str] = mapped_column(server_default="")
    require_signature: Mapped[bool] = mapped_column(server_default="true")
    team_id: Mapped[int | None] = mapped_column(BigInteger)
    labels: Mapped[list[str]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    received_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")


class ChatwootConversation(Base):
    __tablename__ = "chatwoot_conversations"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    connection_id: Mapped[str]
    chatwoot_id: Mapped[int] = mapped_column(BigInteger)
    is_current: Mapped[bool] = mapped_column(server_default="true")
    planned_offset: Mapped[int] = mapped_column(BigInteger, server_default="0")
    busy_by: Mapped[str | None]
    busy_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class ChatwootDelivery(Base):
    """`signed`: the signature was there and good; only then is what it says of identity worth anything."""

    __tablename__ = "chatwoot_deliveries"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shop_id: Mapped[str]
    connection_id: Mapped[str]
    delivery_id: Mapped[str]
    event: Mapped[str]
    chatwoot_id: Mapped[int | None] = mapped_column(BigInteger)
    signed: Mapped[bool]
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[str] = mapped_column(server_default="waiting")
    why: Mapped[str] = mapped_column(server_default="")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    received_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class ChatwootMessage(Base):
    __tablename__ = "chatwoot_messages"

    connection_id: Mapped[str] = mapped_column(primary_key=True)
    chatwoot_message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shop_id: Mapped[str]
    message_id: Mapped[str]


class ChatwootStep(Base):
    """`subject_id` is the message or handoff it is about. `started_at` is its first attempt; one that may have reached
    Chatwoot without our knowing is looked for there before it is made again."""

    __tablename__ = "chatwoot_steps"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shop_id: Mapped[str]
    connection_id: Mapped[str]
    conversation_id: Mapped[str]
    kind: Mapped[str]
    subject_id: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    why: Mapped[str] = mapped_column(server_default="")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    chatwoot_message_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
