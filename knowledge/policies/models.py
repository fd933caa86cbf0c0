from datetime import date, datetime
from typing import Any

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class PolicyTermsRow(Base):
    """`terms` is a `PolicyTerms`; of several in force the newest version counts."""

    __tablename__ = "policy_terms"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    terms: Mapped[dict[str, Any]]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
