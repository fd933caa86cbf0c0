"""How fast claims are, beside a bare SKIP LOCKED update loop on the same database, by the same number of processes.

Both loops go through `Database.transaction`, the one edge to the database, on tables of the same number of rows; they
take turns, so a slow moment of the machine hits both. `python -m evals.queue.speed` is one process of a loop.
"""

import argparse
import asyncio
import json
import sys
import time
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from agents.handoff.presence import Presence
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Actor
from evals.figures import percentile
from knowledge.kit.db import Database
from knowledge.kit.ids import new_id
from knowledge.shops.repository import ensure_shop

Row = dict[str, Any]
_CAPACITY = 100
_START_S = 1.5
_RAW_TABLE = """create table if not exists raw_queue (id bigint generated always as identity primary key, rank bigint
    not null, state text not null default 'queued', owner text, lease_until timestamptz, body text not null);
    create index if not exists raw_queue_rank on raw_queue (rank, id) where state = 'queued'"""
_RAW = """update raw_queue set state = 'claimed', owner = :owner, lease_until = livecrew_now() + interval '60 seconds'
    where id = (select id from raw_queue where state = 'queued' order by rank, id for update skip locked limit 1)
    returning id"""


async def raw_claims(url: str, shop_id: str, number: int, until: float) -> list[float]:
    database = Database(url, pool_size=1)
    taken = []
    try:
        while time.time() < until:
            begun = time.perf_counter()
            async with database.transaction("") as scope:
                row = await scope.one(_RAW, owner=f"{shop_id} {number}")
            if row is None:
                break
            taken.append((time.perf_counter() - begun) * 1000)
    finally:
        await database.dispose()
    return taken


async def our_claims(url: str, shop_id: str, number: int, until: float) -> list[float]:
    """Each process is as many operators as it needs: an operator is full after some claims."""
    database = Database(url, pool_size=1)
    queue = HandoffQueue(database)
    taken: list[float] = []
    try:
        while time.time() < until:
            operator = Actor(new_id("opr"))
            await Presence(database).sign_in(shop_id, operator.id, name=f"{number}", capacity=_CAPACITY)
            for _ in range(_CAPACITY):
                begun = time.perf_counter()
                claimed = await queue.claim_next(shop_id, operator)
                if claimed is None or time.time() >= until:
                    return taken
                taken.append((time.perf_counter() - begun) * 1000)
    finally:
        await database.dispose()
    return taken


async def fill(database: Database, owner_url: str, shop_id: str, rows: int) -> None:
    """`rows` conversations that wait, of all classes and ages, and as many rows for the bare loop."""
    async with database.transaction(shop_id) as scope:
        await ensure_shop(scope, "speed")
        await scope.run(
            """insert into conversations (id, shop_id, token_hash, owner)
            select 'cnv_' || :shop_id || g, :shop_id, 'x', 'handoff' from generate_series(1, :rows) g""",
            rows=rows,
        )
        await scope.run(
            """insert into handoffs (id, shop_id, origin, subject_id, trigger_id, reason, reasons, priority, packet,
              enqueued_at, queued_at)
            select 'hnd_' || :shop_id || g, :shop_id, 'support', 'cnv_' || :shop_id || g, 'msg', 'complaint',
              '{complaint}', 100 * (1 + g % 7), jsonb_build_object('ask', repeat('问', 400)), at, at
            from (select g, livecrew_now() - make_interval(secs => g % 590) as at
                  from generate_series(1, :rows) g) r""",
            rows=rows,
        )
    await asyncio.to_thread(_fill_raw, owner_url, make_url(database.url).username or "", rows)


def _fill_raw(owner_url: str, app_role: str, rows: int) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(_RAW_TABLE)
        connection.execute(sql.SQL("grant select, update on raw_queue to {}").format(sql.Identifier(app_role)))
        connection.execute("truncate raw_queue")
        connection.execute(
            """insert into raw_queue (rank, body) select g * 7919 %% 10007, repeat('问', 400)
            from generate_series(1, %s) g""",
            [rows],
        )
        connection.execute("analyze")


async def measure(url: str, shop_id: str, processes: int, seconds: float, *, rounds: int = 3) -> Row:
    """Both loops in turns: {claims_per_s, raw_claims_per_s, claim_p50_ms, claim_p99_ms, …}."""
    ours: list[float] = []
    raw: list[float] = []
    rates = {"ours": 0.0, "raw": 0.0}
    for _ in range(rounds):
        for kind, taken in (("raw", raw), ("ours", ours)):
            found = await _together(kind, url, shop_id, processes, seconds / rounds)
            taken += [ms for one in found for ms in one["ms"]]
            rates[kind] += sum(len(one["ms"]) / one["s"] for one in found) / rounds
    return {
        "claim_p50_ms": percentile(ours, 50),
        "claim_p99_ms": percentile(ours, 99),
        "claims_per_s": round(rates["ours"], 1),
        "raw_claims_per_s": round(rates["raw"], 1),
        "claim_ratio": round(rates["ours"] / rates["raw"], 3) if rates["raw"] else None,
        "claims": len(ours),
        "raw_claim_p99_ms": percentile(raw, 99),
    }


async def _together(kind: str, url: str, shop_id: str, processes: int, seconds: float) -> list[Row]:
    """All begin at one instant, once each has started and warmed up."""
    begin = time.time() + _START_S + 0.5 * processes
    command = [sys.executable, "-m", "evals.queue.speed", kind, url, shop_id, str(begin), str(begin + seconds)]
    running = [
        await asyncio.create_subprocess_exec(*command, str(number), stdout=asyncio.subprocess.PIPE)
        for number in range(processes)
    ]
    outs = [(await one.communicate())[0] for one in running]
    if any(one.returncode for one in running):
        raise RuntimeError("a process of the speed loop failed")
    return [json.loads(out) for out in outs]


async def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("kind", "url", "shop"):
        parser.add_argument(name)
    parser.add_argument("begin", type=float)
    parser.add_argument("until", type=float)
    parser.add_argument("number", type=int)
    given = parser.parse_args()
    loop = our_claims if given.kind == "ours" else raw_claims
    await loop(given.url, given.shop, given.number, time.time() + 0.2)
    await asyncio.sleep(max(0.0, given.begin - time.time()))
    begun = time.time()
    taken = await loop(given.url, given.shop, given.number, max(given.until, begun + 0.5))
    sys.stdout.write(json.dumps({"ms": taken, "s": time.time() - begun}))


if __name__ == "__main__":
    asyncio.run(main())
