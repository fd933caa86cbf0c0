from datetime import datetime

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class Webhook(Base):
    """An address of the shop's that is told of `topics`. `previous_secret` signs beside the new one until
    `previous_until`."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    url: Mapped[str]
    topics: Mapped[list[str]]
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_until: Mapped[datetime | None]
    enabled: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class WebhookDelivery(Base):
    """One outbox row for one address. `next_attempt_at` also holds it for whoever is trying now; `last_status` is the
    receiver's latest answer, None where there was none, and `error` tells in a word what was wrong."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    webhook_id: Mapped[str]
    outbox_id: Mapped[str]
    topic: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    last_status: Mapped[int | None]
    error: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    finished_at: Mapped[datetime | None]
