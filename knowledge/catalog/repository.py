from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, any_, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from knowledge.catalog.models import Offer, PricePoint, Product, ProductRevision, Sku, TraceRecord
from knowledge.kit.db import Scope

Column = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def _among(column: Column, ids: Iterable[str]) -> ColumnElement[bool]:
    """One bound array, however many: a list of parameters ends at 65,535."""
    return column == any_(literal(list(ids), ARRAY(Text)))


async def lock_catalog(scope: Scope) -> None:
    """Writers of one shop's products take turns until this transaction ends, so none can block another half-way."""
    await scope.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{scope.shop_id} catalog", 3)))
    )


async def catalog_version(scope: Scope) -> int:
    row = await scope.one("select catalog_version from shops where id = :shop_id")
    return row.catalog_version if row else 0


async def name_rows(scope: Scope) -> list[Any]:
    """(product_id, title, aliases, brand, category, on_sale) by id."""
    return await scope.all(
        "select p.product_id, p.title, p.brand, p.category, p.state = 'on_sale' as on_sale,"
        " array(select jsonb_array_elements_text(r.facts -> 'aliases')) as aliases"
        " from products p join product_revisions r using (shop_id, product_id, revision)"
        " where p.shop_id = :shop_id order by p.product_id"
    )


def _in_force(scope: Scope) -> Select[tuple[str, int, dict[str, Any]]]:
    in_force = (
        (ProductRevision.shop_id == Product.shop_id)
        & (ProductRevision.product_id == Product.product_id)
        & (ProductRevision.revision == Product.revision)
    )
    columns = select(Product.product_id, Product.revision, ProductRevision.facts)
    return columns.join(ProductRevision, in_force).where(Product.shop_id == scope.shop_id)


async def in_force(scope: Scope, product_ids: Iterable[str]) -> list[Any]:
    """Rows (product_id, revision, facts)."""
    return list((await scope.session.execute(_in_force(scope).where(_among(Product.product_id, product_ids)))).all())


def _matching(search: str, category: str) -> list[ColumnElement[bool]]:
    aliases = ProductRevision.facts["aliases"].astext
    fields = (Product.title, Product.product_id, Product.brand, aliases)
    found: list[ColumnElement[bool]] = []
    if search:
        found.append(or_(*(field.icontains(search, autoescape=True) for field in fields)))
    if category:
        found.append(Product.category == category)
    return found


async def listed(scope: Scope, *, search: str, category: str, limit: int, offset: int) -> list[Any]:
    """Rows (product_id, revision, facts) by id."""
    statement = _in_force(scope).where(*_matching(search, category)).order_by(Product.product_id)
    return list((await scope.session.execute(statement.limit(limit).offset(offset))).all())


async def counted(scope: Scope, *, search: str, category: str) -> int:
    found = _in_force(scope).where(*_matching(search, category)).subquery()
    return int(await scope.session.scalar(select(func.count()).select_from(found)) or 0)


async def revision(scope: Scope, product_id: str, number: int) -> ProductRevision | None:
    return await scope.session.get(ProductRevision, (scope.shop_id, product_id, number))


async def digests(scope: Scope, product_ids: Iterable[str]) -> list[Any]:
    """Rows (product_id, revision, sha256) of the revisions in force."""
    return await scope.all(
        "select p.product_id, p.revision, r.sha256"
        " from products p join product_revisions r using (shop_id, product_id, revision)"
        " where p.shop_id = :shop_id and p.product_id = any(:ids)",
        ids=list(product_ids),
    )


async def skus_of(scope: Scope, product_ids: Iterable[str]) -> list[Sku]:
    statement = select(Sku).where(Sku.shop_id == scope.shop_id, _among(Sku.product_id, product_ids))
    return list(await scope.session.scalars(statement))


async def owners(scope: Scope, sku_ids: Iterable[str]) -> dict[str, str]:
    """Product id by sku id, of the skus there are."""
    statement = select(Sku.sku_id, Sku.product_id).where(Sku.shop_id == scope.shop_id, _among(Sku.sku_id, sku_ids))
    return {row.sku_id: row.product_id for row in (await scope.session.execute(statement)).all()}


async def latest_points(scope: Scope, sku_ids: Iterable[str]) -> dict[str, Any]:
    """The newest (sku_id, from_at, price_fen) by sku id."""
    rows = await scope.all(
        "select distinct on (sku_id) sku_id, from_at, price_fen from price_points"
        " where shop_id = :shop_id and sku_id = any(:ids) order by sku_id, from_at desc",
        ids=list(sku_ids),
    )
    return {row.sku_id: row for row in rows}


async def points_of(scope: Scope, sku_ids: Iterable[str], until: datetime) -> list[PricePoint]:
    """Oldest first."""
    statement = select(PricePoint).where(
        PricePoint.shop_id == scope.shop_id, _among(PricePoint.sku_id, sku_ids), PricePoint.from_at <= until
    )
    return list(await scope.session.scalars(statement.order_by(PricePoint.sku_id, PricePoint.from_at)))


async def offers_of(scope: Scope, product_ids: Iterable[str], since: datetime, until: datetime | None) -> list[Offer]:
    """Those of the products and of the whole shop that run at some instant of [since, until], first started first."""
    theirs = or_(_among(Offer.product_id, product_ids), Offer.product_id.is_(None))
    statement = select(Offer).where(Offer.shop_id == scope.shop_id, theirs, Offer.ends_at > since)
    if until is not None:
        statement = statement.where(Offer.starts_at <= until)
    return list(await scope.session.scalars(statement.order_by(Offer.starts_at, Offer.offer_id)))


async def trace(scope: Scope, code: str) -> TraceRecord | None:
    return await scope.session.get(TraceRecord, (scope.shop_id, code))


async def save_products(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    statement = insert(Product)
    changed = {name: statement.excluded[name] for name in ("revision", "title", "category", "brand", "state")}
    await scope.session.execute(
        statement.on_conflict_do_update(
            index_elements=["shop_id", "product_id"], set_=changed | {"updated_at": text("livecrew_now()")}
        ),
        list(rows),
    )


async def save_revisions(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    await scope.session.execute(insert(ProductRevision), list(rows))


async def save_skus(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    """Stock of a sku that is there already stays."""
    statement = insert(Sku)
    changed = {name: statement.excluded[name] for name in ("product_id", "name", "price_fen")}
    await scope.session.execute(
        statement.on_conflict_do_update(index_elements=["shop_id", "sku_id"], set_=changed), list(rows)
    )


async def forget_stock(scope: Scope, product_ids: Collection[str], listed_skus: Collection[str]) -> None:
    """Of those skus of the products that are not among the listed ones."""
    await scope.run(
        "update skus set stock = null, stock_at = null where shop_id = :shop_id and product_id = any(:products)"
        " and stock_at is not null"
        " and not exists (select from unnest(cast(:listed as text[])) as l (id) where l.id = skus.sku_id)",
        products=list(product_ids),
        listed=list(listed_skus),
    )


async def save_stock(scope: Scope, stock: Mapping[str, int], at: datetime) -> None:
    await scope.run(
        "update skus s set stock = n.stock, stock_at = :at"
        " from unnest(cast(:ids as text[]), cast(:counts as integer[])) as n (sku_id, stock)"
        " where s.shop_id = :shop_id and s.sku_id = n.sku_id",
        ids=list(stock),
        counts=list(stock.values()),
        at=at,
    )


async def save_points(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    statement = insert(PricePoint)
    changed = {name: statement.excluded[name] for name in ("price_fen", "source")}
    await scope.session.execute(
        statement.on_conflict_do_update(index_elements=["shop_id", "sku_id", "from_at"], set_=changed), list(rows)
    )


async def save_offers(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    statement = insert(Offer)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in ("shop_id", "offer_id")}
    await scope.session.execute(
        statement.on_conflict_do_update(index_elements=["shop_id", "offer_id"], set_=changed), list(rows)
    )


async def save_traces(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    statement = insert(TraceRecord)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in ("shop_id", "code")}
    await scope.session.execute(
        statement.on_conflict_do_update(index_elements=["shop_id", "code"], set_=changed), list(rows)
    )
