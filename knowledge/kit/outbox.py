"""Side effects that leave the house are rows first, written in the transaction that causes them."""

from datetime import datetime
from typing import Any

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base, Scope
from knowledge.kit.ids import new_id


class OutboxRow(Base):
    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


async def post(scope: Scope, topic: str, payload: dict[str, Any]) -> str:
    """Returns the row's id, the idempotency key of its delivery, which is at least once."""
    row = OutboxRow(id=new_id("out"), shop_id=scope.shop_id, topic=topic, payload=payload)
    scope.session.add(row)
    return row.id
