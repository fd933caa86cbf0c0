"""Purchases, orders and products to compute with; every one valid until a test says otherwise."""

from datetime import datetime, timedelta
from typing import Any

from agents.support.policy.purchase import Flags, PurchaseFacts
from knowledge.catalog.facts import ProductFacts, ReturnFacts, SkuFacts
from knowledge.catalog.offers import OfferView
from knowledge.catalog.views import ProductView, SkuView
from knowledge.orders.views import ItemView, OrderView, RefundView, ShipmentView
from knowledge.policies.terms import PolicyTerms

TERMS = PolicyTerms(
    quality_days=15, price_protection_days=15, price_protection_times=3, return_doc="returns",
    return_section="期限", quality_section="质量问题", price_protection_doc="price-protection",
    price_protection_section="价保期限", price_protection_excluded_categories=("生鲜",),
    price_protection_excludes=("live", "flash", "new"),
)  # fmt: skip


def at(text: str) -> datetime:
    """Beijing time: `2026-11-20 10:00:00`."""
    return datetime.fromisoformat(f"{text}+08:00")


def purchase(signed: str = "2026-11-10 10:00:00", flags: dict[str, bool] | None = None, **facts: Any) -> PurchaseFacts:
    plain: dict[str, Any] = {"signed_at": at(signed), "paid_fen": 19900, "category": "home", **facts}
    return PurchaseFacts(flags=Flags(**(flags or {})), **plain)


def item(**facts: Any) -> ItemView:
    plain: dict[str, Any] = {
        "line": 1, "product_id": "p1", "sku_id": "s1", "title": "晴野纪折叠椅", "quantity": 1,
        "unit_price_fen": 19900, "paid_fen": 19900,
    }  # fmt: skip
    return ItemView(**{**plain, **facts})


def order(state: str = "delivered", **facts: Any) -> OrderView:
    signed = at("2026-11-10 10:00:00") if state in ("delivered", "completed", "refunding", "refunded") else None
    plain: dict[str, Any] = {
        "order_id": "LC1001", "state": state, "placed_at": at("2026-11-06 20:00:00"),
        "paid_at": None if state == "unpaid" else at("2026-11-06 20:01:00"), "signed_at": signed,
        "paid_fen": 19900, "items": (item(),),
    }  # fmt: skip
    return OrderView(**{**plain, **facts})


def shipment(state: str = "in_transit") -> ShipmentView:
    shipped = None if state == "packed" else at("2026-11-07 18:00:00")
    return ShipmentView.model_validate({"tracking_no": "ZT1", "courier": "中通", "state": state, "shipped_at": shipped})


def refund(kind: str, state: str, **facts: Any) -> RefundView:
    return RefundView.model_validate(
        {"refund_id": "r1", "line": 1, "kind": kind, "state": state, "requested_at": at("2026-11-12 09:00:00"), **facts}
    )


def product(price_fen: int = 19900, offers: tuple[OfferView, ...] = (), **facts: Any) -> ProductView:
    stated = ProductFacts(
        product_id="p1", title="晴野纪折叠椅", skus=(SkuFacts(sku_id="s1", price_fen=price_fen),),
        **{"category": "户外", **facts},
    )  # fmt: skip
    return ProductView(facts=stated, revision=1, skus=(SkuView(sku_id="s1", price_fen=price_fen),), offers=offers)


def goods(**returns: Any) -> ProductFacts:
    return product(returns=ReturnFacts(**returns)).facts


def offer(kind: str, fen: int, **facts: Any) -> OfferView:
    """Of the product, running the whole of November; `fen` is the price or the reduction."""
    amount = {"price_fen": fen} if kind in ("sale", "live", "flash") else {"off_fen": fen}
    start = at("2026-11-01 00:00:00")
    return OfferView.model_validate(
        {"offer_id": f"o-{kind}", "kind": kind, "name": f"{kind}价", "product_id": "p1", "starts_at": start,
         "ends_at": start + timedelta(days=30), **amount, **facts}
    )  # fmt: skip
