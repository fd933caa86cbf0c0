"""Products of a file as revisions, by sets: what `CatalogService.put` would write for the same facts."""

import asyncio
import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from psycopg.rows import dict_row
from pydantic import ValidationError

from knowledge.catalog.facts import ProductFacts
from knowledge.catalog.import_facts import build_facts
from knowledge.imports.kind import Check, Counts, Staged
from knowledge.imports.repository import connection
from knowledge.imports.upsert import count_verdicts
from knowledge.kit.db import Scope

_BATCH = 1_000
_JSON = ("aliases", "selling_points", "scenes", "after_sales", "qualifications", "attributes")

PRODUCT_CHECKS = (
    Check(
        "sku_id",
        "once only in the file",
        "select row_number, sku_id as value from (select l.*, row_number() over (partition by sku_id order by "
        "row_number, ordinal) as nth from incoming_lines l where sku_id in (select sku_id from incoming_lines "
        "group by sku_id having count(*) > 1)) l where nth > 1",
    ),
    Check(
        "sku_id",
        "a sku of this product: another product lists it",
        "select l.row_number, l.sku_id as value from incoming_lines l "
        "join skus s on s.shop_id = :shop_id and s.sku_id = l.sku_id and s.product_id <> l.product_id "
        "join products p on p.shop_id = :shop_id and p.product_id = s.product_id "
        "join product_revisions r on r.shop_id = :shop_id and r.product_id = p.product_id and r.revision = p.revision "
        "where r.facts @> jsonb_build_object('skus', jsonb_build_array(jsonb_build_object('sku_id', l.sku_id))) "
        "and not exists (select from incoming i where i.product_id = s.product_id)",
    ),
)


class ProductWriter:
    async def prepare(self, scope: Scope, _staged: Staged) -> None:
        """A product without sku ids has one sku, of its own id."""
        await scope.run("alter table incoming_lines add column if not exists sku_id text")
        await scope.run("update incoming_lines set sku_id = product_id where sku_id is null")
        await scope.run("analyze incoming_lines")

    async def plan(self, scope: Scope, staged: Staged) -> Counts:
        await scope.run(
            "create temp table verdicts (product_id text, verdict text, revision integer, title text, category text, "
            "brand text, state text, facts jsonb, sha256 text) on commit drop"
        )
        await _state_facts(scope, staged)
        await scope.run("analyze verdicts")
        if "stock" in staged.present:
            await scope.run(
                "update verdicts v set verdict = 'changed' where v.verdict = 'unchanged' and exists ("
                "select from incoming_lines l join skus s on s.shop_id = :shop_id and s.sku_id = l.sku_id "
                "where l.product_id = v.product_id and l.stock is not null and s.stock is distinct from l.stock)"
            )
        return await count_verdicts(scope)

    async def apply(self, scope: Scope, staged: Staged) -> None:
        at = (await scope.one("select livecrew_now() as now")).now
        if (await scope.one("select exists (select from verdicts where facts is not null) as some")).some:
            await _write_revisions(scope)
            await _write_skus(scope, named="sku_name" in staged.present)
            await _write_prices(scope, at)
        if "stock" in staged.present:
            await scope.run(
                "update skus s set stock = l.stock, stock_at = :at from incoming_lines l "
                "where s.shop_id = :shop_id and s.sku_id = l.sku_id and l.stock is not null",
                at=at,
            )


async def _state_facts(scope: Scope, staged: Staged) -> None:
    """Fills `verdicts`, a batch of products in memory at a time; `facts` is null where they are those in force."""
    driver = await connection(scope)
    async with driver.cursor(name="stated", row_factory=dict_row) as cursor:
        await cursor.execute(_stated(staged), {"shop_id": scope.shop_id})
        while rows := await cursor.fetchmany(_BATCH):
            verdicts = await asyncio.to_thread(_verdicts, rows, staged)
            async with driver.cursor() as copying, copying.copy(
                "copy verdicts from stdin (format csv, force_not_null (brand))"
            ) as copy:  # fmt: skip
                await copy.write(verdicts)


def _stated(staged: Staged) -> bytes:
    parts = ["'sku_id', l.sku_id", "'price_fen', l.price_fen"]
    parts += ["'name', l.sku_name"] if "sku_name" in staged.present else []
    parts += ["'options', l.options"] if "options" in staged.present else []
    return (
        "select i.*, l.skus, p.revision as known_revision, r.facts as known_facts from incoming i "
        f"join (select l.product_id, json_agg(json_build_object({', '.join(parts)}) "
        "order by l.row_number, l.ordinal) as skus from incoming_lines l group by l.product_id) l using (product_id) "
        "left join products p on p.shop_id = %(shop_id)s and p.product_id = i.product_id "
        "left join product_revisions r on r.shop_id = p.shop_id and r.product_id = p.product_id "
        "and r.revision = p.revision"
    ).encode()


def _verdicts(rows: Sequence[Mapping[str, Any]], staged: Staged) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerows(line for row in rows if (line := _verdict(row, staged)) is not None)
    return buffer.getvalue()


def _verdict(row: Mapping[str, Any], staged: Staged) -> list[Any] | None:
    """A row of `verdicts`; None when the facts break a rule, which is told."""
    current = ProductFacts.model_validate(row["known_facts"]) if row["known_facts"] else None
    given = {name: row[name] for name in staged.present if name in row}
    try:
        facts = build_facts(given, row["skus"], current)
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(str(part) for part in problem["loc"])
            staged.refusals.add(row["row_number"], place, problem["msg"], problem["input"])
        return None
    if facts == current:
        return [facts.product_id, "unchanged", None, None, None, "", None, None, None]
    state = "on_sale" if facts.on_sale else "off_sale"
    verdict, revision = ("changed", row["known_revision"] + 1) if current else ("new", 1)
    return [facts.product_id, verdict, revision, facts.title, facts.category, facts.brand, state,
            facts.model_dump_json(), facts.sha256]  # fmt: skip


async def _write_revisions(scope: Scope) -> None:
    await scope.run(
        "insert into products (shop_id, product_id, revision, title, category, brand, state) "
        "select cast(:shop_id as text), product_id, revision, title, category, brand, state from verdicts "
        "where facts is not null on conflict (shop_id, product_id) do update set revision = excluded.revision, "
        "title = excluded.title, category = excluded.category, brand = excluded.brand, state = excluded.state, "
        "updated_at = livecrew_now()"
    )
    await scope.run(
        "insert into product_revisions (shop_id, product_id, revision, facts, sha256, source) "
        "select cast(:shop_id as text), product_id, revision, facts, sha256, 'import' from verdicts "
        "where facts is not null"
    )


async def _write_skus(scope: Scope, *, named: bool) -> None:
    """Skus that the new facts do not list keep their row, without stock."""
    changed = "select product_id from verdicts where facts is not null"
    name, kept = ("l.sku_name", ", name = excluded.name") if named else ("''", "")
    await scope.run(
        f"insert into skus (shop_id, sku_id, product_id, name, price_fen) select cast(:shop_id as text), l.sku_id, "
        f"l.product_id, {name}, l.price_fen from incoming_lines l where l.product_id in ({changed}) on conflict "
        f"(shop_id, sku_id) do update set product_id = excluded.product_id, price_fen = excluded.price_fen{kept}"
    )
    await scope.run(
        f"update skus s set stock = null, stock_at = null where s.shop_id = :shop_id and s.stock_at is not null "
        f"and s.product_id in ({changed}) and not exists (select from incoming_lines l where l.sku_id = s.sku_id)"
    )


async def _write_prices(scope: Scope, at: object) -> None:
    """A point where the price moved; never before the newest one, should the clock have been set back."""
    await scope.run(
        "insert into price_points (shop_id, sku_id, from_at, price_fen, source) "
        "select cast(:shop_id as text), l.sku_id, greatest(cast(:at as timestamptz), newest.from_at), l.price_fen, "
        "'import' from incoming_lines l join verdicts v on v.product_id = l.product_id and v.facts is not null "
        "left join lateral (select p.from_at, p.price_fen from price_points p where p.shop_id = :shop_id "
        "and p.sku_id = l.sku_id order by p.from_at desc limit 1) newest on true "
        "where newest.price_fen is distinct from l.price_fen "
        "on conflict (shop_id, sku_id, from_at) do update set price_fen = excluded.price_fen, source = excluded.source",
        at=at,
    )
