from datetime import datetime
from decimal import Decimal

from sqlalchemy import FetchedValue, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class ModelCall(Base):
    __tablename__ = "model_calls"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    subject_id: Mapped[str]
    prompt: Mapped[str]
    prompt_sha256: Mapped[str]
    model: Mapped[str]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    ms: Mapped[int]
    cost_fen: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    outcome: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class ModelSettingsRow(Base):
    """The model a shop chose in the console; empty fields fall back to the process's own settings."""

    __tablename__ = "model_settings"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    base_url: Mapped[str] = mapped_column(server_default="")
    model: Mapped[str] = mapped_column(server_default="")
    api_key: Mapped[str] = mapped_column(server_default="")
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
