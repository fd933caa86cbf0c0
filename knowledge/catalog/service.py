from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from knowledge.catalog import repository
from knowledge.catalog.facts import ProductFacts
from knowledge.catalog.models import Sku
from knowledge.catalog.offers import OfferView
from knowledge.catalog.pricing import ListPrice, by_day, first_instant, lowest_public_price
from knowledge.catalog.views import (
    NameRow,
    NameRows,
    PriceHistory,
    ProductView,
    SkuPrices,
    SkuView,
    TraceView,
)
from knowledge.catalog.writing import Put, check_stock, write_products
from knowledge.kit.clock import Clock
from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import InvalidInputError, NotFoundError
from knowledge.kit.storable import check_model, is_storable

_CACHED_SHOPS = 64
_LONGEST_HISTORY = 366


class CatalogService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._names: dict[str, NameRows] = {}

    async def put(
        self, shop_id: str, facts: ProductFacts, *, source: str, stock: Mapping[str, int] | None = None
    ) -> Put:
        """Writes a revision only when the facts differ from those in force; stock by sku id is set either way.

        Raises: InvalidInputError, or ConflictError when a sku is listed by another product.
        """
        return (await self.put_many(shop_id, [facts], source=source, stock=stock))[0]

    async def put_many(
        self, shop_id: str, products: Sequence[ProductFacts], *, source: str, stock: Mapping[str, int] | None = None
    ) -> list[Put]:
        """All of them or none, in a fixed number of statements. Raises: as `put`."""
        async with self._database.transaction(shop_id) as scope:
            return await write_products(scope, products, source=source, stock=stock or {}, at=self._clock.now())

    async def put_stock(self, shop_id: str, stock: Mapping[str, int]) -> None:
        """Raises: InvalidInputError for a sku the shop does not have; nothing is set then."""
        check_stock(stock)
        async with self._database.transaction(shop_id) as scope:
            await _owners(scope, stock)
            await repository.save_stock(scope, stock, self._clock.now())

    async def put_prices(self, shop_id: str, points: Sequence[ListPrice], *, source: str) -> None:
        """Fills in list prices of the past, as known from elsewhere; the newest price is the facts' and stays.

        Raises: InvalidInputError for a point that is not older than the sku's newest one, or of no sku.
        """
        async with self._database.transaction(shop_id) as scope:
            await repository.lock_catalog(scope)
            await _owners(scope, {point.sku_id for point in points})
            newest = await repository.latest_points(scope, {point.sku_id for point in points})
            for point in points:
                if point.from_at >= newest[point.sku_id].from_at:
                    raise InvalidInputError(
                        "Only prices of the past can be filled in.",
                        field="from_at",
                        sku_id=point.sku_id,
                        rule=f"before {newest[point.sku_id].from_at.isoformat()}",
                    )
            if points:
                rows = [{"shop_id": shop_id, "source": source, **point.model_dump()} for point in points]
                await repository.save_points(scope, rows)

    async def put_offers(self, shop_id: str, offers: Sequence[OfferView]) -> None:
        """New ones and changed ones by `offer_id`; to end one, put it with another `ends_at`.

        Raises: InvalidInputError for an offer on what the shop does not sell; nothing is written then.
        """
        for offer in offers:
            check_model(offer)
        async with self._database.transaction(shop_id) as scope:
            await _refuse_strangers(scope, offers)
            if offers:
                rows = {offer.offer_id: {"shop_id": shop_id, **offer.model_dump()} for offer in offers}
                await repository.save_offers(scope, list(rows.values()))

    async def put_trace(self, shop_id: str, records: Sequence[TraceView]) -> None:
        """New ones and changed ones by `code`; their steps are put in time order. Raises: InvalidInputError."""
        for record in records:
            check_model(record)
        async with self._database.transaction(shop_id) as scope:
            await _refuse_strangers(scope, records)
            if records:
                rows = {record.code: _trace_row(shop_id, record) for record in records}
                await repository.save_traces(scope, list(rows.values()))

    async def product(self, shop_id: str, product_id: str) -> ProductView | None:
        found = await self.products(shop_id, [product_id])
        return found[0] if found else None

    async def products(self, shop_id: str, ids: Sequence[str]) -> list[ProductView]:
        """In the order asked; those there are not are left out."""
        async with self._database.transaction(shop_id) as scope:
            views = await self._views(scope, await repository.in_force(scope, filter(is_storable, ids)))
        by_id = {view.product_id: view for view in views}
        return [by_id[one] for one in dict.fromkeys(ids) if one in by_id]

    async def listed(
        self, shop_id: str, *, search: str = "", category: str = "", limit: int = 50, offset: int = 0
    ) -> list[ProductView]:
        """By id, off-sale ones too; `search` is part of a title, alias, brand or id."""
        async with self._database.transaction(shop_id) as scope:
            rows = await repository.listed(scope, search=search, category=category, limit=limit, offset=offset)
            return await self._views(scope, rows)

    async def counted(self, shop_id: str, *, search: str = "", category: str = "") -> int:
        """How many `listed` would give without a limit."""
        async with self._database.transaction(shop_id) as scope:
            return await repository.counted(scope, search=search, category=category)

    async def names(self, shop_id: str) -> NameRows:
        """One primary-key look-up while nothing changed: the very same object then, so that what a caller builds from
        the rows can be kept by `version` (or by identity) until it differs."""
        async with self._database.transaction(shop_id) as scope:
            # the version first: rows newer than it cost one reading more, older ones would stay
            version = await repository.catalog_version(scope)
            kept = self._names.get(shop_id)
            if kept is not None and kept.version == version:
                return kept
            rows = tuple(NameRow.model_validate(row) for row in await repository.name_rows(scope))
        self._names.pop(shop_id, None)
        while len(self._names) >= _CACHED_SHOPS:
            self._names.pop(next(iter(self._names)))
        self._names[shop_id] = made = NameRows(version=version, rows=rows)
        return made

    async def revision(self, shop_id: str, product_id: str, number: int) -> ProductFacts:
        """Raises: NotFoundError."""
        async with self._database.transaction(shop_id) as scope:
            found = await repository.revision(scope, product_id, number)
        if found is None:
            raise NotFoundError("There is no such revision.", product_id=product_id, revision=number)
        return ProductFacts.model_validate(found.facts)

    async def trace(self, shop_id: str, code: str) -> TraceView | None:
        async with self._database.transaction(shop_id) as scope:
            found = await repository.trace(scope, code)
        return TraceView.model_validate(found) if found else None

    async def offers_at(self, shop_id: str, product_id: str, at: datetime) -> tuple[OfferView, ...]:
        """The product's and the whole shop's offers that ran at an instant, past ones included."""
        async with self._database.transaction(shop_id) as scope:
            found = await repository.offers_of(scope, [product_id], at, at)
        return tuple(OfferView.model_validate(offer) for offer in found)

    async def price_history(self, shop_id: str, product_id: str, *, days: int) -> PriceHistory:
        """Up to now. Raises: NotFoundError; InvalidInputError unless `days` is 1 to 366."""
        if not 1 <= days <= _LONGEST_HISTORY:
            raise InvalidInputError("A history has a length.", field="days", rule=f"1 to {_LONGEST_HISTORY}")
        now = self._clock.now()
        since = first_instant(days, now)
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            rows = await repository.in_force(scope, [product_id])
            if not rows:
                raise NotFoundError("There is no such product.", product_id=product_id)
            facts = ProductFacts.model_validate(rows[0].facts)
            points = await repository.points_of(scope, [sku.sku_id for sku in facts.skus], now)
            held = await repository.offers_of(scope, [product_id], since, now)
        offers = [OfferView.model_validate(offer) for offer in held]
        prices = {
            sku_id: [ListPrice.model_validate(point) for point in group]
            for sku_id, group in groupby(points, key=lambda point: point.sku_id)
        }
        skus = tuple(
            SkuPrices(
                sku_id=sku.sku_id,
                name=sku.name,
                points=by_day(prices.get(sku.sku_id, []), offers, sku.sku_id, days, now),
                lowest_fen=lowest_public_price(prices.get(sku.sku_id, []), offers, sku.sku_id, since, now),
            )
            for sku in facts.skus
        )
        return PriceHistory(product_id=product_id, title=facts.title, days=days, as_of=now, skus=skus)

    async def _views(self, scope: Scope, rows: Sequence[Any]) -> list[ProductView]:
        """Of rows (product_id, revision, facts), in their order."""
        if not rows:
            return []
        ids = [row.product_id for row in rows]
        skus = {sku.sku_id: sku for sku in await repository.skus_of(scope, ids)}
        held = await repository.offers_of(scope, ids, self._clock.now(), None)
        offers = [OfferView.model_validate(offer) for offer in held]
        return [_view(ProductFacts.model_validate(row.facts), row.revision, skus, offers) for row in rows]


def _view(
    facts: ProductFacts, revision: int, skus: Mapping[str, Sku], offers: Sequence[OfferView]
) -> ProductView:  # fmt: skip
    return ProductView(
        facts=facts,
        revision=revision,
        skus=tuple(SkuView.model_validate(skus[sku.sku_id]) for sku in facts.skus if sku.sku_id in skus),
        offers=tuple(offer for offer in offers if offer.product_id in (None, facts.product_id)),
    )


def _trace_row(shop_id: str, record: TraceView) -> dict[str, Any]:
    steps = [step.model_dump(mode="json") for step in sorted(record.steps, key=lambda step: step.on)]
    return {"shop_id": shop_id, **record.model_dump(exclude={"steps"}), "steps": steps}


async def _owners(scope: Scope, sku_ids: Iterable[str]) -> dict[str, str]:
    """Raises: InvalidInputError for a sku the shop does not have."""
    wanted = set(sku_ids)
    owners = await repository.owners(scope, wanted)
    if unknown := sorted(wanted - set(owners)):
        raise InvalidInputError("There is no such sku.", field="sku_id", sku_id=unknown[0], rule="a sku of the shop")
    return owners


async def _refuse_strangers(scope: Scope, things: Sequence[OfferView] | Sequence[TraceView]) -> None:
    owners = await _owners(scope, {thing.sku_id for thing in things if thing.sku_id})
    products = {
        row.product_id for row in await repository.digests(scope, {t.product_id for t in things if t.product_id})
    }
    for thing in things:
        known = thing.product_id is None or thing.product_id in products
        if not known or (thing.sku_id and owners[thing.sku_id] != thing.product_id):
            raise InvalidInputError(
                "There is no such product, or the sku is not its.",
                field="product_id",
                product_id=thing.product_id,
                sku_id=thing.sku_id,
                rule="a product of the shop",
            )
