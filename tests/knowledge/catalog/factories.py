"""Plain factories of products and offers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from knowledge.catalog.facts import Attribute, ProductFacts, SkuFacts
from knowledge.catalog.offers import OfferView

NOON = datetime(2026, 5, 20, 4, tzinfo=UTC)
"""Noon in Shanghai."""
DAY = timedelta(days=1)


def product(product_id: str = "P1", /, *prices: int, **more: Any) -> ProductFacts:
    """One sku a price: P1-1, P1-2 …"""
    skus = tuple(
        SkuFacts(sku_id=f"{product_id}-{n}", name=f"款式{n}", price_fen=fen)
        for n, fen in enumerate(prices or (9900,), start=1)
    )
    given: dict[str, Any] = {
        "title": f"折叠椅 {product_id}",
        "category": "户外",
        "brand": "山野",
        "aliases": ("露营椅",),
        "skus": skus,
        "attributes": (Attribute(name="重量", value="1.1公斤", number=1.1, unit="kg"),),
    }
    return ProductFacts(product_id=product_id, **(given | more))


def offer(offer_id: str = "O1", **more: Any) -> OfferView:
    given: dict[str, Any] = {
        "kind": "sale",
        "name": "开季特惠",
        "product_id": "P1",
        "price_fen": 7900,
        "starts_at": NOON - DAY,
        "ends_at": NOON + DAY,
    }
    return OfferView(offer_id=offer_id, **(given | more))
