"""One file into one shop: all of it in one transaction, or none."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge.imports import repository
from knowledge.imports.columns import Columns, ColumnTaken, map_columns
from knowledge.imports.kind import Counts, Kind, Staged
from knowledge.imports.models import ImportRow
from knowledge.imports.refusal import Refusals
from knowledge.imports.registry import KINDS
from knowledge.imports.rows import RowCompiler
from knowledge.imports.sources import Source, open_source
from knowledge.imports.survey import Survey, survey
from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import InvalidInputError
from knowledge.kit.ids import new_id


@dataclass(frozen=True)
class Progress:
    """`share` of the file read, 0 to 1. Rows are validated as they are read; `writing` and `written` follow `checking`
    only when nothing was refused and it is no dry run; after `written` comes the end of the transaction alone."""

    stage: Literal["reading", "checking", "writing", "written"]
    rows: int
    share: float


ShowProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class ImportFile:
    """`file_name` decides the format; `path` is where the bytes lie."""

    kind: str
    path: Path
    file_name: str


@dataclass(frozen=True)
class ImportReport:
    """`row_count` rows read; the other counts are things (an order of three rows is one). `import_id` is empty for a
    dry run, which changed nothing."""

    import_id: str
    kind: str
    file_name: str
    dry_run: bool
    row_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    columns: tuple[ColumnTaken, ...]


def _silent(_progress: Progress) -> None:
    return None


class ImportService:
    def __init__(self, database: Database, kinds: Mapping[str, Kind] = KINDS) -> None:
        self._database = database
        self._kinds = kinds

    def kind(self, name: str) -> Kind:
        """Raises: InvalidInputError."""
        if name not in self._kinds:
            raise InvalidInputError(f"There is no kind {name}.", field="kind", rule=f"one of {', '.join(self._kinds)}")
        return self._kinds[name]

    async def run(
        self,
        shop_id: str,
        given: ImportFile,
        *,
        dry_run: bool = False,
        created_by: str = "",
        progress: ShowProgress = _silent,
    ) -> ImportReport:
        """Raises: ImportRefusedError naming rows, fields and rules; InvalidInputError when the file cannot be read;
        ConflictError while another import of the shop is running. Nothing is changed then, nor by a dry run."""
        kind = self.kind(given.kind)
        surveyed = await asyncio.to_thread(survey, given.path, given.file_name)
        refusals = Refusals(kind.personal)
        with ExitStack() as stack:
            opening = open_source(given.path, surveyed, kind.nested, refusals)
            source = await asyncio.to_thread(stack.enter_context, opening)
            columns = map_columns(kind, source.header, source.header_row, refusals)
            refusals.raise_any(kind.name)
            async with self._database.transaction(shop_id) as scope:
                await repository.lock_imports(scope)
                rows = await _stage(scope, kind, columns, source, refusals, progress)
                progress(Progress("checking", rows, 1.0))
                staged = Staged(kind, columns.present, refusals)
                counts = await _check(scope, staged)
                if dry_run:
                    return _report(given, "", rows, counts, columns)
                progress(Progress("writing", rows, 1.0))
                await kind.writer.apply(scope, staged)
                record = _record(shop_id, given, surveyed, rows, counts, created_by)
                scope.session.add(record)
                await scope.session.flush()
                progress(Progress("written", rows, 1.0))
        return _report(given, record.id, rows, counts, columns)

    async def listed(self, shop_id: str, *, kinds: Collection[str] = tuple(KINDS), limit: int = 50) -> list[ImportRow]:
        """Newest first."""
        async with self._database.transaction(shop_id) as scope:
            return await repository.listed(scope, kinds, limit)


async def _stage(
    scope: Scope, kind: Kind, columns: Columns, source: Source, refusals: Refusals, progress: ShowProgress
) -> int:
    """Rows read. Parsing goes on in a thread, so that a service stays answerable meanwhile."""
    await repository.create_staging(scope, kind, columns)
    copier = repository.Copier(await repository.connection(scope), kind, columns)
    batches = RowCompiler(kind, columns, refusals).batches(source.rows)
    rows = 0
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        await copier.write(repository.HEADS, batch.heads)
        await copier.write(repository.LINES, batch.lines)
        rows += batch.rows
        progress(Progress("reading", rows, source.share()))
    if not rows and not refusals.count:
        refusals.add(source.header_row, "file", "at least one row below the header")
    return rows


async def _check(scope: Scope, staged: Staged) -> Counts:
    """Raises: ImportRefusedError with the errors of rows and those between rows together."""
    kind = staged.kind
    if kind.lock:
        await kind.lock(scope)
    await repository.analyse(scope, kind)
    await repository.check_keys(scope, staged)
    await kind.writer.prepare(scope, staged)
    await repository.run_checks(scope, staged)
    staged.refusals.raise_any(kind.name)
    counts = await kind.writer.plan(scope, staged)
    staged.refusals.raise_any(kind.name)
    return counts


def _record(shop_id: str, given: ImportFile, surveyed: Survey, rows: int, counts: Counts, created_by: str) -> ImportRow:
    return ImportRow(
        id=new_id("imp"),
        shop_id=shop_id,
        kind=given.kind,
        file_name=given.file_name,
        sha256=surveyed.sha256,
        row_count=rows,
        new_count=counts.new,
        changed_count=counts.changed,
        unchanged_count=counts.unchanged,
        created_by=created_by,
    )


def _report(given: ImportFile, import_id: str, rows: int, counts: Counts, columns: Columns) -> ImportReport:
    return ImportReport(
        import_id=import_id,
        kind=given.kind,
        file_name=given.file_name,
        dry_run=not import_id,
        row_count=rows,
        new_count=counts.new,
        changed_count=counts.changed,
        unchanged_count=counts.unchanged,
        columns=tuple(columns.taken),
    )
