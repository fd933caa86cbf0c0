"""A process that imports products and stands still at a stage: `… import_slowly URL SHOP FILE STAGE`."""

import asyncio
import sys
import time
from pathlib import Path

from knowledge.imports.service import ImportFile, ImportService, Progress
from knowledge.kit.db import Database


async def main(url: str, shop_id: str, path: Path, stage: str) -> None:
    def wait(progress: Progress) -> None:
        if progress.stage == stage:
            sys.stdout.write(f"{stage}\n")
            sys.stdout.flush()
            time.sleep(600)

    await ImportService(Database(url, pool_size=2)).run(
        shop_id, ImportFile("products", path, path.name), progress=wait
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
