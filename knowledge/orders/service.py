from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import InvalidInputError
from knowledge.kit.storable import check_model
from knowledge.orders import repository
from knowledge.orders.assembly import whole_orders
from knowledge.orders.views import OrderIn, ShopperIn

_PARTS = {"items", "shipments", "refunds"}


class OrderStore:
    """Writes what the shop tells; reading is the `Oms`'s. An order put again replaces the one of its id, whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_shoppers(self, shop_id: str, shoppers: Sequence[ShopperIn]) -> None:
        """New ones and changed ones, all or none. Raises: InvalidInputError."""
        for shopper in shoppers:
            check_model(shopper)
        _refuse_twice("shopper_id", (shopper.shopper_id for shopper in shoppers))
        # by id, so that two writers who meet wait for each other in one direction only
        rows = [{"shop_id": shop_id, **shopper.model_dump()} for shopper in shoppers]
        rows.sort(key=lambda row: row["shopper_id"])
        async with self._database.transaction(shop_id) as scope:
            if rows:
                await repository.save_shoppers(scope, rows)

    async def put_orders(self, shop_id: str, orders: Sequence[OrderIn]) -> None:
        """New ones and changed ones, all or none.

        Raises: InvalidInputError for an order of an unknown shopper, or a refund id that another order has.
        """
        for order in orders:
            check_model(order)
        _refuse_twice("order_id", (order.order_id for order in orders))
        _refuse_twice("refund_id", (refund.refund_id for order in orders for refund in order.refunds))
        ordered = sorted(orders, key=lambda order: order.order_id)
        async with self._database.transaction(shop_id) as scope:
            if ordered:
                await _refuse_strangers(scope, ordered)
                await repository.save_orders(scope, [_order_row(shop_id, order) for order in ordered])
                await repository.replace_children(
                    scope,
                    [order.order_id for order in ordered],
                    _rows(shop_id, ordered, "items"),
                    _rows(shop_id, ordered, "shipments"),
                    _rows(shop_id, ordered, "refunds"),
                )

    async def export_shopper(self, scope: Scope, shopper_id: str) -> dict[str, Any]:
        """Everything held about one shopper, whole and JSON-ready: `shopper` (None if unknown) is a `ShopperIn`,
        `orders` are `OrderIn`, newest first."""
        found = await repository.shopper(scope, shopper_id)
        orders = await whole_orders(scope, shopper_id, await repository.orders(scope, shopper_id, None))
        return {
            "shopper": ShopperIn.model_validate(found).model_dump(mode="json") if found else None,
            "orders": [order.model_dump(mode="json") for order in orders],
        }

    async def erase_shopper(self, scope: Scope, shopper_id: str) -> bool:
        """Takes away who the shopper is and leaves what the books need; whether the shop knew them. May be repeated.

        Gone: name, tier, phone, e-mail and address; of each order address, phone and note; the carrier's steps, whose
        texts and places tell where somebody lives; the reasons given for refunds; the name of a customised item's sku,
        which is often an engraving. Kept: ids, instants, states, amounts, quantities, titles of goods, couriers and
        tracking numbers, so that accounts, taxes and claims against a carrier can still be settled. The id is the
        shop's own: what it erases there as well can no longer be joined to a person. An import that still holds the
        person's data brings it back, so the shop erases at the source first.
        """
        return await repository.erase_shopper(scope, shopper_id) > 0


def _order_row(shop_id: str, order: OrderIn) -> dict[str, Any]:
    return {"shop_id": shop_id, **order.model_dump(exclude=_PARTS)}


def _rows(shop_id: str, orders: Sequence[OrderIn], part: str) -> list[dict[str, Any]]:
    found = []
    for order in orders:
        for one in getattr(order, part):
            row = {"shop_id": shop_id, "order_id": order.order_id, **one.model_dump()}
            if part == "shipments":
                row["steps"] = [step.model_dump(mode="json") for step in sorted(one.steps, key=lambda step: step.at)]
            found.append(row)
    return found


def _refuse_twice(field: str, ids: Iterable[str]) -> None:
    repeated = [one for one, times in Counter(ids).items() if times > 1]
    if repeated:
        raise InvalidInputError(f"{field} {repeated[0]} comes twice.", field=field, value=repeated[0], rule="once")


async def _refuse_strangers(scope: Scope, orders: Sequence[OrderIn]) -> None:
    known = await repository.known_shoppers(scope, {order.shopper_id for order in orders})
    for order in orders:
        if order.shopper_id not in known:
            raise InvalidInputError(
                "An order needs a shopper.", field="shopper_id", order_id=order.order_id, rule="a shopper of the shop"
            )
    ours = {refund.refund_id: order.order_id for order in orders for refund in order.refunds}
    batch = {order.order_id for order in orders}
    for refund_id, holder in (await repository.refund_orders(scope, ours)).items():
        if holder != ours[refund_id] and holder not in batch:
            raise InvalidInputError(
                "A refund belongs to one order.", field="refund_id", order_id=ours[refund_id], rule=f"not of {holder}"
            )
