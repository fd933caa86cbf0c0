import argparse
import asyncio
import sys
from pathlib import Path

from api.commands.settings import read_settings
from api.migrations import migrate
from knowledge.imports.refusal import ImportRefusedError
from knowledge.imports.registry import KINDS
from knowledge.imports.service import ImportFile, ImportReport, ImportService, Progress, ShowProgress
from knowledge.kit.clock import SystemClock
from knowledge.kit.errors import InvalidInputError, NotFoundError
from knowledge.runtime import open_knowledge

_STAGES = {"reading": "reading and checking", "checking": "comparing", "writing": "writing", "written": "written"}


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"livecrew {name}",
        description="Imports one file of a shop's data: .csv (UTF-8 or GB18030), .xlsx (first visible sheet) or .json "
        "(an array, or an object a line), headed in Chinese or English. All of it is imported or nothing; the same "
        "file again changes nothing. A refused file is answered row by row: row, field, rule.",
    )
    parser.add_argument("kind", choices=list(KINDS), help="what the file holds")
    parser.add_argument("file", type=Path)
    parser.add_argument("--shop", required=True, help="shop id; `livecrew shop create` makes one")
    parser.add_argument("--dry-run", action="store_true", help="check and count only; change nothing")
    return asyncio.run(_import(parser.parse_args(arguments)))


async def _import(given: argparse.Namespace) -> int:
    if not given.file.is_file():
        raise InvalidInputError(f"{given.file} does not exist.", field="file", rule="an existing file")
    async with open_knowledge(read_settings().knowledge, SystemClock(), migrate, own_chroma=False) as knowledge:
        if given.shop not in await knowledge.database.shop_ids():
            raise NotFoundError(f"There is no shop {given.shop}; `livecrew shop create` makes one.")
        file = ImportFile(given.kind, given.file, given.file.name)
        imports = ImportService(knowledge.database)
        try:
            report = await imports.run(
                given.shop, file, dry_run=given.dry_run, created_by="command", progress=_bar(file.file_name)
            )
        except ImportRefusedError as error:
            _clear()
            _tell_refusal(error)
            return 1
    _clear()
    _tell(report)
    return 0


def _tell(report: ImportReport) -> None:
    taken = ", ".join(f"{one.header} → {one.taken_as}" for one in report.columns if one.taken_as)
    ignored = ", ".join(one.header for one in report.columns if not one.taken_as)
    sys.stdout.write(f"columns: {taken}\n")
    if ignored:
        sys.stdout.write(f"ignored: {ignored}\n")
    done = "would be imported" if report.dry_run else "imported"
    sys.stdout.write(
        f"{report.file_name}: {report.row_count} rows {done}: {report.new_count} new, "
        f"{report.changed_count} changed, {report.unchanged_count} unchanged\n"
    )


def _tell_refusal(error: ImportRefusedError) -> None:
    for one in error.data["errors"]:
        value = f" ({one['value']})" if one["value"] else ""
        sys.stderr.write(f"row {one['row']}: {one['field']}: {one['rule']}{value}\n")
    hidden = error.data["error_count"] - len(error.data["errors"])
    if hidden:
        sys.stderr.write(f"and {hidden} more\n")
    sys.stderr.write("nothing was imported\n")


def _bar(name: str) -> ShowProgress:
    def show(progress: Progress) -> None:
        if sys.stdout.isatty():
            filled = round(24 * progress.share)
            bar = f"{'█' * filled}{'░' * (24 - filled)}"
            sys.stdout.write(f"\r\x1b[K{name} {bar} {progress.rows} rows, {_STAGES[progress.stage]}")
            sys.stdout.flush()

    return show


def _clear() -> None:
    if sys.stdout.isatty():
        sys.stdout.write("\r\x1b[K")
