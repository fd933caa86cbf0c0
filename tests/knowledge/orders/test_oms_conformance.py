"""What holds for every order system behind the port: ours, and a shop's own over HTTP."""

from collections.abc import AsyncIterator

import pytest

from knowledge.kit.clock import FrozenClock
from knowledge.kit.db import Database
from knowledge.orders.oms import MOST_ORDERS, Oms
from knowledge.orders.oms_http import HttpOms
from knowledge.orders.oms_local import LocalOms
from knowledge.orders.service import OrderStore
from tests.knowledge.orders.factories import HOUR, NOON, order, plain_order, shopper
from tests.support.desk import new_shop
from tests.support.oms_server import KEY_ID, SECRET, OmsServer

SHOPPERS = [shopper(), shopper("bob", name="鲍勃", tier="")]
ORDERS = [
    order("A1"),
    plain_order("A2", placed_at=NOON + HOUR),
    plain_order("A0", placed_at=NOON - HOUR, address="", phone=""),
    order("B1", "bob", note="鲍勃的"),
]


@pytest.fixture(params=["local", "http"])
async def oms(request: pytest.FixtureRequest, database: Database, shop_id: str) -> AsyncIterator[Oms]:
    if request.param == "local":
        store = OrderStore(database)
        await store.put_shoppers(shop_id, SHOPPERS)
        await store.put_orders(shop_id, ORDERS)
        yield LocalOms(database)
        return
    clock = FrozenClock(NOON)
    server = OmsServer(clock)
    server.hold(shop_id, SHOPPERS, ORDERS)
    oms = HttpOms(server.url, KEY_ID, SECRET, clock)
    yield oms
    await oms.close()
    server.close()
    assert server.refused == []


async def test_an_order_is_whole_ordered_and_masked(oms: Oms, shop_id: str) -> None:
    found = await oms.order(shop_id, "anna", "A1")
    assert found is not None
    told = order("A1")
    assert (found.masked_address, found.masked_phone) == ("广东省深圳市南山区***", "138****5678")
    assert (found.note, found.state, found.channel, found.placed_at) == ("放门口鞋柜", "refunding", "live", NOON)
    assert found.items == tuple(sorted(told.items, key=lambda item: item.line))
    assert [step.text for step in found.shipments[0].steps] == ["已揽收", "正送往科技园路1号"]
    assert (found.last_step_at, found.shipments[0].expected_on) == (NOON + 9 * HOUR, told.shipments[0].expected_on)
    assert found.refunds == told.refunds
    assert "科技园路1号3栋502" not in found.model_dump_json()
    assert "13812345678" not in found.model_dump_json()


async def test_orders_come_newest_first(oms: Oms, shop_id: str) -> None:
    assert [found.order_id for found in await oms.orders(shop_id, "anna")] == ["A2", "A1", "A0"]
    assert [found.order_id for found in await oms.orders(shop_id, "anna", limit=1)] == ["A2"]
    assert await oms.orders(shop_id, "anna", limit=-1) == []
    assert len(await oms.orders(shop_id, "anna", limit=10 * MOST_ORDERS)) == 3
    one, whole = (await oms.orders(shop_id, "anna"))[1], await oms.order(shop_id, "anna", "A1")
    assert one == whole


async def test_a_shopper_is_shown_without_personal_data(oms: Oms, shop_id: str) -> None:
    found = await oms.shopper(shop_id, "anna")
    assert found is not None
    assert found.model_dump() == {"shopper_id": "anna", "name": "安娜", "tier": "金卡"}
    assert await oms.shopper(shop_id, "nobody") is None


@pytest.mark.parametrize("shopper_id", ["bob", "nobody", "", "%", "ANNA", "anna' or '1'='1"])
async def test_another_shoppers_order_is_as_absent_as_none(oms: Oms, shop_id: str, shopper_id: str) -> None:
    assert await oms.order(shop_id, shopper_id, "A1") is None
    assert all(found.order_id == "B1" for found in await oms.orders(shop_id, shopper_id))


@pytest.mark.parametrize("order_id", ["B1", "A9", "", "%", "A1 ", "a1", "A1\x00", "\ud800", "A1' or '1'='1"])
async def test_no_other_id_opens_an_order(oms: Oms, shop_id: str, order_id: str) -> None:
    assert await oms.order(shop_id, "anna", order_id) is None


async def test_another_shop_has_none_of_it(oms: Oms, database: Database) -> None:
    other = await new_shop(database)
    assert await oms.order(other, "anna", "A1") is None
    assert await oms.orders(other, "anna") == []
    assert await oms.shopper(other, "anna") is None
