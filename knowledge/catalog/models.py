from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class Product(Base):
    """The current state; `revision` points at the facts in force. `product_id` is the shop's own."""

    __tablename__ = "products"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    title: Mapped[str]
    category: Mapped[str]
    brand: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="on_sale")
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class ProductRevision(Base):
    """Never changes once written; `facts` is a `ProductFacts`."""

    __tablename__ = "product_revisions"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class Sku(Base):
    """Price as in the revision in force; stock moves without a revision and is None where the shop does not tell it."""

    __tablename__ = "skus"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    sku_id: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    price_fen: Mapped[int] = mapped_column(BigInteger)
    stock: Mapped[int | None]
    stock_at: Mapped[datetime | None]


class PricePoint(Base):
    """The list price of a sku from an instant until the next point; offers are not in it."""

    __tablename__ = "price_points"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    sku_id: Mapped[str] = mapped_column(primary_key=True)
    from_at: Mapped[datetime] = mapped_column(primary_key=True)
    price_fen: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]


class Offer(Base):
    """A price or a reduction in a window [starts_at, ends_at). `product_id` empty: the whole shop; `audience` all, new
    or a tier. A price kind (sale, live, flash) has `price_fen`; coupon and threshold have `off_fen`."""

    __tablename__ = "offers"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    offer_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    product_id: Mapped[str | None]
    sku_id: Mapped[str | None]
    price_fen: Mapped[int | None] = mapped_column(BigInteger)
    off_fen: Mapped[int | None] = mapped_column(BigInteger)
    threshold_fen: Mapped[int | None] = mapped_column(BigInteger)
    audience: Mapped[str] = mapped_column(server_default="all")
    terms: Mapped[str] = mapped_column(server_default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class TraceRecord(Base):
    """One physical item or batch (一品一码): `steps` are {on, place, what} in time order."""

    __tablename__ = "trace_records"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    sku_id: Mapped[str | None]
    batch: Mapped[str] = mapped_column(server_default="")
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    origin: Mapped[str] = mapped_column(server_default="")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
