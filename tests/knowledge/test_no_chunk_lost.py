"""Two processes feed one shop, one of them is killed: every clause is found in the end, by Chroma and exactly."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from knowledge.documents import repository
from knowledge.index.embedders import FakeEmbedder
from knowledge.index.exact import ExactIndex
from knowledge.index_owner import ChromaOwner
from knowledge.kit.db import Database
from tests.support.desk import Desk
from tests.support.ingest_some import clauses
from tests.support.waiting import until

_EACH = 40


async def _start(database: Database, shop_id: str, prefix: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.ingest_some", database.url, shop_id, prefix, str(_EACH),
        cwd=Path(__file__).parents[2],
    )  # fmt: skip


async def test_no_chunk_is_lost_when_a_process_is_killed(
    database: Database, shop_id: str, embedder: FakeEmbedder, home: Path
) -> None:
    calm, killed = await asyncio.gather(*(_start(database, shop_id, prefix) for prefix in ("甲", "乙")))
    desk = Desk(database, shop_id, embedder)

    async def some_of_the_killed_one() -> bool:
        ready = [one for one in await desk.documents.listed(shop_id) if one.doc[0] == "乙" and one.state == "ready"]
        return len(ready) >= 8

    await until(some_of_the_killed_one, within_s=30)
    killed.kill()
    assert await killed.wait() == -9
    assert len(await desk.documents.listed(shop_id)) < 2 * _EACH
    again = await _start(database, shop_id, "乙")
    assert [await again.wait(), await calm.wait()] == [0, 0]

    documents = await desk.documents.listed(shop_id)
    assert Counter((one.state, one.version) for one in documents) == {("ready", 1): 2 * _EACH}
    wanted = {clause for prefix in "甲乙" for number in range(_EACH) for clause in clauses(prefix, number)}
    async with database.transaction(shop_id) as scope:
        chunks = await repository.chunks_of(scope, [one.id for one in documents])
        units = await repository.units_of(scope, [one.id for one in documents], embedder.id)
    assert sorted(chunk.text for chunk in chunks) == sorted(wanted)
    assert [unit.id for unit in units if unit.vector is None] == []

    owner = ChromaOwner.acquire(database, embedder, directory=home)
    assert owner is not None
    indexed = Desk(database, shop_id, embedder, owner=owner)
    await indexed.retriever.refresh(shop_id)
    expected = await indexed.retriever.expected_vectors(shop_id)
    assert await owner.drift(shop_id, expected, repair=False) == (0, 0)
    rows = owner.index(shop_id)
    assert rows is not None
    exact = ExactIndex(embedder.dim)
    exact.rebuild(list(expected), np.stack(list(expected.values())))
    body_of = {unit.text: unit.id for unit in units if unit.kind == "body"}
    for clause in sorted(wanted):
        asked = embedder.embed_queries([clause])[0]
        for index in (rows, exact):
            ((nearest, cosine),) = index.query(asked, 1)
            assert (nearest, round(cosine, 3)) == (body_of[clause], 1.0)
    for clause in sorted(wanted)[::8]:
        assert await indexed.find(clause, k=1) == await desk.find(clause, k=1) == [clause]
    owner.close()
