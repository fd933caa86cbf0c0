"""The shop's orders as imported into our own tables."""

from knowledge.kit.db import Database
from knowledge.kit.storable import is_storable
from knowledge.orders import repository
from knowledge.orders.assembly import whole_orders
from knowledge.orders.masked import masked
from knowledge.orders.oms import MOST_ORDERS
from knowledge.orders.views import OrderView, ShopperView


class LocalOms:
    """An `Oms`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def order(self, shop_id: str, shopper_id: str, order_id: str) -> OrderView | None:
        if not is_storable(order_id):
            return None
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            found = await repository.order(scope, shopper_id, order_id)
            whole = await whole_orders(scope, shopper_id, [found] if found else [])
        return masked(whole[0]) if whole else None

    async def orders(self, shop_id: str, shopper_id: str, *, limit: int = 10) -> list[OrderView]:
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            rows = await repository.orders(scope, shopper_id, min(max(limit, 0), MOST_ORDERS))
            whole = await whole_orders(scope, shopper_id, rows)
        return [masked(order) for order in whole]

    async def shopper(self, shop_id: str, shopper_id: str) -> ShopperView | None:
        async with self._database.transaction(shop_id) as scope:
            found = await repository.shopper(scope, shopper_id)
        return ShopperView.model_validate(found) if found else None

    async def close(self) -> None:
        """Nothing of its own is open."""
