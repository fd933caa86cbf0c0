"""The demo shop's orders add up, keep time and keep the shop's own rules, at whatever hour they are made."""

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import get_args

import pytest

from knowledge.catalog.service import CatalogService
from knowledge.demo.catalogue import DemoPrices, demo_offers, demo_policy_terms, demo_products
from knowledge.demo.moments import moment
from knowledge.demo.orders import demo_cases, demo_orders, demo_shoppers
from knowledge.demo.seed import seed_facts
from knowledge.kit.clock import SHANGHAI, FrozenClock, shanghai_date
from knowledge.kit.db import Database
from knowledge.orders.oms_local import LocalOms
from knowledge.orders.views import OrderIn, OrderState, RefundKind, RefundState, ShipmentState
from knowledge.policies.service import PolicyTermsService

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
HOURS = [datetime(2026, 3, 1, *at, tzinfo=SHANGHAI) for at in ((0, 3), (7, 30), (12, 0), (20, 15), (23, 57))]
ORDERS = {order.order_id: order for order in demo_orders(NOON)}
SHOPPERS = {shopper.shopper_id: shopper for shopper in demo_shoppers()}
SHOWN = {case.order_id: case.shows for case in demo_cases()}


def shows(words: str) -> OrderIn:
    (found,) = (order_id for order_id, told in SHOWN.items() if words in told)
    return ORDERS[found]


def days_since(at: datetime | None) -> int:
    assert at is not None
    return (shanghai_date(NOON) - shanghai_date(at)).days


def instants(order: OrderIn) -> list[datetime | None]:
    parts: list[datetime | None] = [order.placed_at, order.paid_at, order.signed_at, order.cancelled_at]
    parts += [step.at for shipment in order.shipments for step in shipment.steps]
    for refund in order.refunds:
        parts += [refund.requested_at, refund.received_at, refund.paid_out_at]
    return parts


def test_two_hundred_orders_of_two_dozen_shoppers_under_ids_of_their_own() -> None:
    orders = demo_orders(NOON)
    assert len(orders) == len(ORDERS) == 200
    assert all(re.fullmatch(r"LC\d{10}", order_id) for order_id in ORDERS)
    assert len(SHOPPERS) == 24
    assert {order.shopper_id for order in orders} == set(SHOPPERS)
    parcels = [shipment.tracking_no for order in orders for shipment in order.shipments]
    refunds = [refund.refund_id for order in orders for refund in order.refunds]
    assert (len(set(parcels)), len(set(refunds))) == (len(parcels), len(refunds))
    for shopper_id in {case.shopper_id for case in demo_cases()}:
        tails = [order.order_id[-4:] for order in orders if order.shopper_id == shopper_id]
        assert len(set(tails)) == len(tails)


def test_every_state_occurs() -> None:
    orders = list(ORDERS.values())
    assert {order.state for order in orders} == set(get_args(OrderState))
    assert {s.state for order in orders for s in order.shipments} == set(get_args(ShipmentState))
    assert {r.state for order in orders for r in order.refunds} == set(get_args(RefundState))
    assert {r.kind for order in orders for r in order.refunds} == set(get_args(RefundKind))
    assert {order.channel for order in orders} == {"shelf", "live"}
    assert {order.invoice_state for order in orders} == {"none", "requested", "issued"}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_amounts_add_up(order: OrderIn) -> None:
    listed = sum(item.unit_price_fen * item.quantity for item in order.items)
    goods = sum(item.paid_fen for item in order.items)
    if order.paid_at:
        assert goods == listed - order.discount_fen
        assert order.paid_fen == goods + order.freight_fen
    else:
        assert (goods, order.paid_fen) == (0, 0)
    for refund in order.refunds:
        assert refund.amount_fen <= order.paid_fen
        assert (refund.amount_fen == 0) == (refund.kind == "exchange")


def test_goods_are_those_of_the_catalogue_at_the_price_of_that_day() -> None:
    prices = DemoPrices(NOON)
    for order in ORDERS.values():
        for item in order.items:
            facts = prices.product(item.sku_id)
            assert (item.product_id, item.title) == (facts.product_id, facts.title)
            assert item.unit_price_fen == prices.at(item.sku_id, order.placed_at, live=order.channel == "live")
            assert item.customised == ("刻字" in item.sku_name)
            if item.customised or facts.returns.excluded:
                assert item.confirmed_no_return


def test_freight_and_reductions_follow_the_policies() -> None:
    lists = {product.facts.product_id: product.facts for product in demo_products()}
    for order in ORDERS.values():
        tier, address = SHOPPERS[order.shopper_id].tier, SHOPPERS[order.shopper_id].address
        kinds = {lists[item.product_id].category for item in order.items}
        large = any(item.product_id in ("P1011", "P1012") for item in order.items)
        listed = sum(item.unit_price_fen * item.quantity for item in order.items)
        if address.startswith("新疆"):
            assert order.freight_fen == 2000
            assert "生鲜" not in kinds
            assert not large
        elif order.freight_fen:
            assert order.freight_fen == 800
            assert listed - order.discount_fen < 5900
            assert tier != "金卡会员"
            assert "生鲜" not in kinds
            assert not large
        if "生鲜" not in kinds:
            off = 5000 if listed >= 39900 else 2000 if listed >= 19900 else 0
            assert order.discount_fen - off in (0, 1000, 1500)
            assert (order.discount_fen == off) != (order.order_id in {"LC2610011027", "LC2610022047"})
        if kinds <= {"生鲜", "食品", "美妆"}:
            assert not order.freight_insured


@pytest.mark.parametrize("now", HOURS, ids=lambda now: f"{now:%H:%M}")
def test_time_runs_forward_and_never_beyond_now(now: datetime) -> None:
    for order in demo_orders(now):
        assert all(at <= now for at in instants(order) if at), order.order_id
        ladder = [at for at in (order.placed_at, order.paid_at, *(s.steps[0].at for s in order.shipments[:1])) if at]
        assert ladder == sorted(ladder), order.order_id
        for shipment in order.shipments:
            steps = [step.at for step in shipment.steps]
            assert steps == sorted(steps), order.order_id
            assert shipment.shipped_at == (None if shipment.state == "packed" else steps[0])
            assert (shipment.signed_at is not None) == (shipment.state == "signed")
            assert shipment.signed_at in (None, steps[-1])
        for refund in order.refunds:
            stages = [at for at in (refund.requested_at, refund.received_at, refund.paid_out_at) if at]
            assert stages == sorted(stages)
            assert refund.requested_at > order.placed_at
            assert (refund.paid_out_at is not None) == (refund.state == "paid_out")
        if order.cancelled_at:
            assert order.cancelled_at > order.placed_at


def test_states_are_what_their_parts_say() -> None:
    for order in ORDERS.values():
        signed = bool(order.shipments) and all(shipment.signed_at for shipment in order.shipments)
        assert (order.signed_at is not None) == signed
        if order.state in ("delivered", "completed", "refunded"):
            assert signed
        if order.state in ("unpaid", "paid", "cancelled"):
            assert {shipment.state for shipment in order.shipments} <= {"packed"}
        if order.state == "shipped":
            assert any(shipment.shipped_at for shipment in order.shipments)
            assert not signed
        assert (order.cancelled_at is not None) == (order.state == "cancelled")
        if order.state in ("refunding", "refunded"):
            assert order.refunds


def test_an_unpaid_order_may_still_be_paid() -> None:
    waiting = [order for order in ORDERS.values() if order.state == "unpaid"]
    assert {SHOPPERS[order.shopper_id].tier for order in waiting} == {"普通会员", "金卡会员"}
    assert all(NOON - order.placed_at < timedelta(minutes=30) for order in waiting)


def test_boundary_orders_lie_on_their_day() -> None:
    terms = demo_policy_terms()
    assert days_since(shows("无理由退货第7天").signed_at) == terms.no_reason_days
    assert days_since(shows("无理由退货已过期").signed_at) == terms.no_reason_days + 1
    assert days_since(shows("质量问题第15天").signed_at) == terms.quality_days
    assert days_since(shows("质量问题昨天过期").signed_at) == terms.quality_days + 1
    assert days_since(shows("价保第15天").paid_at) == terms.price_protection_days
    assert days_since(shows("价保昨天过期").paid_at) == terms.price_protection_days + 1
    overdue = shows("超过48小时没有发货")
    assert overdue.promised_ship_at is not None
    assert overdue.promised_ship_at < NOON
    waiting = shows("制作中")
    assert waiting.promised_ship_at is not None
    assert waiting.promised_ship_at > NOON


def test_price_protection_has_each_outcome() -> None:
    prices = DemoPrices(NOON)

    def fallen_by(order: OrderIn) -> int:
        (item,) = order.items
        return item.paid_fen // item.quantity - prices.at(item.sku_id, NOON)

    assert fallen_by(shows("付款后降价，可以价保")) == 2000
    assert fallen_by(shows("用了满减后降价")) == 1000
    assert fallen_by(shows("店铺特惠降价")) == 1000
    assert fallen_by(shows("付款后价格没有变")) == 0
    assert fallen_by(shows("价保已过期")) > 0
    live = shows("店铺下单后直播间更便宜")
    assert fallen_by(live) <= 0
    room = [o for o in demo_offers(NOON) if o.kind == "live" and o.product_id == live.items[0].product_id]
    assert any(o.price_fen is not None and o.price_fen < live.items[0].paid_fen for o in room)
    bought_live = shows("直播间下单，直播专享价")
    assert (bought_live.channel, bought_live.items[0].unit_price_fen) == ("live", 15900)


def test_tiers_are_those_of_what_was_paid() -> None:
    paid: dict[str, int] = defaultdict(int)
    for order in ORDERS.values():
        if order.state == "completed" and days_since(order.placed_at) <= 365:
            back = sum(refund.amount_fen for refund in order.refunds if refund.state == "paid_out")
            paid[order.shopper_id] += order.paid_fen - back
    for shopper_id, shopper in SHOPPERS.items():
        if shopper.tier == "普通会员":
            assert paid[shopper_id] < 100000
        elif shopper.tier == "银卡会员":
            assert paid[shopper_id] < 300000
        else:
            assert paid[shopper_id] >= 300000
    assert [SHOPPERS[s].tier for s in ("S1001", "S1002", "S1003")] == ["普通会员", "银卡会员", "金卡会员"]
    assert paid["S1002"] >= 100000


def test_personal_data_is_fictional_and_of_valid_form() -> None:
    for shopper in SHOPPERS.values():
        assert re.fullmatch(r"1[3-9]\d0000\d{4}", shopper.phone)
        assert shopper.email.endswith("@example.com")
    assert max(Counter(shopper.phone for shopper in SHOPPERS.values()).values()) == 1


def test_words_of_others_carry_instructions_somewhere() -> None:
    assert "系统提示" in shows("备注里夹带指令").note
    assert any("系统提示" in step.text for s in shows("轨迹里夹带指令").shipments for step in s.steps)


def test_the_readme_lists_every_case() -> None:
    told = (files("knowledge.demo") / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (LC\d{10}) \| (.+?) \|", told, re.M))
    assert rows == SHOWN
    assert all(shopper_id in told for shopper_id in {case.shopper_id for case in demo_cases()})


@pytest.mark.parametrize("words", ["8 20:15", "-1 25:00", "-1d", ""])
def test_a_moment_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"no moment|hour must be"):
        moment(words, NOON)


async def test_seeding_again_changes_nothing_until_the_next_day(database: Database, shop_id: str) -> None:
    clock = FrozenClock(NOON)
    catalog, oms, terms = CatalogService(database, clock), LocalOms(database), PolicyTermsService(database)
    assert await seed_facts(database, clock, shop_id)
    first = await oms.orders(shop_id, "S1001", limit=50)
    products = await catalog.listed(shop_id, limit=100)
    assert [p.facts for p in products] == [p.facts for p in demo_products()]
    assert len(first) == sum(case.shopper_id == "S1001" for case in demo_cases())

    clock.at = NOON + timedelta(hours=9)
    assert not await seed_facts(database, clock, shop_id)
    assert await oms.orders(shop_id, "S1001", limit=50) == first

    clock.at = NOON + timedelta(days=3)
    assert await seed_facts(database, clock, shop_id)
    later = await oms.orders(shop_id, "S1001", limit=50)
    assert {order.order_id for order in later} == {order.order_id for order in first}
    assert {b.placed_at - a.placed_at for a, b in zip(first, later, strict=True)} == {timedelta(days=3)}
    assert {p.revision for p in await catalog.listed(shop_id, limit=100)} == {1}
    assert len(await terms.history(shop_id)) == 1


async def test_seeded_prices_go_back_ninety_days(database: Database, shop_id: str) -> None:
    clock = FrozenClock(NOON)
    await seed_facts(database, clock, shop_id)
    catalog = CatalogService(database, clock)
    history = await catalog.price_history(shop_id, "P2003", days=90)
    assert len(history.points) == 90
    assert (history.points[0].list_price_fen, history.points[-1].list_price_fen) == (16900, 14900)
    trace = await catalog.trace(shop_id, "XM6900010001")
    assert trace is not None
    assert trace.product_id == "P5503"
