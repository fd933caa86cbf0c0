"""What the shop tells about orders: written whole or not at all, exported whole, erased for good."""

import json

import pytest
from pydantic import ValidationError

from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError
from knowledge.orders.oms_local import LocalOms
from knowledge.orders.service import OrderStore
from knowledge.orders.views import ItemView, OrderIn, ShopperIn
from tests.knowledge.orders.factories import order, plain_order, shopper
from tests.support.desk import new_shop


@pytest.fixture
def store(database: Database) -> OrderStore:
    return OrderStore(database)


@pytest.fixture
def oms(database: Database) -> LocalOms:
    return LocalOms(database)


async def exported(database: Database, shop_id: str, shopper_id: str = "anna") -> dict[str, object]:
    async with database.transaction(shop_id) as scope:
        return await OrderStore(database).export_shopper(scope, shopper_id)


async def erased(database: Database, shop_id: str, shopper_id: str = "anna") -> bool:
    async with database.transaction(shop_id) as scope:
        return await OrderStore(database).erase_shopper(scope, shopper_id)


async def test_an_order_put_again_replaces_the_old_one_whole(store: OrderStore, oms: LocalOms, shop_id: str) -> None:
    await store.put_shoppers(shop_id, [shopper()])
    await store.put_orders(shop_id, [order()])
    await store.put_orders(shop_id, [order()])
    await store.put_orders(shop_id, [order(state="completed", refunds=(), items=order().items[:1], note="")])
    found = await oms.order(shop_id, "anna", "A1")
    assert found is not None
    assert (found.state, found.note, found.refunds, len(found.items), len(found.shipments)) == (
        "completed",
        "",
        (),
        1,
        1,
    )


async def test_a_bad_order_of_many_writes_none(store: OrderStore, oms: LocalOms, shop_id: str) -> None:
    await store.put_shoppers(shop_id, [shopper()])
    await store.put_orders(shop_id, [order("A1")])
    taken = order("A3", refunds=order("A1").refunds)
    for bad in (
        order("A2"),
        order("A3", "nobody"),
        taken,
        order("A3", note="空\x00字"),
        order("A3", refunds=order("A2").refunds),
    ):
        with pytest.raises(InvalidInputError):
            await store.put_orders(shop_id, [order("A2"), bad])
    assert [found.order_id for found in await oms.orders(shop_id, "anna")] == ["A1"]


async def test_the_same_shopper_twice_is_refused(store: OrderStore, oms: LocalOms, shop_id: str) -> None:
    with pytest.raises(InvalidInputError):
        await store.put_shoppers(shop_id, [shopper(), shopper(name="别人")])
    assert await oms.shopper(shop_id, "anna") is None


def test_an_order_that_contradicts_itself_is_no_order() -> None:
    item = ItemView(line=1, title="x", quantity=1, unit_price_fen=1, paid_fen=1)
    parcel = order().shipments[0]
    for parts in ({"items": (item, item), "refunds": ()}, {"items": (item,)}, {"shipments": (parcel, parcel)}):
        with pytest.raises(ValidationError):
            order(**parts)


async def test_an_export_is_whole_and_can_be_read_back(store: OrderStore, database: Database, shop_id: str) -> None:
    await store.put_shoppers(shop_id, [shopper(), shopper("bob", name="鲍勃")])
    await store.put_orders(shop_id, [order("A1"), plain_order("A2"), plain_order("B1", "bob", note="鲍勃的")])
    found = json.loads(json.dumps(await exported(database, shop_id), ensure_ascii=False))
    assert ShopperIn.model_validate(found["shopper"]) == shopper()
    back = {one["order_id"]: OrderIn.model_validate(one) for one in found["orders"]}
    assert set(back) == {"A1", "A2"}
    assert (back["A1"].address, back["A1"].note) == (order().address, "放门口鞋柜")
    assert {item.sku_name for item in back["A1"].items} == {"绿", "刻字：安娜"}
    assert "鲍勃" not in json.dumps(found, ensure_ascii=False)


async def test_an_unknown_shopper_exports_as_nothing(database: Database, shop_id: str) -> None:
    assert await exported(database, shop_id) == {"shopper": None, "orders": []}


async def test_erasing_takes_the_person_and_leaves_the_books(
    store: OrderStore, oms: LocalOms, database: Database, shop_id: str
) -> None:
    await store.put_shoppers(shop_id, [shopper(), shopper("bob", name="鲍勃", phone="13900000000")])
    await store.put_orders(shop_id, [order("A1"), order("B1", "bob")])
    bobs = await exported(database, shop_id, "bob")
    assert await erased(database, shop_id)
    first = await exported(database, shop_id)
    text = json.dumps(first, ensure_ascii=False)
    for trace in ("安娜", "13812345678", "anna@", "深圳", "科技园", "鞋柜", "刻错", "金卡", "杭州"):
        assert trace not in text
    kept = await oms.order(shop_id, "anna", "A1")
    assert kept is not None
    assert (kept.paid_fen, kept.discount_fen, kept.state) == (25800, 1000, "refunding")
    assert [(item.title, item.paid_fen, item.sku_name) for item in kept.items] == [
        ("折叠椅", 15900, "绿"),
        ("钢笔", 9900, ""),
    ]
    assert kept.refunds[0].amount_fen == 9900
    assert kept.shipments[0].tracking_no == "SF-A1"
    assert await erased(database, shop_id)
    assert await exported(database, shop_id) == first
    assert await exported(database, shop_id, "bob") == bobs


async def test_erasing_reaches_no_other_shop(store: OrderStore, database: Database, shop_id: str) -> None:
    other = await new_shop(database)
    for shop in (shop_id, other):
        await store.put_shoppers(shop, [shopper()])
        await store.put_orders(shop, [order()])
    before = await exported(database, other)
    assert await erased(database, shop_id)
    assert await exported(database, other) == before
    assert not await erased(database, shop_id, "nobody")


async def test_no_column_of_a_person_is_forgotten(store: OrderStore, database: Database, shop_id: str) -> None:
    """A text column added to a table of orders must be thought of: erased, or listed here as the books'."""
    books = {
        "shoppers": {"shop_id", "shopper_id"},
        "orders": {"shop_id", "order_id", "shopper_id", "state", "channel", "broadcast_id", "invoice_state"},
        "order_items": {"shop_id", "order_id", "product_id", "sku_id", "title", "sku_name"},
        "shipments": {"shop_id", "order_id", "tracking_no", "courier", "state"},
        "refunds": {"shop_id", "refund_id", "order_id", "kind", "state"},
    }
    await store.put_shoppers(shop_id, [shopper()])
    await store.put_orders(shop_id, [order()])
    await erased(database, shop_id)
    async with database.transaction(shop_id) as scope:
        for table, kept in books.items():
            columns = await scope.all(
                "select column_name as name from information_schema.columns where table_schema = 'public'"
                " and table_name = :table and data_type in ('text', 'jsonb')",
                table=table,
            )
            for name in {row.name for row in columns} - kept:
                left = await scope.all(f"select distinct {name}::text as held from {table} where shop_id = :shop_id")
                assert {row.held for row in left} <= {"", "[]", None}, f"{table}.{name}"
