"""The queries themselves keep shops and shoppers apart: here a superuser asks, whom row-level security lets through."""

from collections.abc import AsyncIterator, Awaitable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from knowledge.catalog.service import CatalogService
from knowledge.catalog.views import TraceView
from knowledge.kit.clock import FrozenClock
from knowledge.kit.db import Database
from knowledge.kit.errors import NotFoundError
from knowledge.orders.oms_local import LocalOms
from knowledge.orders.service import OrderStore
from knowledge.policies.service import PolicyTermsService
from knowledge.policies.terms import PolicyTerms
from tests.knowledge.catalog import factories as goods
from tests.knowledge.orders import factories as sales
from tests.support.desk import new_shop
from tests.support.servers import Cluster


@pytest.fixture
async def unlocked(cluster: Cluster, database: Database) -> AsyncIterator[Database]:
    superuser = Database(cluster.superuser_url, pool_size=2)
    yield superuser
    await superuser.dispose()


async def test_the_catalogue_asks_for_its_own_shop(unlocked: Database, shop_id: str) -> None:
    other = await new_shop(unlocked)
    catalog = CatalogService(unlocked, FrozenClock(goods.NOON))
    for shop, title, fen in ((shop_id, "我们的", 9900), (other, "别家的", 9000)):
        await catalog.put(shop, goods.product("P1", fen, title=title), source="import", stock={"P1-1": 1})
        await catalog.put_offers(shop, [goods.offer(price_fen=fen - 1000)])
        await catalog.put_trace(shop, [TraceView(code="C", product_id="P1", origin=title)])
    await catalog.put(other, goods.product("P2"), source="import")
    await catalog.put_stock(other, {"P1-1": 9})
    found = await catalog.product(shop_id, "P1")
    trace = await catalog.trace(shop_id, "C")
    assert found is not None
    assert trace is not None
    assert (found.title, found.stock, len(found.offers), trace.origin) == ("我们的", 1, 1, "我们的")
    assert len(await catalog.listed(shop_id)) == await catalog.counted(shop_id) == 1
    assert [row.title for row in (await catalog.names(shop_id)).rows] == ["我们的"]
    assert (await catalog.revision(shop_id, "P1", 1)).title == "我们的"
    history = await catalog.price_history(shop_id, "P1", days=1)
    assert [(day.list_price_fen, day.public_price_fen) for day in history.points] == [(9900, 8900)]
    with pytest.raises(NotFoundError):
        await catalog.revision(shop_id, "P2", 1)


async def test_orders_ask_for_their_own_shop_and_shopper(unlocked: Database, shop_id: str) -> None:
    other = await new_shop(unlocked)
    store, oms = OrderStore(unlocked), LocalOms(unlocked)
    both = sales.order().items
    for shop, note, items in ((shop_id, "我们的", both), (other, "别家的", both[:1])):
        await store.put_shoppers(shop, [sales.shopper(name=note), sales.shopper("bob")])
        await store.put_orders(shop, [sales.order("A1", note=note, items=items), sales.order("B1", "bob")])
    await store.put_shoppers(other, [sales.shopper("carol")])
    await store.put_orders(other, [sales.order("C1", "carol")])
    found = await oms.orders(shop_id, "anna")
    profile = await oms.shopper(shop_id, "anna")
    assert profile is not None
    assert profile.name == "我们的"
    assert [(one.order_id, one.note, len(one.items), len(one.shipments), len(one.refunds)) for one in found] == [
        ("A1", "我们的", 2, 1, 1)
    ]
    assert await oms.order(shop_id, "anna", "B1") is None
    assert await oms.order(shop_id, "carol", "C1") is None
    assert await oms.shopper(shop_id, "carol") is None
    async with unlocked.transaction(shop_id) as scope:
        assert await store.erase_shopper(scope, "anna")
        assert await store.export_shopper(scope, "carol") == {"shopper": None, "orders": []}
    kept = await oms.order(other, "anna", "A1")
    assert kept is not None
    assert (kept.note, len(kept.shipments[0].steps), kept.refunds[0].reason != "") == ("别家的", 2, True)


async def test_terms_are_asked_for_their_own_shop(unlocked: Database, shop_id: str) -> None:
    other = await new_shop(unlocked)
    terms = PolicyTermsService(unlocked)
    await terms.put(other, PolicyTerms(price_protection_days=30), date(2026, 1, 1))
    assert await terms.history(shop_id) == []
    assert await terms.in_force(shop_id, date(2026, 5, 1)) is None
    assert (await terms.put(shop_id, PolicyTerms(), date(2026, 1, 1))).version == 1


async def test_many_cost_as_many_statements_as_one(database: Database, shop_id: str) -> None:
    store, oms = OrderStore(database), LocalOms(database)
    catalog = CatalogService(database, FrozenClock(goods.NOON))
    await store.put_shoppers(shop_id, [sales.shopper()])
    await store.put_orders(shop_id, [sales.order(f"A{n}") for n in range(12)])
    statements: list[str] = []

    def count(*told: Any) -> None:
        statements.append(told[2])

    async def cost(work: Awaitable[object]) -> int:
        statements.clear()
        event.listen(database.engine.sync_engine, "before_cursor_execute", count)
        await work
        event.remove(database.engine.sync_engine, "before_cursor_execute", count)
        return len(statements)

    assert await cost(oms.orders(shop_id, "anna", limit=1)) == await cost(oms.orders(shop_id, "anna", limit=12)) == 5
    few = await cost(catalog.put_many(shop_id, [goods.product("P0")], source="demo"))
    many = [goods.product(f"P{n}", 100, 200) for n in range(1, 61)]
    assert await cost(catalog.put_many(shop_id, many, source="demo")) == few
    ids = [facts.product_id for facts in many]
    assert await cost(catalog.products(shop_id, ids[:1])) == await cost(catalog.products(shop_id, ids))
    await catalog.names(shop_id)
    assert await cost(catalog.names(shop_id)) == 2
