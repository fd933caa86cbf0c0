from datetime import date, datetime

from sqlalchemy import BigInteger, FetchedValue, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class Document(Base):
    """One version of a document. `doc` is its key across versions, `content` the file as it came, for re-parsing."""

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    doc: Mapped[str]
    source: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int]
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str]
    effective_from: Mapped[date | None]
    effective_to: Mapped[date | None]
    state: Mapped[str] = mapped_column(server_default="pending")
    error: Mapped[str] = mapped_column(server_default="")
    chunk_count: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())

    @property
    def number(self) -> int:
        return self.version


class ChunkRow(Base):
    __tablename__ = "chunks"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    document_id: Mapped[str]
    ordinal: Mapped[int]
    kind: Mapped[str]
    article: Mapped[int | None]
    path: Mapped[list[str]]
    text: Mapped[str]
    tokens: Mapped[int]


class UnitRow(Base):
    __tablename__ = "units"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    chunk_id: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    sha256: Mapped[str]


class VectorRow(Base):
    """`vector`: float32 little-endian bytes, unit length, of the passage side of `embedder`."""

    __tablename__ = "vectors"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    embedder: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class IndexLogEntry(Base):
    """Every change of what is searchable; `seq` is the version an index has applied or not."""

    __tablename__ = "index_log"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shop_id: Mapped[str]
    document_id: Mapped[str]
    op: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class IndexState(Base):
    __tablename__ = "index_state"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    collection: Mapped[str] = mapped_column(primary_key=True)
    applied_seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
