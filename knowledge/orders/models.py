from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class Shopper(Base):
    """`shopper_id` is the shop's own; phone, email and address are personal data: masked wherever they are shown."""

    __tablename__ = "shoppers"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    shopper_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default="")
    tier: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    email: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class Order(Base):
    """`note` is the shopper's own words: untrusted. `paid_fen` includes freight and is after discounts."""

    __tablename__ = "orders"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    shopper_id: Mapped[str]
    state: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default="shelf")
    broadcast_id: Mapped[str | None]
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    promised_ship_at: Mapped[datetime | None]
    paid_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    freight_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    discount_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    freight_insured: Mapped[bool] = mapped_column(server_default="false")
    invoice_state: Mapped[str] = mapped_column(server_default="none")
    address: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class OrderItem(Base):
    """`paid_fen` is what was paid for the whole line, discounts shared out, freight left out."""

    __tablename__ = "order_items"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(server_default="")
    sku_id: Mapped[str] = mapped_column(server_default="")
    title: Mapped[str]
    sku_name: Mapped[str] = mapped_column(server_default="")
    quantity: Mapped[int]
    unit_price_fen: Mapped[int] = mapped_column(BigInteger)
    paid_fen: Mapped[int] = mapped_column(BigInteger)
    customised: Mapped[bool] = mapped_column(server_default="false")
    confirmed_no_return: Mapped[bool] = mapped_column(server_default="false")


class Shipment(Base):
    """`steps` are {at, text, place} in time order; their texts are the carrier's: untrusted."""

    __tablename__ = "shipments"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    tracking_no: Mapped[str] = mapped_column(primary_key=True)
    courier: Mapped[str]
    state: Mapped[str]
    shipped_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    expected_on: Mapped[date | None]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")


class Refund(Base):
    """Any after-sales case of an order; `line` None means the whole order."""

    __tablename__ = "refunds"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    refund_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    line: Mapped[int | None]
    kind: Mapped[str]
    state: Mapped[str]
    amount_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reason: Mapped[str] = mapped_column(server_default="")
    requested_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    paid_out_at: Mapped[datetime | None]
