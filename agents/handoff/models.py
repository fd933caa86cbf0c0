from datetime import datetime
from typing import Any

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class Handoff(Base):
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
    fence: Mapped[int] = mapped_column(server_default="0")
    packet: Mapped[dict[str, Any]]
    claimed_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    enqueued_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
