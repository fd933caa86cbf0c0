"""Expectations in terms of the seeded shop: `{order:LC….signed_on + 7}`, `{now:P2003-1}` stand for what is true there.

They are read from the demo data that was seeded and from the clock, never through a tool, a price rule or a policy of
the product, so that an error there cannot agree with itself. A value renders to every way of writing it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from evals.figures import folded
from knowledge.catalog.facts import ProductFacts
from knowledge.catalog.offers import OfferView
from knowledge.demo.catalogue import demo_offers, demo_price_points, demo_products
from knowledge.demo.orders import demo_orders, demo_shoppers
from knowledge.kit.clock import shanghai_date
from knowledge.kit.errors import InvalidInputError
from knowledge.orders.views import OrderIn, ShopperIn

_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_SIGN = re.compile(r"\s+([+-])\s+")  # with spaces: ids of skus and offers hold hyphens
_PART = re.compile(r"(item|parcel|refund)(\d)$")


@dataclass(frozen=True)
class Money:
    fen: int


Value = Money | date | int | str


class SeededShop:
    """The demo shop as it is at `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.orders: Mapping[str, OrderIn] = {order.order_id: order for order in demo_orders(now)}
        self.products: Mapping[str, ProductFacts] = {p.facts.product_id: p.facts for p in demo_products()}
        self.stock: Mapping[str, int] = {sku: count for p in demo_products() for sku, count in p.stock.items()}
        self.offers: Mapping[str, OfferView] = {offer.offer_id: offer for offer in demo_offers(now)}
        self.shoppers: Mapping[str, ShopperIn] = {shopper.shopper_id: shopper for shopper in demo_shoppers()}
        self.listed: dict[str, int] = {}
        for point in demo_price_points(now):
            if point.from_at <= now:
                self.listed[point.sku_id] = point.price_fen

    def order_ids(self, shopper_id: str) -> set[str]:
        return {order.order_id for order in self.orders.values() if order.shopper_id == shopper_id}

    def public_fen(self, sku_id: str) -> int:
        """List price, or the lowest sale or flash price for all that runs."""
        running = [
            offer.price_fen
            for offer in self.offers.values()
            if offer.product_id == sku_id.rpartition("-")[0] and offer.sku_id in (None, sku_id)
            and offer.kind in ("sale", "flash") and offer.audience == "all"
            and offer.starts_at <= self.now < offer.ends_at and offer.price_fen is not None
        ]  # fmt: skip
        return min([self.listed[sku_id], *running])

    def value(self, expression: str) -> Value:
        """Terms joined by + and -: days may be added to a date, money to money. Raises: InvalidInputError."""
        first, *rest = _SIGN.split(expression.strip())
        total = self._term(first)
        for sign, text in zip(rest[::2], rest[1::2], strict=True):
            total = _sum(total, self._term(text), -1 if sign == "-" else 1, expression)
        return total

    def _term(self, text: str) -> Value:
        if text.isdigit():
            return int(text)
        kind, _, rest = text.partition(":")
        name, _, field = rest.partition(".")
        readers: dict[str, Callable[[], Value]] = {
            "order": lambda: _of_order(self.orders[name], field),
            "price": lambda: Money(self.listed[name]),
            "now": lambda: Money(self.public_fen(name)),
            "stock": lambda: self.stock[name],
            "attr": lambda: _attribute(self.products[name], field),
            "title": lambda: self.products[name].title,
            "offer": lambda: _of_offer(self.offers[name], field),
            "shopper": lambda: str(getattr(self.shoppers[name], field)),
            "day": lambda: shanghai_date(self.now) + timedelta(days=int(name)),
        }
        try:
            return readers[kind]()
        except (KeyError, AttributeError, IndexError, ValueError) as error:
            raise InvalidInputError(
                f"{{{text}}} names nothing in the demo shop.", field=text, rule="see README"
            ) from error

    def alternatives(self, fact: str) -> list[str]:
        """Every way to write one fact: its |-parts, with templates filled in all their forms."""
        return [text for part in fact.split("|") for text in self._filled(part)]

    def _filled(self, text: str) -> list[str]:
        pieces = _TEMPLATE.split(text)
        forms = [[piece] if at % 2 == 0 else written(self.value(piece)) for at, piece in enumerate(pieces)]
        return ["".join(choice) for choice in product(*forms)]


def _sum(one: Value, other: Value, sign: int, expression: str) -> Value:
    if isinstance(one, Money) and isinstance(other, Money):
        return Money(one.fen + sign * other.fen)
    if isinstance(one, date) and isinstance(other, int):
        return one + timedelta(days=sign * other)
    if isinstance(one, Money) and isinstance(other, int):
        return Money(one.fen + sign * other * 100)
    raise InvalidInputError(f"{{{expression}}} adds what cannot be added.", field=expression, rule="like to like")


def _of_order(order: OrderIn, field: str) -> Value:
    head, _, rest = field.partition(".")
    if part := _PART.match(head):
        rows: dict[str, Any] = {"item": order.items, "parcel": order.shipments, "refund": order.refunds}
        return _read(rows[part[1]][int(part[2]) - 1], rest)
    return _read(order, field)


def _of_offer(offer: OfferView, field: str) -> Value:
    return _read(offer, field)


def _read(row: Any, field: str) -> Value:
    """`paid` reads paid_fen, `signed_on` the Shanghai day of signed_at, `last` a parcel's newest step."""
    if field in ("last_on", "last_text"):
        step = row.steps[-1]
        return shanghai_date(step.at) if field == "last_on" else str(step.text)
    if hasattr(row, f"{field}_fen"):
        return Money(getattr(row, f"{field}_fen"))
    value = getattr(row, field) if hasattr(row, field) else getattr(row, f"{field.removesuffix('_on')}_at")
    if isinstance(value, datetime):
        return shanghai_date(value)
    if value is None or not isinstance(value, str | int | date):
        raise AttributeError(field)
    return value


def _attribute(facts: ProductFacts, name: str) -> str:
    return next(each.value for each in facts.attributes if each.name == name)


def written(value: Value) -> list[str]:
    """The forms a reader accepts; the first is how the shop itself writes."""
    if isinstance(value, Money):
        yuan, fen = divmod(value.fen, 100)
        numbers = [f"{yuan}"] if not fen else [f"{yuan}.{fen:02d}".rstrip("0")]
        numbers = list(dict.fromkeys([*numbers, f"{yuan}.{fen:02d}"]))
        return [form for number in numbers for form in (f"{number}元", f"¥{number}", f"{number}块")]
    if isinstance(value, date):
        m, d = value.month, value.day
        days = [
            f"{m}月{d}日",
            f"{m}月{d}号",
            f"{m:02d}月{d:02d}日",
            f"{m:02d}-{d:02d}",
            f"{m}-{d}",
            f"{m}/{d}",
        ]
        return list(dict.fromkeys(days))
    return [str(value)]


def holds(text: str, wanted: str) -> bool:
    """After NFKC and without white space; a number is not found inside a longer one."""
    inside, needle = folded(text), folded(wanted)
    before = r"(?<![\d.])" if needle[:1].isdigit() else ""
    after = r"(?!\d)(?!\.\d)" if needle[-1:].isdigit() else ""
    return re.search(before + re.escape(needle) + after, inside, re.IGNORECASE) is not None
