"""Plain factories of shoppers and orders."""

from datetime import UTC, datetime, timedelta
from typing import Any

from knowledge.orders.views import ItemView, OrderIn, RefundView, ShipmentStep, ShipmentView, ShopperIn

NOON = datetime(2026, 5, 20, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def shopper(shopper_id: str = "anna", **more: Any) -> ShopperIn:
    given: dict[str, Any] = {
        "name": "安娜",
        "tier": "金卡",
        "phone": "13812345678",
        "email": "anna@example.com",
        "address": "广东省深圳市南山区科技园路1号3栋502",
    }
    return ShopperIn(shopper_id=shopper_id, **(given | more))


def order(order_id: str = "A1", shopper_id: str = "anna", **more: Any) -> OrderIn:
    """Two items, one customised; a parcel whose steps come out of order; a refund of the second line."""
    given: dict[str, Any] = {
        "state": "refunding",
        "channel": "live",
        "placed_at": NOON,
        "paid_at": NOON + HOUR,
        "paid_fen": 25800,
        "freight_fen": 0,
        "discount_fen": 1000,
        "address": "广东省深圳市南山区科技园路1号3栋502",
        "phone": "13812345678",
        "note": "放门口鞋柜",
        "items": (
            ItemView(line=2, title="钢笔", sku_name="刻字：安娜", quantity=1, unit_price_fen=9900, paid_fen=9900,
                     customised=True),
            ItemView(line=1, product_id="P1", sku_id="P1-1", title="折叠椅", sku_name="绿", quantity=1,
                     unit_price_fen=16900, paid_fen=15900),
        ),
        "shipments": (
            ShipmentView(
                tracking_no=f"SF-{order_id}",
                courier="顺丰",
                state="in_transit",
                shipped_at=NOON + 2 * HOUR,
                expected_on=(NOON + 48 * HOUR).date(),
                steps=(
                    ShipmentStep(at=NOON + 9 * HOUR, text="正送往科技园路1号", place="深圳南山"),
                    ShipmentStep(at=NOON + 3 * HOUR, text="已揽收", place="杭州"),
                ),
            ),
        ),
        "refunds": (
            RefundView(refund_id=f"R-{order_id}", line=2, kind="return_refund", state="requested", amount_fen=9900,
                       reason="名字刻错了，我叫安娜", requested_at=NOON + 30 * HOUR),
        ),
    }  # fmt: skip
    return OrderIn(order_id=order_id, shopper_id=shopper_id, **(given | more))


def plain_order(order_id: str, shopper_id: str = "anna", **more: Any) -> OrderIn:
    bare: dict[str, Any] = {"state": "paid", "items": (), "shipments": (), "refunds": ()}
    return order(order_id, shopper_id, **(bare | more))
