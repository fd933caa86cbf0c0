"""Set-based writing of `incoming` into one table by its natural key, with what is new, changed or the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.imports.kind import Counts, Staged
from knowledge.kit.db import Scope

_BLANK = "''"


@dataclass(frozen=True)
class Steps:
    """Lines that become one jsonb column of the head, oldest first: key in the JSON → (field, SQL of a line `l`)."""

    entry: Mapping[str, tuple[str, str]]
    order: str

    def sql(self, present: frozenset[str]) -> str:
        pairs = (f"'{key}', {value if field in present else _BLANK}" for key, (field, value) in self.entry.items())
        return f"jsonb_agg(jsonb_build_object({', '.join(pairs)}) order by l.{self.order}, l.ordinal)"


@dataclass(frozen=True)
class TableWriter:
    """Columns the file does not have keep what they hold. `fixed`: SQL of columns the file never has; `stamped`: the
    table has `updated_at`."""

    table: str
    fixed: tuple[tuple[str, str], ...] = ()
    stamped: bool = False
    steps: Steps | None = None

    async def prepare(self, scope: Scope, staged: Staged) -> None:
        if self.steps and self._has_steps(staged):
            await self._fold_steps(scope, staged, self.steps)

    async def plan(self, scope: Scope, staged: Staged) -> Counts:
        await make_verdicts(scope, self.table, staged.kind.key, self._columns(staged))
        return await count_verdicts(scope)

    async def apply(self, scope: Scope, staged: Staged) -> None:
        await upsert(
            scope, self.table, "incoming", staged.kind.key, self._columns(staged),
            fixed=self.fixed, stamped=self.stamped,
        )  # fmt: skip

    def _columns(self, staged: Staged) -> list[str]:
        columns = staged.columns(staged.kind.fields)
        return [*columns, "steps"] if self._has_steps(staged) else columns

    def _has_steps(self, staged: Staged) -> bool:
        return self.steps is not None and bool(staged.columns(staged.kind.lines))

    async def _fold_steps(self, scope: Scope, staged: Staged, steps: Steps) -> None:
        keys = ", ".join(staged.kind.key)
        same = " and ".join(f"s.{name} = i.{name}" for name in staged.kind.key)
        await scope.run("alter table incoming add column steps jsonb not null default '[]'")
        await scope.run(
            f"update incoming i set steps = s.steps from (select {keys}, {steps.sql(staged.present)} as steps "
            f"from incoming_lines l group by {keys}) s where {same}"
        )


async def make_verdicts(scope: Scope, table: str, key: tuple[str, ...], columns: list[str]) -> None:
    """Fills `verdicts` with each key of the file and whether its row is new, changed or unchanged."""
    keys = ", ".join(f"i.{name}" for name in key)
    await scope.run(
        f"create temp table verdicts on commit drop as select i.row_number, {keys}, "
        f"case when t.shop_id is null then 'new' when {_differs('t', 'i', columns)} then 'changed' "
        f"else 'unchanged' end as verdict "
        f"from incoming i left join {table} t on t.shop_id = :shop_id and {_same('t', 'i', key)}"
    )
    await scope.run("analyze verdicts")


async def count_verdicts(scope: Scope) -> Counts:
    rows = await scope.all("select verdict, count(*) as n from verdicts group by verdict")
    found = {row.verdict: row.n for row in rows}
    return Counts(found.get("new", 0), found.get("changed", 0), found.get("unchanged", 0))


async def upsert(
    scope: Scope,
    table: str,
    source: str,
    key: tuple[str, ...],
    columns: list[str],
    *,
    fixed: tuple[tuple[str, str], ...] = (),
    stamped: bool = False,
    verdict_key: tuple[str, ...] = (),
) -> None:
    """Writes the rows of `source` whose verdict is not `unchanged`, matched by `verdict_key` (default: `key`)."""
    names = [*key, *columns, *(name for name, _ in fixed)]
    values = [*(f"i.{name}" for name in (*key, *columns)), *(value for _, value in fixed)]
    changes = [f"{name} = excluded.{name}" for name in names[len(key) :]]
    if stamped:
        changes.append("updated_at = livecrew_now()")
    on_conflict = f"do update set {', '.join(changes)}" if changes else "do nothing"
    await scope.run(
        f"insert into {table} (shop_id, {', '.join(names)}) select cast(:shop_id as text), {', '.join(values)} "
        f"from {source} i join verdicts v on {_same('v', 'i', verdict_key or key)} where v.verdict <> 'unchanged' "
        f"on conflict (shop_id, {', '.join(key)}) {on_conflict}"
    )


def _same(left: str, right: str, names: tuple[str, ...]) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in names)


def _differs(left: str, right: str, names: list[str]) -> str:
    if not names:
        return "false"
    row = [", ".join(f"{side}.{name}" for name in names) for side in (left, right)]
    return f"({row[0]}) is distinct from ({row[1]})"
