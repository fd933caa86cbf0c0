"""Staging: the file in temporary tables of the one transaction that imports it, and the checks over all its rows."""

from collections.abc import Collection, Sequence
from typing import Any

import psycopg
from sqlalchemy import select

from knowledge.imports.columns import Columns
from knowledge.imports.kind import Field, Kind, Staged
from knowledge.imports.models import ImportRow
from knowledge.imports.refusal import LISTED
from knowledge.kit.db import Scope
from knowledge.kit.errors import ConflictError

HEADS, LINES = "incoming", "incoming_lines"
_DIFFERING = (
    "(select string_agg(a.key || '=' || a.value, ', ') from json_each_text(i.{name}) a "
    "join json_each_text(f.{name}) b using (key) where a.value <> b.value)"
)


async def connection(scope: Scope) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection beneath the scope's open transaction."""
    driver = (await (await scope.session.connection()).get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


async def lock_imports(scope: Scope) -> None:
    """One import a shop at a time; a second one does not wait, for it would keep a connection all the while.

    Raises: ConflictError.
    """
    row = await scope.one("select pg_try_advisory_xact_lock(hashtextextended(:shop_id || ' import', 0)) as mine")
    if not row.mine:
        raise ConflictError("Another import of this shop is running; try again when it is done.", shop_id=scope.shop_id)


async def create_staging(scope: Scope, kind: Kind, columns: Columns) -> None:
    await scope.run("set local work_mem = '64MB'")
    heads = ["row_number integer not null", *_definitions(kind.fields, columns)]
    await scope.run(f"create temp table {HEADS} ({', '.join(heads)}) on commit drop")
    if kind.lines:
        keys = [f"{field.name} {field.sql}" for field in kind.fields if field.name in kind.key]
        lines = ["row_number integer not null", "ordinal integer not null", *keys]
        lines += _definitions(kind.lines, columns)
        await scope.run(f"create temp table {LINES} ({', '.join(lines)}) on commit drop")


def _definitions(fields: Sequence[Field], columns: Columns) -> list[str]:
    return [f"{field.name} {field.sql}" for field in columns.staged(fields)]


class Copier:
    """COPY of csv bytes into the staging tables."""

    def __init__(self, driver: psycopg.AsyncConnection[Any], kind: Kind, columns: Columns) -> None:
        self._driver = driver
        self._statements = {HEADS: _copy(HEADS, kind.fields, columns)}
        if kind.lines:
            self._statements[LINES] = _copy(LINES, kind.lines, columns)

    async def write(self, table: str, data: bytes) -> None:
        if data:
            async with self._driver.cursor() as cursor, cursor.copy(self._statements[table]) as copy:
                await copy.write(data)


def _copy(table: str, fields: Sequence[Field], columns: Columns) -> bytes:
    """An empty cell is NULL, save in the columns whose blank is the empty text."""
    kept = [field.name for field in fields if field.name in columns.at and field.blank == ""]
    force = f", force_not_null ({', '.join(kept)})" if kept else ""
    return f"copy {table} from stdin (format csv{force})".encode()


async def analyse(scope: Scope, kind: Kind) -> None:
    for table in (HEADS, LINES) if kind.lines else (HEADS,):
        await scope.run(f"analyze {table}")


async def check_keys(scope: Scope, staged: Staged) -> None:
    """A key may come twice only as the head of further lines, and then with the same values; later copies of such a
    head are dropped, and its lines counted through."""
    kind = staged.kind
    keys = ", ".join(kind.key)
    await scope.run(
        f"create temp table repeated on commit drop as "
        f"select {keys}, min(row_number) as first_row from {HEADS} group by {keys} having count(*) > 1"
    )
    if not (await scope.one("select exists (select from repeated) as some")).some:
        return
    repeats = f"from {HEADS} i join repeated r using ({keys})"
    if not kind.lines:
        statement = f"select i.row_number, i.{kind.key[-1]} as value, r.first_row {repeats}"
        where = "where i.row_number > r.first_row"
        await _tell(scope, staged, kind.key[-1], "once only, but also in row {}", f"{statement} {where}")
        return
    for name in staged.columns(kind.fields):
        value = _DIFFERING.format(name=name) if name == kind.rest else f"i.{name}::text"
        statement = (
            f"select i.row_number, {value} as value, r.first_row {repeats} "
            f"join {HEADS} f on f.row_number = r.first_row where i.{name}::text is distinct from f.{name}::text"
        )
        rule = f"the same in all rows of one {kind.key[-1]}, but row {{}} differs{_hint(kind, name)}"
        await _tell(scope, staged, name, rule, statement)
    same = " and ".join(f"i.{name} = r.{name}" for name in kind.key)
    await scope.run(f"delete from {HEADS} i using repeated r where {same} and i.row_number > r.first_row")
    await scope.run(
        f"update {LINES} l set ordinal = o.n from (select l.ctid as at, row_number() over (partition by {keys} "
        f"order by l.row_number, l.ordinal) as n from {LINES} l join repeated using ({keys})) o where o.at = l.ctid"
    )


def _hint(kind: Kind, name: str) -> str:
    """For open columns: the prefix by which one may differ from row to row."""
    prefixes = [prefix for prefix, field in kind.headers.opened.items() if field != kind.rest]
    return f"; head a column that differs {prefixes[0]}:…" if name == kind.rest and prefixes else ""


async def run_checks(scope: Scope, staged: Staged) -> None:
    for check in staged.kind.checks:
        if staged.present.issuperset(check.needs):
            await _tell(scope, staged, check.field, check.rule, f"select q.*, 0 as first_row from ({check.sql}) q")


async def _tell(scope: Scope, staged: Staged, field: str, rule: str, statement: str) -> None:
    """`statement` gives (row_number, value, first_row) of rows that break the rule, which may name the first row."""
    counted = f"select q.*, count(*) over () as found from ({statement}) q order by q.row_number limit {LISTED}"
    rows = await scope.all(counted)
    for row in rows:
        staged.refusals.add(row.row_number, field, rule.format(row.first_row), row.value)
    staged.refusals.count += (rows[0].found if rows else 0) - len(rows)


async def listed(scope: Scope, kinds: Collection[str], limit: int) -> list[ImportRow]:
    statement = select(ImportRow).where(ImportRow.shop_id == scope.shop_id, ImportRow.kind.in_(kinds))
    return list(await scope.session.scalars(statement.order_by(ImportRow.created_at.desc(), ImportRow.id).limit(limit)))
