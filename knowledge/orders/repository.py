"""Reads for a shopper are bound to the shop and to the shopper, in every table; writes are the shop's own."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, Text, any_, delete, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from knowledge.kit.db import Scope
from knowledge.orders.models import Order, OrderItem, Refund, Shipment, Shopper

ChildT = TypeVar("ChildT", OrderItem, Shipment, Refund)
_CHILDREN: tuple[type[OrderItem | Shipment | Refund], ...] = (OrderItem, Shipment, Refund)


def _among(column: InstrumentedAttribute[str], ids: Iterable[str]) -> ColumnElement[bool]:
    """One bound array, however many: a list of parameters ends at 65,535."""
    return column == any_(literal(list(ids), ARRAY(Text)))


async def shopper(scope: Scope, shopper_id: str) -> Shopper | None:
    statement = select(Shopper).where(Shopper.shop_id == scope.shop_id, Shopper.shopper_id == shopper_id)
    return (await scope.session.scalars(statement)).one_or_none()


async def order(scope: Scope, shopper_id: str, order_id: str) -> Order | None:
    statement = select(Order).where(
        Order.shop_id == scope.shop_id, Order.shopper_id == shopper_id, Order.order_id == order_id
    )
    return (await scope.session.scalars(statement)).one_or_none()


async def orders(scope: Scope, shopper_id: str, limit: int | None) -> list[Order]:
    """Newest first; None: all."""
    statement = select(Order).where(Order.shop_id == scope.shop_id, Order.shopper_id == shopper_id)
    return list(await scope.session.scalars(statement.order_by(Order.placed_at.desc(), Order.order_id).limit(limit)))


async def children(scope: Scope, model: type[ChildT], shopper_id: str, order_ids: Iterable[str]) -> list[ChildT]:
    """Items, shipments or refunds of the shopper's orders among these, in one statement."""
    theirs = (Order.shop_id == model.shop_id) & (Order.order_id == model.order_id) & (Order.shopper_id == shopper_id)
    statement = select(model).join(Order, theirs)
    return list(
        await scope.session.scalars(statement.where(model.shop_id == scope.shop_id, _among(model.order_id, order_ids)))
    )


async def known_shoppers(scope: Scope, shopper_ids: Iterable[str]) -> set[str]:
    statement = select(Shopper.shopper_id).where(
        Shopper.shop_id == scope.shop_id, _among(Shopper.shopper_id, shopper_ids)
    )
    return set(await scope.session.scalars(statement))


async def refund_orders(scope: Scope, refund_ids: Iterable[str]) -> dict[str, str]:
    """Order id by refund id, of the refunds there are."""
    statement = select(Refund.refund_id, Refund.order_id).where(
        Refund.shop_id == scope.shop_id, _among(Refund.refund_id, refund_ids)
    )
    return {row.refund_id: row.order_id for row in (await scope.session.execute(statement)).all()}


async def save_shoppers(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    await _save(scope, Shopper, ("shop_id", "shopper_id"), rows)


async def save_orders(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    await _save(scope, Order, ("shop_id", "order_id"), rows)


async def _save(
    scope: Scope, model: type[Shopper] | type[Order], key: tuple[str, ...], rows: Sequence[dict[str, Any]]
) -> None:
    statement = insert(model)
    changed: dict[str, Any] = {name: statement.excluded[name] for name in rows[0] if name not in key}
    changed["updated_at"] = text("livecrew_now()")
    await scope.session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))


async def replace_children(
    scope: Scope,
    order_ids: Sequence[str],
    items: Sequence[dict[str, Any]],
    shipments: Sequence[dict[str, Any]],
    refunds: Sequence[dict[str, Any]],
) -> None:
    for model, rows in zip(_CHILDREN, (items, shipments, refunds), strict=True):
        await scope.session.execute(
            delete(model).where(model.shop_id == scope.shop_id, _among(model.order_id, order_ids))
        )
        if rows:
            await scope.session.execute(insert(model), list(rows))


async def erase_shopper(scope: Scope, shopper_id: str) -> int:
    """Number of shopper rows: 1 or 0."""
    theirs = "shop_id = :shop_id and shopper_id = :shopper_id"
    of_theirs = f"shop_id = :shop_id and order_id in (select order_id from orders where {theirs})"
    for statement in (
        f"update order_items set sku_name = '' where {of_theirs} and customised",
        f"update shipments set steps = '[]' where {of_theirs}",
        f"update refunds set reason = '' where {of_theirs}",
        f"update orders set address = '', phone = '', note = '' where {theirs}",
    ):
        await scope.run(statement, shopper_id=shopper_id)
    return await scope.run(
        f"update shoppers set name = '', tier = '', phone = '', email = '', address = '' where {theirs}",
        shopper_id=shopper_id,
    )
