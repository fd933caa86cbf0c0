"""What an import costs: seconds, rows a second and peak memory for synthetic catalogues and orders, how both grow with
the size of the file, and that a bad last row imports nothing and is named.

Each import is a process of its own, so that its peak is its own; PostgreSQL is the embedded one, durable as in a shop.
Processor time, the importer's and PostgreSQL's, is told beside the clock's: it does not see who else uses the machine.
"""

import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from api.migrations import migrate
from evals.contract import Options, Outcome
from evals.suites.import_files import SHOP, write_orders, write_products, write_shoppers
from knowledge.kit.db import Database
from knowledge.kit.postgres import EmbeddedPostgres
from knowledge.shops.repository import ensure_shop

_PRODUCTS, _ORDERS, _SHOPPERS = 100_000, 1_000_000, 20_000
_GROWTH = 10
_REAPED_S = 0.5  # until PostgreSQL has counted a connection that ended
_SIZES = {"products": _PRODUCTS, "orders": _ORDERS}


@dataclass(frozen=True)
class _Bench:
    database: Database
    postmaster: psutil.Process
    folder: Path
    options: Options

    async def measured(self, kind: str, path: Path) -> dict[str, Any]:
        """What the importing process reports of itself. Raises: RuntimeError when it ended without a report."""
        self.options.progress(f"importing {path.name}")
        before = self._served_s()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "evals.suites.import_process", self.database.url, SHOP, kind, str(path),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"the import of {path.name} ended with {process.returncode}")
        found: dict[str, Any] = json.loads(out)
        await asyncio.sleep(_REAPED_S)
        return {**found, "postgres_cpu_s": round(self._served_s() - before, 2)}

    def _served_s(self) -> float:
        """Processor time of all connections that have ended."""
        times = self.postmaster.cpu_times()
        return float(times.children_user + times.children_system)

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
            postmaster = psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))
            metrics = await _measure(_Bench(database, postmaster, Path(home), options), sizes)
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
            "growth": _growth(large, small, "s"),
            "cpu_growth": _growth(large, small, "cpu_s", "postgres_cpu_s"),
            "rss_growth": round(large["peak_rss_mb"] / small["peak_rss_mb"], 2),
            "again": again,
            "bad_last_row": {**bad, "left_in_tables": await bench.count(kind) + await bench.count("imports")},
        }
        path.unlink()
    return metrics


def _growth(large: dict[str, Any], small: dict[str, Any], *keys: str) -> float:
    """Cost of a row in the large file over that in the small one; 1 is linear."""
    each = [sum(found[key] for key in keys) / found["rows"] for found in (large, small)]
    return round(float(each[0] / each[1]), 2)


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
