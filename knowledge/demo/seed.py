"""Puts the demo shop's catalogue, terms, shoppers and orders in place; documents are the caller's."""

import hashlib
from datetime import UTC, datetime, timedelta

from knowledge.catalog.service import CatalogService
from knowledge.demo.catalogue import (
    demo_offers,
    demo_policy_terms,
    demo_price_points,
    demo_products,
    demo_traces,
)
from knowledge.demo.orders import demo_orders, demo_shoppers
from knowledge.demo.shop import DEMO_SHOP_ID, DEMO_SHOP_NAME
from knowledge.kit.clock import Clock, shanghai_date
from knowledge.kit.db import Database
from knowledge.orders.service import OrderStore
from knowledge.policies.service import PolicyTermsService
from knowledge.shops.repository import ensure_shop

SOURCE = "demo"

_MARK = "demo_facts"
_TERMS_AGE = timedelta(days=180)
_SOME_DAY = datetime(2026, 1, 15, 4, tzinfo=UTC)


async def seed_facts(database: Database, clock: Clock, shop_id: str = DEMO_SHOP_ID) -> bool:
    """Whether anything was written: once a Shanghai day, so that orders and offers keep their distance from the clock,
    and when LiveCrew brings other demo data. Ids stay; list prices of the past are filled in once and age."""
    now = clock.now()
    mark = f"{shanghai_date(now)} {_digest()}"
    async with database.transaction(shop_id) as scope:
        shop = await ensure_shop(scope, DEMO_SHOP_NAME)
        if shop.settings.get(_MARK) == mark:
            return False
    await _seed_catalogue(CatalogService(database, clock), now, shop_id)
    await _seed_terms(PolicyTermsService(database), now, shop_id)
    store = OrderStore(database)
    await store.put_shoppers(shop_id, demo_shoppers())
    await store.put_orders(shop_id, demo_orders(now))
    async with database.transaction(shop_id) as scope:
        shop = await ensure_shop(scope, DEMO_SHOP_NAME)
        shop.settings = {**shop.settings, _MARK: mark}
    return True


async def _seed_catalogue(catalog: CatalogService, now: datetime, shop_id: str) -> None:
    products = demo_products()
    stock = {sku_id: count for product in products for sku_id, count in product.stock.items()}
    put = await catalog.put_many(shop_id, [product.facts for product in products], source=SOURCE, stock=stock)
    made = {one.product_id for one in put if one.changed and one.revision == 1}
    new = {sku.sku_id for product in products if product.facts.product_id in made for sku in product.facts.skus}
    await catalog.put_prices(shop_id, [p for p in demo_price_points(now) if p.sku_id in new], source=SOURCE)
    await catalog.put_offers(shop_id, demo_offers(now))
    await catalog.put_trace(shop_id, demo_traces(shanghai_date(now)))


async def _seed_terms(terms: PolicyTermsService, now: datetime, shop_id: str) -> None:
    today = shanghai_date(now)
    held = await terms.in_force(shop_id, today)
    if held is None or held.terms != demo_policy_terms():
        await terms.put(shop_id, demo_policy_terms(), today - _TERMS_AGE)


def _digest() -> str:
    """Of all demo facts as they stand on one and the same day."""
    day = shanghai_date(_SOME_DAY)
    models = [
        *(product.facts for product in demo_products()),
        *demo_offers(_SOME_DAY),
        *demo_price_points(_SOME_DAY),
        *demo_traces(day),
        *demo_shoppers(),
        *demo_orders(_SOME_DAY),
        demo_policy_terms(),
    ]
    stock = str([sorted(product.stock.items()) for product in demo_products()])
    text = stock + "".join(model.model_dump_json() for model in models)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
