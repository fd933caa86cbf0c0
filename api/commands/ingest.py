import argparse
import asyncio
import sys
from datetime import date
from pathlib import Path

from api.commands.settings import read_settings
from api.migrations import migrate
from knowledge.documents.service import Progress, Upload
from knowledge.kit.clock import SystemClock
from knowledge.kit.errors import InvalidInputError
from knowledge.runtime import open_knowledge
from knowledge.shops.repository import ensure_shop


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"livecrew {name}",
        description="Adds files to a shop's knowledge: .md .txt .html .pdf .docx .xlsx. A file that is unchanged costs "
        "nothing; a changed one becomes a new version; an interrupted run goes on where it stopped.",
    )
    parser.add_argument("paths", nargs="+", type=Path, help="files, or folders whose files are taken")
    parser.add_argument("--shop", required=True, help="shop id; made if it is new")
    parser.add_argument("--kind", default="policy", help="policy, faq, product, law … (default %(default)s)")
    parser.add_argument("--effective-from", type=date.fromisoformat, help="first day of validity, YYYY-MM-DD")
    parser.add_argument("--effective-to", type=date.fromisoformat, help="last day of validity, YYYY-MM-DD")
    return asyncio.run(_ingest(parser.parse_args(arguments)))


def _files(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InvalidInputError(f"{path} does not exist.", field="paths", rule="existing files or folders")
        found += sorted(p for p in path.rglob("*") if p.is_file() and p.name[0] != ".") if path.is_dir() else [path]
    return found


async def _ingest(given: argparse.Namespace) -> int:
    files = _files(given.paths)
    failed = 0
    async with open_knowledge(read_settings().knowledge, SystemClock(), migrate, own_chroma=False) as knowledge:
        async with knowledge.database.transaction(given.shop) as scope:
            await ensure_shop(scope, given.shop)
        for number, path in enumerate(files, start=1):
            head = f"[{number}/{len(files)}] {path.name}"
            upload = Upload(
                doc=path.stem,
                file_name=path.name,
                content=path.read_bytes(),
                kind=given.kind,
                effective_from=given.effective_from,
                effective_to=given.effective_to,
            )
            try:
                added = await knowledge.documents.add(given.shop, upload)
                chunks = await knowledge.documents.index(given.shop, added.document.id, _bar(head))
            except InvalidInputError as error:
                failed += 1
                sys.stdout.write(f"\r{head}: refused: {error.detail}\n")
                continue
            state = "unchanged" if added.unchanged else f"version {added.document.version}"
            sys.stdout.write(f"\r{head}: {state}, {chunks} chunks\n")
    return 1 if failed else 0


def _bar(head: str) -> Progress:
    def show(done: int, total: int) -> None:
        if sys.stdout.isatty():
            filled = 24 * done // max(1, total)
            sys.stdout.write(f"\r{head} {'█' * filled}{'░' * (24 - filled)} {done}/{total}")
            sys.stdout.flush()

    return show
