"""What each kind of file writes, and the rules between its rows and the shop."""

from typing import Any

import pytest

from knowledge.orders.oms_local import LocalOms
from tests.knowledge.imports.importing import ORDERS, PRODUCTS, SHOPPERS, Importer, write_json

STOCK = [["SKU编码", "库存数量"], ["00123-1", "5"], ["P2-1", "300"]]
OFFERS = [
    ["活动编号", "活动类型", "活动名称", "商品编号", "SKU", "活动价", "减免", "门槛", "人群", "开始时间", "结束时间",
     "说明"],
    ["a1", "秒杀", "双十一", "P2", "P2-1", "15.5", "", "", "", "2026-11-01", "2026-11-11", ""],
    ["a2", "满减", "满三百减四十", "", "", "", "40", "300", "金卡", "2026-11-01 20:00", "2026-11-11 23:59:59", "全场"],
]  # fmt: skip
PRICES = [["SKU编码", "生效时间", "售价"], ["P2-1", "2025-06-01", "29.9"], ["P2-1", "2025-08-01", "24.9"]]
TRACE = [
    ["溯源码", "商品编号", "SKU", "批次", "生产日期", "到期日期", "产地", "环节日期", "环节地点", "环节"],
    ["T1", "P2", "P2-1", "B7", "2026-03-01", "2029-03-01", "新疆", "2026-03-05", "喀什", "织造"],
    ["T1", "", "", "", "", "", "", "2026-03-02", "阿克苏", "采摘"],
    ["T2", "P2", "", "", "", "", "", "", "", ""],
]
SHIPMENTS = [
    ["订单号", "运单号", "快递公司", "物流状态", "发货时间", "预计送达", "轨迹时间", "轨迹", "所在地"],
    ["o2", "SF1", "顺风快递", "运输中", "2026-10-02 18:00", "2026-10-05", "2026-10-03 08:00", "到达中转站", "武汉"],
    ["o2", "SF1", "顺风快递", "运输中", "2026-10-02 18:00", "2026-10-05", "2026-10-02 18:00", "已揽收", "杭州"],
]
REFUNDS = [
    ["退款编号", "订单号", "行号", "售后类型", "售后状态", "退款金额", "原因", "申请时间"],
    ["r1", "o1", "2", "退货退款", "待审核", "¥60", "不想要了", "2026-10-03 10:00"],
]


async def _shop(importer: Importer) -> None:
    await importer.rows("products", PRODUCTS)
    await importer.rows("shoppers", SHOPPERS)
    await importer.rows("orders", ORDERS)


@pytest.mark.parametrize(
    ("kind", "rows", "things"),
    [("offers", OFFERS, 2), ("price_history", PRICES, 2), ("trace", TRACE, 2), ("shipments", SHIPMENTS, 1),
     ("refunds", REFUNDS, 1), ("stock", STOCK, 0)],
)  # fmt: skip
async def test_again_all_is_unchanged(importer: Importer, kind: str, rows: list[list[str]], things: int) -> None:
    await _shop(importer)
    new, changed, unchanged = await importer.rows(kind, rows)
    assert (new, changed + unchanged) == (things, 2 if kind == "stock" else 0)
    assert await importer.rows(kind, rows) == (0, 0, things or 2)


async def test_stock_is_counted(importer: Importer) -> None:
    await _shop(importer)
    assert await importer.rows("stock", STOCK) == (0, 1, 1)
    timed = [["sku", "库存", "盘点时间"], ["P2-1", "0", "2026-11-01 08:00"]]
    assert await importer.rows("stock", timed) == (0, 1, 0)
    found = "select stock, stock_at::text from skus where shop_id = :shop_id and sku_id = 'P2-1'"
    assert await importer.all(found) == [(0, "2026-11-01 00:00:00+00")]
    (first, second) = await importer.refused("stock", [["sku", "库存"], ["no", "1"], ["P2-1", "1"], ["P2-1", "2"]])
    assert (first["row"], first["field"], first["value"]) == (2, "sku_id", "no")
    assert (second["row"], second["rule"]) == (4, "once only, but also in row 3")


async def test_offers(importer: Importer) -> None:
    await _shop(importer)
    await importer.rows("offers", OFFERS)
    found = await importer.all(
        "select kind, sku_id, price_fen, off_fen, threshold_fen, audience, starts_at::text, ends_at::text from offers "
        "where shop_id = :shop_id order by offer_id"
    )
    assert found == [
        ("flash", "P2-1", 1550, None, None, "all", "2026-10-31 16:00:00+00", "2026-11-11 16:00:00+00"),
        ("threshold", None, None, 4000, 30000, "金卡", "2026-11-01 12:00:00+00", "2026-11-11 16:00:00+00"),
    ]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (["a", "秒杀", "x", "P2", "", "", "", "", "", "2026-11-01", "2026-11-02", ""], "price_fen"),
        (["a", "秒杀", "x", "", "", "1", "", "", "", "2026-11-01", "2026-11-02", ""], "product_id"),
        (["a", "券", "x", "", "", "", "", "", "", "2026-11-01", "2026-11-02", ""], "off_fen"),
        (["a", "满减", "x", "", "", "", "5", "", "", "2026-11-01", "2026-11-02", ""], "threshold_fen"),
        (["a", "赠品", "x", "", "", "", "", "", "", "2026-11-02", "2026-11-01", ""], "ends_at"),
        (["a", "打折", "x", "", "", "", "", "", "", "2026-11-01", "2026-11-02", ""], "kind"),
        (["a", "秒杀", "x", "P9", "", "1", "", "", "", "2026-11-01", "2026-11-02", ""], "product_id"),
        (["a", "秒杀", "x", "P2", "00123-1", "1", "", "", "", "2026-11-01", "2026-11-02", ""], "sku_id"),
        (["a", "赠品", "x", "", "P2-1", "", "", "", "", "2026-11-01", "2026-11-02", ""], "product_id"),
    ],
)
async def test_an_offer_that_makes_no_sense(importer: Importer, row: list[str], field: str) -> None:
    await _shop(importer)
    errors = await importer.refused("offers", [OFFERS[0], row])
    assert field in {error["field"] for error in errors}
    assert await importer.count("offers") == 0


async def test_prices_of_the_past_stay_in_the_past(importer: Importer) -> None:
    await _shop(importer)
    await importer.rows("price_history", PRICES)
    prices = "select price_fen from price_points where shop_id = :shop_id and sku_id = 'P2-1' order by from_at"
    assert await importer.all(prices) == [(2990,), (2490,), (1990,)]
    (error,) = await importer.refused("price_history", [PRICES[0], ["P2-1", "2099-01-01", "1"]])
    assert (error["row"], error["field"]) == (2, "from_at")
    assert await importer.rows("price_history", [PRICES[0], ["P2-1", "2025-08-01", "23.9"]]) == (0, 1, 0)


async def test_trace_steps_are_put_in_order(importer: Importer) -> None:
    await _shop(importer)
    await importer.rows("trace", TRACE)
    found = await importer.all(
        "select code, batch, expires_on::text, steps from trace_records where shop_id = :shop_id order by code"
    )
    assert found == [
        ("T1", "B7", "2029-03-01", [{"on": "2026-03-02", "place": "阿克苏", "what": "采摘"},
                                    {"on": "2026-03-05", "place": "喀什", "what": "织造"}]),
        ("T2", "", None, []),
    ]  # fmt: skip
    nested = [{"code": "T1", "product_id": "P2", "steps": [{"on": "2026-03-02", "place": "阿克苏", "what": "采摘"}]}]
    report = await importer.file("trace", write_json(importer.folder, nested))
    assert report.changed_count == 1


async def test_orders_are_read_as_the_desk_reads_them(importer: Importer) -> None:
    await _shop(importer)
    await importer.rows("shipments", SHIPMENTS)
    await importer.rows("refunds", REFUNDS)
    oms = LocalOms(importer.database)
    first = await oms.order(importer.shop_id, "u1", "o1")
    assert first is not None
    assert (first.state, first.paid_fen, first.freight_fen, first.placed_at.isoformat()) == (
        "paid", 10000, 1000, "2026-10-01T01:05:00+00:00",
    )  # fmt: skip
    assert [(item.line, item.title, item.quantity, item.unit_price_fen, item.paid_fen) for item in first.items] == [
        (1, "帐篷", 1, 6000, 4500), (2, "毛巾", 2, 3000, 4500),
    ]  # fmt: skip
    assert [(one.kind, one.line, one.amount_fen) for one in first.refunds] == [("return_refund", 2, 6000)]
    second = await oms.order(importer.shop_id, "u2", "o2")
    assert second is not None
    (shipment,) = second.shipments
    assert [(step.text, step.place, step.at.hour) for step in shipment.steps] == [
        ("已揽收", "杭州", 10), ("到达中转站", "武汉", 0),
    ]  # fmt: skip
    assert sum(item.paid_fen for item in second.items) == second.paid_fen == 5990


@pytest.mark.parametrize(("column", "value"), [(4, "101"), (7, "3"), (2, "已发货"), (6, "大帐篷")])
async def test_a_change_of_the_order_or_of_an_item_is_a_change(importer: Importer, column: int, value: str) -> None:
    await _shop(importer)
    changed = [row[:] for row in ORDERS]
    changed[1][column] = value
    assert await importer.rows("orders", changed) == (0, 1, 1)
    assert await importer.rows("orders", changed) == (0, 0, 2)


async def test_an_item_that_is_gone_from_the_file_is_gone(importer: Importer) -> None:
    await _shop(importer)
    assert await importer.rows("orders", [ORDERS[0], ORDERS[1], ORDERS[3]]) == (0, 1, 1)
    assert await importer.count("order_items") == 2


async def test_columns_the_file_does_not_have_keep_what_they_hold(importer: Importer) -> None:
    await _shop(importer)
    extended = [[*ORDERS[0], "买家备注", "运费险"], *([*row, "轻放", "是"] for row in ORDERS[1:])]
    assert await importer.rows("orders", extended) == (0, 2, 0)
    assert await importer.rows("orders", ORDERS) == (0, 0, 2)
    assert await importer.all("select distinct note, freight_insured from orders where shop_id = :shop_id") == [
        ("轻放", True)
    ]  # fmt: skip


async def test_rows_of_one_order_may_lie_apart_but_not_differ(importer: Importer) -> None:
    await importer.rows("shoppers", SHOPPERS)
    apart = [ORDERS[0], ORDERS[1], ORDERS[3], [*ORDERS[1][:6], *ORDERS[2][6:]]]
    assert await importer.rows("orders", apart) == (2, 0, 0)
    items = "select line, title from order_items where shop_id = :shop_id and order_id = 'o1' order by line"
    assert await importer.all(items) == [(1, "帐篷"), (2, "毛巾")]
    assert await importer.rows("orders", ORDERS) == (0, 0, 2)
    differing = [*apart[:3], ["o1", "u1", "已发货", *apart[3][3:]]]
    (error,) = await importer.refused("orders", differing)
    assert (error["row"], error["field"]) == (4, "state")
    assert "row 2" in error["rule"]


async def test_merged_cells_leave_everything_but_the_item_empty(importer: Importer) -> None:
    await importer.rows("shoppers", SHOPPERS)
    merged = [ORDERS[0], ORDERS[1], [*[""] * 6, *ORDERS[2][6:]], ORDERS[3]]
    assert await importer.rows("orders", merged) == (2, 0, 0)
    assert await importer.count("order_items") == 3


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([["o1", "u1", "待发货", "2026-10-01", "1", "", "帐篷", "1", "1", "1", ""],
          ["o1", "", "", "", "", "", "毛巾", "1", "1", "1", ""]], "line"),
        ([["o1", "u1", "待发货", "2026-10-01", "2", "", "帐篷", "1", "1", "", "1"],
          ["o1", "", "", "", "", "", "毛巾", "1", "1", "", ""]], "item_paid_fen"),
    ],
)  # fmt: skip
async def test_items_of_an_order_agree(importer: Importer, rows: list[list[str]], field: str) -> None:
    await importer.rows("shoppers", SHOPPERS)
    (error,) = await importer.refused("orders", [[*ORDERS[0], "行号", "明细实付"], *rows])
    assert error["field"] == field


@pytest.mark.parametrize(
    ("kind", "rows", "field"),
    [
        ("shipments", [SHIPMENTS[0], ["o9", *SHIPMENTS[1][1:]]], "order_id"),
        ("refunds", [REFUNDS[0], ["r1", "o9", *REFUNDS[1][2:]]], "order_id"),
        ("refunds", [REFUNDS[0], ["r1", "o1", "7", *REFUNDS[1][3:]]], "line"),
        ("trace", [TRACE[0], ["T1", "P9", *TRACE[1][2:]]], "product_id"),
        ("price_history", [PRICES[0], ["no", "2025-01-01", "1"]], "sku_id"),
        ("orders", [[*ORDERS[0], "付款时间"], [*ORDERS[1], "2026-09-30"]], "paid_at"),
    ],
)
async def test_references_are_checked(importer: Importer, kind: str, rows: list[list[Any]], field: str) -> None:
    await _shop(importer)
    errors = await importer.refused(kind, rows)
    assert (2, field) in {(error["row"], error["field"]) for error in errors}


async def test_a_refund_stays_with_its_order(importer: Importer) -> None:
    await _shop(importer)
    await importer.rows("refunds", REFUNDS)
    (error,) = await importer.refused("refunds", [REFUNDS[0], ["r1", "o2", "1", *REFUNDS[1][3:]]])
    assert error["field"] == "refund_id"
