"""Facts into revisions, inside a transaction of the caller's: the service has its own, an import its one.

A sku that leaves the facts stays as a row without stock: its price points are the record of what was asked for it, and
old orders name it. It is shown no more, and may come back, or move to another product, with its history.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge.catalog import repository
from knowledge.catalog.facts import ProductFacts
from knowledge.kit.db import Scope
from knowledge.kit.errors import ConflictError, InvalidInputError
from knowledge.kit.storable import check_model

_LARGEST_COUNT = 2**31 - 1


@dataclass(frozen=True)
class Put:
    """`revision` is the one in force now; `changed` whether it was made just now."""

    product_id: str
    revision: int
    changed: bool


async def write_products(
    scope: Scope, products: Sequence[ProductFacts], *, source: str, stock: Mapping[str, int], at: datetime
) -> list[Put]:
    """In the order given. Products whose facts are those in force are left alone; `stock` is counted at `at`.

    Raises: InvalidInputError, or ConflictError when a sku is listed by another product.
    """
    _check(products, stock)
    await repository.lock_catalog(scope)
    known = {row.product_id: row for row in await repository.digests(scope, (p.product_id for p in products))}
    changed = [p for p in products if p.product_id not in known or known[p.product_id].sha256 != p.sha256]
    numbers = {
        p.product_id: known[p.product_id].revision + 1 if p.product_id in known else 1 for p in changed
    }  # fmt: skip
    if changed:
        await _refuse_foreign_skus(scope, changed)
        await _save(scope, changed, numbers, source)
        await _save_prices(scope, changed, source, at)
    if stock:
        await repository.save_stock(scope, stock, at)
    return [
        Put(p.product_id, numbers.get(p.product_id) or known[p.product_id].revision, p.product_id in numbers)
        for p in products
    ]


def check_stock(stock: Mapping[str, int]) -> None:
    for sku_id, count in stock.items():
        if not 0 <= count <= _LARGEST_COUNT:
            raise InvalidInputError(
                "Stock is a count.", field="stock", sku_id=sku_id, rule=f"0 to {_LARGEST_COUNT}, not {count}"
            )


def _check(products: Sequence[ProductFacts], stock: Mapping[str, int]) -> None:
    for facts in products:
        check_model(facts)
    _refuse_twice("product_id", (facts.product_id for facts in products))
    skus = [sku.sku_id for facts in products for sku in facts.skus]
    _refuse_twice("sku_id", skus)
    check_stock(stock)
    if unknown := sorted(set(stock) - set(skus)):
        raise InvalidInputError("Stock of a sku that no product lists.", field="stock", sku_id=unknown[0], rule="known")


def _refuse_twice(field: str, ids: Iterable[str]) -> None:
    repeated = [one for one, times in Counter(ids).items() if times > 1]
    if repeated:
        raise InvalidInputError(f"{field} {repeated[0]} comes twice.", field=field, value=repeated[0], rule="once")


async def _refuse_foreign_skus(scope: Scope, changed: Sequence[ProductFacts]) -> None:
    """A sku has one product: the row may move only once its old product lists it no more."""
    wanted = {sku.sku_id: facts.product_id for facts in changed for sku in facts.skus}
    owners = await repository.owners(scope, wanted)
    foreign = {sku_id: owner for sku_id, owner in owners.items() if owner != wanted[sku_id]}
    others = set(foreign.values()) - {facts.product_id for facts in changed}
    if not others:
        return
    listing = {
        row.product_id: {sku["sku_id"] for sku in row.facts["skus"]}
        for row in await repository.in_force(scope, others)
    }  # fmt: skip
    for sku_id, owner in foreign.items():
        if sku_id in listing.get(owner, ()):
            raise ConflictError(
                f"Sku {sku_id} belongs to product {owner}.", field="sku_id", sku_id=sku_id, product_id=owner
            )


async def _save(scope: Scope, changed: Sequence[ProductFacts], numbers: Mapping[str, int], source: str) -> None:
    shop: dict[str, Any] = {"shop_id": scope.shop_id}
    await repository.save_products(scope, [shop | _product(facts, numbers[facts.product_id]) for facts in changed])
    revisions = [
        shop
        | {
            "product_id": facts.product_id,
            "revision": numbers[facts.product_id],
            "facts": facts.model_dump(mode="json"),
            "sha256": facts.sha256,
            "source": source,
        }
        for facts in changed
    ]
    await repository.save_revisions(scope, revisions)
    skus = [
        shop
        | {
            "sku_id": sku.sku_id,
            "product_id": facts.product_id,
            "name": sku.name,
            "price_fen": sku.price_fen,
        }
        for facts in changed
        for sku in facts.skus
    ]
    await repository.save_skus(scope, skus)
    await repository.forget_stock(scope, list(numbers), [sku["sku_id"] for sku in skus])


def _product(facts: ProductFacts, revision: int) -> dict[str, Any]:
    return {
        "product_id": facts.product_id,
        "revision": revision,
        "title": facts.title,
        "category": facts.category,
        "brand": facts.brand,
        "state": "on_sale" if facts.on_sale else "off_sale",
    }


async def _save_prices(scope: Scope, changed: Sequence[ProductFacts], source: str, at: datetime) -> None:
    prices = {sku.sku_id: sku.price_fen for facts in changed for sku in facts.skus}
    latest = await repository.latest_points(scope, prices)
    points = [
        {
            "shop_id": scope.shop_id,
            "sku_id": sku_id,
            # never before the newest: a process whose clock is behind must not write a price into the past
            "from_at": max(at, latest[sku_id].from_at) if sku_id in latest else at,
            "price_fen": fen,
            "source": source,
        }
        for sku_id, fen in prices.items()
        if sku_id not in latest or latest[sku_id].price_fen != fen
    ]
    if points:
        await repository.save_points(scope, points)
