"""What an import costs: seconds, rows a second and peak memory for synthetic catalogues and orders, how both grow with
the size of the file, and that a bad last row imports nothing and is named.

Each import is a process of its own, so that its peak is its own; PostgreSQL is the embedded one, durable as in a shop.
"""

import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.migrations import migrate
from evals.contract import Options, Outcome
from evals.suites.import_files import SHOP, write_orders, write_products, write_shoppers
from knowledge.kit.db import Database
from knowledge.kit.postgres import EmbeddedPostgres
from knowledge.shops.repository import ensure_shop

_PRODUCTS, _ORDERS, _SHOPPERS = 100_000, 1_000_000, 20_000
_GROWTH = 10
_SIZES = {"products": _PRODUCTS, "orders": _ORDERS}


@dataclass(frozen=True)
class _Bench:
    database: Database
    folder: Path
    options: Options

    async def measured(self, kind: str, path: Path) -> dict[str, Any]:
        """What the importing process reports of itself. Raises: RuntimeError when it ended without a report."""
        self.options.progress(f"importing {path.name}")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "evals.suites.import_process", self.database.url, SHOP, kind, str(path),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"the import of {path.name} ended with {process.returncode}")
        found: dict[str, Any] = json.loads(out)
        return found

    async def empty(self) -> None:
        async with self.database.transaction(SHOP) as scope:
            for table in ("orders", "products", "imports"):
                await scope.run(f"delete from {table} where shop_id = :shop_id")

    async def count(self, table: str) -> int:
        async with self.database.transaction(SHOP) as scope:
            return int((await scope.one(f"select count(*) as n from {table} where shop_id = :shop_id")).n)


async def run(options: Options) -> Outcome:
    """`--limit N` imports N orders and a tenth as many products."""
    orders = options.limit or _ORDERS
    sizes = {"products": max(_GROWTH, orders * _PRODUCTS // _ORDERS), "orders": max(_GROWTH, orders)}
    with tempfile.TemporaryDirectory(prefix="lc-imp-", ignore_cleanup_errors=True) as home:
        server = EmbeddedPostgres(Path(home))
        urls = await asyncio.to_thread(server.start)
        try:
            await asyncio.to_thread(migrate, urls.owner, urls.app)
            database = Database(urls.app, pool_size=2)
            metrics = await _measure(_Bench(database, Path(home), options), sizes)
            await database.dispose()
        finally:
            await asyncio.to_thread(server.stop)
    full = sizes == _SIZES
    notes = [] if full else [f"sizes {sizes}; the defaults are {_SIZES}"]
    return Outcome({"n": sum(sizes.values()), "data": "synthetic", **metrics}, [], notes=notes)


async def _measure(bench: _Bench, sizes: dict[str, int]) -> dict[str, Any]:
    async with bench.database.transaction(SHOP) as scope:
        await ensure_shop(scope, "synthetic")
    shoppers = write_shoppers(bench.folder, min(_SHOPPERS, sizes["orders"]))
    metrics: dict[str, Any] = {"shoppers": await bench.measured("shoppers", shoppers)}
    for kind, write in (("products", write_products), ("orders", write_orders)):
        small = await bench.measured(kind, write(bench.folder, sizes[kind] // _GROWTH, bench.options.seed))
        await bench.empty()
        path = write(bench.folder, sizes[kind], bench.options.seed)
        large = await bench.measured(kind, path)
        again = await bench.measured(kind, path)
        await bench.empty()
        bad = await bench.measured(kind, spoil_last_row(path))
        metrics[kind] = {
            **large,
            "file_mb": round(path.stat().st_size / 1e6, 1),
            "tenth": small,
            "growth": round((large["s"] / large["rows"]) / (small["s"] / small["rows"]), 2),
            "rss_growth": round(large["peak_rss_mb"] / small["peak_rss_mb"], 2),
            "again": again,
            "bad_last_row": {**bad, "left_in_tables": await bench.count(kind) + await bench.count("imports")},
        }
        path.unlink()
    return metrics


def spoil_last_row(path: Path) -> Path:
    """The price of the last row becomes one no shop can mean."""
    with path.open("rb+") as file:
        file.seek(-200, 2)
        tail = file.read()
        head, last = tail.rstrip(b"\n").rsplit(b"\n", 1)
        cells = last.split(b",")
        cells[-1] = b"-1"
        file.seek(-len(tail), 2)
        file.write(head + b"\n" + b",".join(cells) + b"\n")
        file.truncate()
    return path
