from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class Handoff(Base):
    """`enqueued_at` is when the work first came, and what it ages by; `queued_at` when it last entered the queue.
    `fence` counts claims. `first_reply_at` is the first word of any person, `last_reply_at` the latest. `returns` tells
    how often timers took it back, `paused_s` business seconds spent waiting for the shopper until the last reply."""

    __tablename__ = "handoffs"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    origin: Mapped[str]
    subject_id: Mapped[str]
    trigger_id: Mapped[str]
    reason: Mapped[str]
    reasons: Mapped[list[str]]
    state: Mapped[str] = mapped_column(server_default="queued")
    priority: Mapped[int]
    rank: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    vip: Mapped[bool] = mapped_column(server_default="false")
    skills: Mapped[list[str]] = mapped_column(server_default="{}")
    sticky_operator: Mapped[str | None]
    incident_id: Mapped[str | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    packet: Mapped[dict[str, Any]]
    claimed_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    enqueued_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    queued_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    claimed_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    last_reply_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str] = mapped_column(server_default="")
    returns: Mapped[int] = mapped_column(server_default="0")
    paused_s: Mapped[int] = mapped_column(server_default="0")
    sla_warned: Mapped[list[str]] = mapped_column(server_default="{}")
    sla_breached: Mapped[list[str]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class HandoffTrigger(Base):
    """`body_sha256` is empty for triggers older than the queue's second release."""

    __tablename__ = "handoff_triggers"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[str] = mapped_column(primary_key=True)
    trigger_id: Mapped[str] = mapped_column(primary_key=True)
    handoff_id: Mapped[str]
    reason: Mapped[str]
    body_sha256: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class HandoffPlace(Base):
    """The place the shopper was last told."""

    __tablename__ = "handoff_places"

    handoff_id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    position: Mapped[int]


class HandoffNote(Base):
    __tablename__ = "handoff_notes"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    handoff_id: Mapped[str]
    operator_id: Mapped[str]
    fence: Mapped[int]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class OperatorPresence(Base):
    __tablename__ = "operator_presence"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    operator_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default="")
    skills: Mapped[list[str]] = mapped_column(server_default="{}")
    capacity: Mapped[int] = mapped_column(server_default="5")
    status: Mapped[str] = mapped_column(server_default="online")
    last_seen_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class Incident(Base):
    """`cause` is the key that its handoffs share; at most one open incident a cause."""

    __tablename__ = "incidents"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    title: Mapped[str]
    cause: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    decision: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    ended_at: Mapped[datetime | None]


class HandoffDraft(Base):
    """A reply an incident's decision prepared; nobody has read it yet while its state is draft."""

    __tablename__ = "handoff_drafts"

    handoff_id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="draft")
    message_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class HandoffMove(Base):
    """Lives within one transaction: at its commit the database audits the move, tells the desk's stream what `data`
    holds, and removes the row."""

    __tablename__ = "handoff_moves"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shop_id: Mapped[str]
    handoff_id: Mapped[str]
    subject_id: Mapped[str]
    order_ids: Mapped[list[str]]
    action: Mapped[str]
    actor: Mapped[str]
    fence: Mapped[int]
    detail: Mapped[dict[str, Any]]
    data: Mapped[dict[str, Any] | None]


class AuditEntry(Base):
    """`hash` = sha256(prev_hash + body); the first entry of a shop follows 64 zeros."""

    __tablename__ = "handoff_audit"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    handoff_id: Mapped[str]
    subject_id: Mapped[str]
    order_ids: Mapped[list[str]]
    action: Mapped[str]
    actor: Mapped[str]
    fence: Mapped[int]
    at: Mapped[datetime]
    body: Mapped[str]
    prev_hash: Mapped[str]
    hash: Mapped[str]
