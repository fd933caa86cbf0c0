"""What the demo shop sells, at which prices, and the figures of its own rules. All of it is fictional."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from knowledge.catalog.facts import ProductFacts
from knowledge.catalog.offers import OfferView
from knowledge.catalog.pricing import ListPrice, list_price_at, public_price
from knowledge.catalog.views import TraceStep, TraceView
from knowledge.demo.moments import moment
from knowledge.documents.parse_yaml import load_mapping
from knowledge.policies.terms import PolicyTerms

_FIRST_PRICE = "-95 00:00"


@dataclass(frozen=True)
class DemoProduct:
    """`stock` by sku id; a sku that is not in it is one whose stock the shop does not tell."""

    facts: ProductFacts
    stock: Mapping[str, int]


@cache
def demo_products() -> tuple[DemoProduct, ...]:
    """By id; the same on every day, so that seeding again makes no new revision."""
    folder = files("knowledge.demo") / "catalogue"
    rows = [row for sheet in folder.iterdir() for row in _data(f"catalogue/{sheet.name}")["products"]]
    found = (_product(row) for row in rows)
    return tuple(sorted(found, key=lambda product: product.facts.product_id))


def demo_offers(now: datetime) -> list[OfferView]:
    """Running, ended and to come, around the Shanghai day of `now`."""
    return [_offer(row, now) for row in _data("offers.yaml")["offers"]]


def demo_price_points(now: datetime) -> list[ListPrice]:
    """List prices of the last 95 days, oldest first within a sku; its last one is the price of today."""
    changed = {row["product_id"]: row for row in _data("offers.yaml")["prices"]}
    points = []
    for product in demo_products():
        row = changed.get(product.facts.product_id)
        for sku in product.facts.skus:
            steps = [(_FIRST_PRICE, row["was"]), *row["changes"]] if row else [(_FIRST_PRICE, sku.price_fen)]
            points += [ListPrice(sku_id=sku.sku_id, from_at=moment(at, now), price_fen=fen) for at, fen in steps]
    return points


def demo_traces(today: date) -> list[TraceView]:
    """One code each; dates count from `today`, a Shanghai day."""
    return [_trace(row, today) for row in _data("traces.yaml")["records"]]


@cache
def demo_policy_terms() -> PolicyTerms:
    return PolicyTerms.model_validate(_data("terms.yaml"))


class DemoPrices:
    """What a sku cost anybody at an instant of the demo shop's past."""

    def __init__(self, now: datetime) -> None:
        self._offers = demo_offers(now)
        self._points: dict[str, list[ListPrice]] = {}
        for point in demo_price_points(now):
            self._points.setdefault(point.sku_id, []).append(point)
        self._products = {sku.sku_id: p.facts for p in demo_products() for sku in p.facts.skus}

    def product(self, sku_id: str) -> ProductFacts:
        return self._products[sku_id]

    def coupon(self, offer_id: str) -> OfferView:
        return next(offer for offer in self._offers if offer.offer_id == offer_id)

    def at(self, sku_id: str, instant: datetime, *, live: bool = False) -> int:
        """`live`: bought from the room, where the live price counts as well."""
        points = self._points[sku_id]
        listed = list_price_at(points, instant)
        product_id = self._products[sku_id].product_id
        offers = [offer for offer in self._offers if offer.product_id == product_id]
        public = public_price(points[0].price_fen if listed is None else listed, offers, sku_id, instant).price_fen
        lower = [o.price_fen for o in offers if live and o.kind == "live" and o.runs_at(instant) and o.covers(sku_id)]
        return min([public, *(fen for fen in lower if fen is not None)])


@cache
def _data(name: str) -> dict[str, Any]:
    return load_mapping(name, (files("knowledge.demo") / name).read_text(encoding="utf-8"))


def _product(row: Mapping[str, Any]) -> DemoProduct:
    facts = ProductFacts.model_validate({name: value for name, value in row.items() if name != "stock"})
    return DemoProduct(facts, {sku: count for sku, count in row["stock"].items() if count is not None})


def _offer(row: Mapping[str, Any], now: datetime) -> OfferView:
    fields = {name: value for name, value in row.items() if name not in ("from", "to")}
    return OfferView.model_validate(fields | {"starts_at": moment(row["from"], now), "ends_at": moment(row["to"], now)})


def _trace(row: Mapping[str, Any], today: date) -> TraceView:
    steps = tuple(
        TraceStep(on=today + timedelta(days=days), place=place, what=what) for days, place, what in row["steps"]
    )
    return TraceView(
        code=row["code"],
        product_id=row["product_id"],
        sku_id=row["sku_id"],
        batch=row["batch"],
        origin=row["origin"],
        produced_on=today + timedelta(days=row["produced"]),
        expires_on=today + timedelta(days=row["expires"]),
        steps=steps,
    )
