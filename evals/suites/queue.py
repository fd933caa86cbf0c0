"""The handoff queue under random operations of several processes that are killed with -9, on a real PostgreSQL that is
itself shut down in mid-run; and the speed of claims beside a bare SKIP LOCKED loop.

The clock of the database runs sixty times as fast, so that leases, timers and the ageing bound, which are minutes, fall
due within the run. Nothing else differs from a shop.
"""

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from agents.handoff.presence import Presence
from api.migrations import migrate
from evals.contract import Options, Outcome, Row
from evals.queue import race, speed
from evals.queue.replay import judge
from knowledge.kit.db import Database
from knowledge.kit.ids import new_id
from knowledge.kit.postgres import DatabaseUrls, EmbeddedPostgres
from knowledge.shops.repository import ensure_shop

SPEED_UP = 60
_QUEUED = 10_000
_SPEED_S = 12.0
_RACES = 1000
_LIFE_S = (1.0, 6.0)  # of a worker, before it may be killed
_WORK_BETWEEN_KILLS = 30  # operations of all workers: on a busy machine nobody is killed before they begin
_NOW = """create or replace function livecrew_now() returns timestamptz language sql volatile as $$
  select timestamptz '{start}' + (clock_timestamp() - timestamptz '{start}') * {times} $$"""


@dataclass
class Crew:
    """Workers that are killed at random moments and started again, until so many operations have ended."""

    url: str
    shop_id: str
    folder: Path
    dice: random.Random
    running: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    kills: int = 0

    def log(self, number: int) -> Path:
        return self.folder / f"worker_{number}.jsonl"

    async def start(self, number: int) -> None:
        command = [sys.executable, "-m", "evals.queue.worker", self.url, self.shop_id, str(number)]
        command += [str(self.dice.randrange(2**31)), str(self.log(number))]
        self.running[number] = await asyncio.create_subprocess_exec(*command)

    async def kill(self, number: int) -> None:
        process = self.running.pop(number)
        if process.returncode not in (None, -signal.SIGKILL):
            raise RuntimeError(f"worker {number} ended by itself with {process.returncode}")
        if process.returncode is None:
            process.kill()
        await process.wait()

    def ended(self) -> int:
        return sum(self.log(one).read_bytes().count(b'"end"') for one in self.running if self.log(one).exists())

    def rows(self, number: int) -> list[Row]:
        """A line the kill cut short is no line."""
        lines = self.log(number).read_text(encoding="utf-8").splitlines() if self.log(number).exists() else []
        return [json.loads(line) for line in lines if line.endswith("}")]


async def run(options: Options) -> Outcome:
    """`--ops N --processes P`; `--limit` bounds the rows that wait while claims are timed."""
    with tempfile.TemporaryDirectory(prefix="lc-queue-", ignore_cleanup_errors=True) as home:
        server = EmbeddedPostgres(Path(home))
        urls = await asyncio.to_thread(server.start)
        try:
            await asyncio.to_thread(migrate, urls.owner, urls.app)
            quick = await _speed(urls, options)
            raced = await _race(urls, options)
            found = await _random(server, urls, Path(home), options)
        finally:
            await asyncio.to_thread(server.stop)
    return Outcome({**found, **quick, **raced}, [], notes=_notes(options))


async def _race(urls: DatabaseUrls, options: Options) -> Row:
    options.progress("an operator claims while the bot drafts")
    database, shop_id = Database(urls.app, pool_size=20), new_id("shp")
    async with database.transaction(shop_id) as scope:
        await ensure_shop(scope, "race")
    raced = await race.interleave(database, shop_id, min(_RACES, options.ops // 4), options.seed)
    await database.dispose()
    return raced


async def _speed(urls: DatabaseUrls, options: Options) -> Row:
    options.progress("claims beside a bare loop")
    database, shop_id = Database(urls.app, pool_size=2), new_id("shp")
    await speed.fill(database, urls.owner, shop_id, options.limit or _QUEUED)
    await database.dispose()
    if options.limit:
        return await speed.measure(urls.app, shop_id, options.processes, 1.0, rounds=1)
    return await speed.measure(urls.app, shop_id, options.processes, _SPEED_S)


async def _random(server: EmbeddedPostgres, urls: DatabaseUrls, folder: Path, options: Options) -> Row:
    _hurry(urls.owner)
    database, shop_id = Database(urls.app, pool_size=4), new_id("shp")
    async with database.transaction(shop_id) as scope:
        await ensure_shop(scope, "random")
        await scope.run("update shops set settings = cast(:s as jsonb) where id = :shop_id", s=json.dumps(_RULES))
    await Presence(database).sign_in(shop_id, "opr_boss", name="主管")
    crew = Crew(urls.app, shop_id, folder, random.Random(options.seed))
    begun = time.monotonic()
    restarts = await _work(crew, server, options)
    seconds = time.monotonic() - begun
    logs = [crew.rows(number) for number in range(options.processes)]
    options.progress("looking for what must never happen")
    found, moves = await judge(database, shop_id, logs)
    await database.dispose()
    ends = Counter(_ending(row) for log in logs for row in log if "end" in row)
    return {
        "ops": sum(ends.values()),
        **found.counts(),
        "found": {name: values[:5] for name, values in vars(found).items() if values},
        "kills": crew.kills,
        "restarts": restarts,
        "seconds": round(seconds, 1),
        "ends": dict(ends.most_common()),
        "moves": dict(moves.most_common()),
    }


_RULES = {"queue": {"opens": 0, "closes": 24}}


def _ending(row: Row) -> str:
    end: Row = row["end"]
    return str(end.get("refused") or end.get("broken") or "done")


def _hurry(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        found = connection.execute("select clock_timestamp()::text").fetchone()
        if found is None:
            raise AssertionError("PostgreSQL tells the time")
        connection.execute(_NOW.format(start=found[0], times=SPEED_UP))


async def _work(crew: Crew, server: EmbeddedPostgres, options: Options) -> int:
    """Returns how often the server was shut down: once, halfway."""
    for number in range(options.processes):
        await crew.start(number)
    restarts = at_kill = 0
    next_kill = time.monotonic() + crew.dice.uniform(*_LIFE_S)
    while (done := crew.ended()) < options.ops:
        options.progress(f"operations {done}/{options.ops}")
        await asyncio.sleep(0.1)
        if time.monotonic() >= next_kill and done >= at_kill + _WORK_BETWEEN_KILLS:
            number = crew.dice.randrange(options.processes)
            await crew.kill(number)
            crew.kills += 1
            at_kill = done
            await crew.start(number)
            next_kill = time.monotonic() + crew.dice.uniform(*_LIFE_S) / options.processes * 4
        if not restarts and done >= options.ops // 2:
            restarts += await asyncio.to_thread(_crash, server)
    for number in list(crew.running):
        await crew.kill(number)
    return restarts


def _crash(server: EmbeddedPostgres) -> int:
    """As a power cut: SIGQUIT ends PostgreSQL without a checkpoint, and it recovers from its log."""
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    while server.running():
        time.sleep(0.05)
    server.restart_if_dead()
    return 1


def _notes(options: Options) -> list[str]:
    notes: list[Any] = [
        "raw_claims_per_s is a loop of one UPDATE … SKIP LOCKED a transaction through the same transaction edge",
        f"the database's clock ran {SPEED_UP} times as fast during the random operations, not while claims were timed",
    ]
    if options.limit:
        notes.append(f"claims were timed with {options.limit} rows queued; the default is {_QUEUED}")
    return notes
