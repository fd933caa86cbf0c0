from datetime import datetime

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class ImportRow(Base):
    """One finished import; a refused one leaves no trace but its report."""

    __tablename__ = "imports"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    row_count: Mapped[int]
    new_count: Mapped[int]
    changed_count: Mapped[int]
    unchanged_count: Mapped[int]
    created_by: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
