"""One import as a process of its own, which prints what it cost: `… import_process URL SHOP KIND FILE`."""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from knowledge.imports.refusal import ImportRefusedError
from knowledge.imports.service import ImportFile, ImportService, Progress
from knowledge.kit.db import Database


async def main(url: str, shop_id: str, kind: str, path: Path) -> dict[str, Any]:
    database = Database(url, pool_size=2)
    rows = 0
    stages: dict[str, float] = {}
    started = time.perf_counter()

    def note(progress: Progress) -> None:
        nonlocal rows
        rows = progress.rows
        stages[progress.stage] = round(time.perf_counter() - started, 2)

    found: dict[str, Any] = {}
    try:
        report = await ImportService(database).run(shop_id, ImportFile(kind, path, path.name), progress=note)
        found = {"new": report.new_count, "changed": report.changed_count, "unchanged": report.unchanged_count}
    except ImportRefusedError as error:
        found = {"refused": error.data["errors"][:3], "error_count": error.data["error_count"]}
    seconds = time.perf_counter() - started
    await database.dispose()
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {"rows": rows, "s": round(seconds, 2), "rows_per_s": round(rows / seconds), "peak_rss_mb": round(peak),
            "cpu_s": round(used.ru_utime + used.ru_stime, 2),
            "until_s": stages, **found}  # fmt: skip


if __name__ == "__main__":
    url, shop_id, kind, path = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(main(url, shop_id, kind, Path(path)))))
