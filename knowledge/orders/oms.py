"""The order management system behind a port: our own tables by default, the shop's own system over signed HTTP."""

from typing import Protocol

from knowledge.kit.errors import LiveCrewError
from knowledge.orders.views import OrderView, ShopperView

MOST_ORDERS = 50
"""No adapter gives more at once, whatever the limit asked for."""


class OmsUnavailableError(LiveCrewError):
    """The system of record did not answer in time, or not in its own words; nothing is known, so nothing is said."""

    code = "oms_unavailable"


class Oms(Protocol):
    """Every call names the shopper whose identity was proven: another shopper's order is as absent as none at all.

    Raises: OmsUnavailableError.
    """

    async def order(self, shop_id: str, shopper_id: str, order_id: str) -> OrderView | None: ...

    async def orders(self, shop_id: str, shopper_id: str, *, limit: int = 10) -> list[OrderView]:
        """Newest first."""
        ...

    async def shopper(self, shop_id: str, shopper_id: str) -> ShopperView | None: ...
