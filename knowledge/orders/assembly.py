"""Rows of one shopper's orders put together, one statement a table."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from knowledge.kit.db import Scope
from knowledge.orders import repository
from knowledge.orders.models import Order, OrderItem, Refund, Shipment
from knowledge.orders.views import ItemView, OrderIn, RefundView, ShipmentView


async def whole_orders(scope: Scope, shopper_id: str, rows: Sequence[Order]) -> list[OrderIn]:
    """In the order of the rows, personal data whole."""
    if not rows:
        return []
    ids = [row.order_id for row in rows]
    parts: dict[str, dict[str, list[Any]]] = {order_id: defaultdict(list) for order_id in ids}
    for item in await repository.children(scope, OrderItem, shopper_id, ids):
        parts[item.order_id]["items"].append(ItemView.model_validate(item))
    for shipment in await repository.children(scope, Shipment, shopper_id, ids):
        parts[shipment.order_id]["shipments"].append(ShipmentView.model_validate(shipment))
    for refund in await repository.children(scope, Refund, shopper_id, ids):
        parts[refund.order_id]["refunds"].append(RefundView.model_validate(refund))
    return [OrderIn.model_validate({**_columns(row), **parts[row.order_id]}) for row in rows]


def _columns(row: Order) -> dict[str, Any]:
    return {name: getattr(row, name) for name in OrderIn.model_fields if name in row.__table__.columns}
