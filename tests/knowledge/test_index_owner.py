"""Chroma has one owner, follows the log, and can be told from exact search by nothing."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from knowledge.catalog.service import CatalogService
from knowledge.doctor import examine
from knowledge.index.chroma import ChromaIndex, collection_name
from knowledge.index.embed_cache import cached
from knowledge.index.embedders import FakeEmbedder
from knowledge.index_owner import ChromaOwner
from knowledge.kit.db import Database
from knowledge.kit.errors import ConfigurationError
from knowledge.orders.oms_local import LocalOms
from knowledge.policies.service import PolicyTermsService
from knowledge.runtime import Knowledge
from tests.support.desk import Desk, new_shop, policy

LINES = [f"第{n}条规则：{what}在{n}天内处理，{who}承担费用。" for n, what, who in zip(
    range(1, 41), ["退货", "换货", "退款", "补发", "开票", "维修", "改址", "价保"] * 5, ["买家", "卖家", "平台"] * 14,
    strict=False,
)]  # fmt: skip


@pytest.fixture
def owner(database: Database, embedder: FakeEmbedder, home: Path) -> Iterator[ChromaOwner]:
    owner = ChromaOwner.acquire(database, embedder, directory=home)
    assert owner is not None
    yield owner
    owner.close()


@pytest.fixture
async def owned(database: Database, embedder: FakeEmbedder, owner: ChromaOwner) -> Desk:
    """A desk on an index of its own, with forty clauses in eight documents."""
    desk = Desk(database, await new_shop(database), embedder, owner=owner)
    await desk.ingest(*(policy(f"rules-{at}", "\n".join(LINES[at : at + 5])) for at in range(0, 40, 5)))
    await desk.retriever.refresh(desk.shop_id)
    return desk


def _collection(owner: ChromaOwner, desk: Desk) -> ChromaIndex:
    embedder = FakeEmbedder()
    return ChromaIndex(owner._client, collection_name(desk.shop_id, embedder), embedder.dim)


def test_a_directory_has_one_owner_at_a_time(database: Database, embedder: FakeEmbedder, home: Path) -> None:
    first = ChromaOwner.acquire(database, embedder, directory=home)
    assert first is not None
    assert ChromaOwner.acquire(database, embedder, directory=home) is None
    first.close()
    second = ChromaOwner.acquire(database, embedder, directory=home)
    assert second is not None
    second.close()


def test_a_directory_that_cannot_be_written_is_told(database: Database, embedder: FakeEmbedder, home: Path) -> None:
    (home / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="LIVECREW_HOME"):
        ChromaOwner.acquire(database, embedder, directory=home / "file" / "chroma")


async def test_search_with_chroma_equals_exact_search(owned: Desk, owner: ChromaOwner, embedder: FakeEmbedder) -> None:
    exact = Desk(owned.database, owned.shop_id, embedder)
    assert owner.index(owned.shop_id) is not None
    for query in ["退货几天", "谁承担换货费用", *LINES[::7]]:
        near = (await owned.retriever.search(owned.shop_id, query, k=5)).hits
        full = (await exact.retriever.search(owned.shop_id, query, k=5)).hits
        assert [hit.chunk_id for hit in near] == [hit.chunk_id for hit in full]
        assert [hit.score for hit in near] == pytest.approx([hit.score for hit in full], abs=1e-3)


async def test_chroma_follows_additions_and_deletions(owned: Desk, owner: ChromaOwner) -> None:
    expected = await owned.retriever.expected_vectors(owned.shop_id)
    assert _collection(owner, owned).ids() == expected.keys()
    documents = await owned.documents.listed(owned.shop_id)
    await owned.documents.delete(owned.shop_id, documents[0].id)
    await owned.documents.delete(owned.shop_id, documents[1].id, erase=True)
    await owned.ingest(policy("fresh", "新到规则。"), policy("rules-10", "第三份的新版。"))
    await owned.retriever.refresh(owned.shop_id)
    now = await owned.retriever.expected_vectors(owned.shop_id)
    assert now.keys() != expected.keys()
    assert _collection(owner, owned).ids() == now.keys()
    assert await owner.drift(owned.shop_id, now, repair=False) == (0, 0)


async def test_a_new_process_reconciles_rows_lost_and_left_over(
    owned: Desk, owner: ChromaOwner, embedder: FakeEmbedder, home: Path
) -> None:
    rows = _collection(owner, owned)
    gone = sorted(rows.ids())[:7]
    rows.delete(gone)
    rows.upsert(["unt_stranger"], embedder.embed_passages(["从前的规则"]))
    owner.close()
    second = ChromaOwner.acquire(owned.database, embedder, directory=home)
    assert second is not None
    again = Desk(owned.database, owned.shop_id, embedder, owner=second)
    await again.retriever.refresh(owned.shop_id)
    expected = await again.retriever.expected_vectors(owned.shop_id)
    assert _collection(second, owned).ids() == expected.keys()
    second.close()


async def test_a_broken_chroma_leaves_exact_search(
    owned: Desk, owner: ChromaOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("chroma is broken")

    monkeypatch.setattr(ChromaIndex, "query", broken)
    assert (await owned.find(LINES[3]))[0] == LINES[3]
    monkeypatch.setattr(ChromaIndex, "upsert", broken)
    await owned.ingest(policy("fresh", "新到规则。"))
    assert "新到规则。" in await owned.find("新到规则。")
    assert owner.index(owned.shop_id) is None


# the doctor -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def knowledge(own_database: Database, embedder: FakeEmbedder, home: Path) -> AsyncIterator[Knowledge]:
    owner = ChromaOwner.acquire(own_database, embedder, directory=home / "chroma")
    assert owner is not None
    desk = Desk(own_database, await new_shop(own_database, "shp_ill"), embedder, owner=owner)
    await desk.ingest(*(policy(f"rules-{at}", "\n".join(LINES[at : at + 5])) for at in range(0, 15, 5)))
    yield Knowledge(
        database=own_database,
        embedder=cached(embedder, home / "cache"),
        documents=desk.documents,
        retriever=desk.retriever,
        catalog=CatalogService(own_database, desk.clock),
        oms=LocalOms(own_database),
        terms=PolicyTermsService(own_database),
        owner=owner,
    )
    owner.close()


async def test_the_doctor_finds_drift_and_mends_it(knowledge: Knowledge, embedder: FakeEmbedder) -> None:
    assert knowledge.owner is not None
    await knowledge.retriever.refresh("shp_ill")
    (healthy,) = await examine(knowledge, repair=False)
    assert healthy.well
    assert (healthy.documents, healthy.pending) == (3, 0)
    rows = ChromaIndex(knowledge.owner._client, collection_name("shp_ill", embedder), embedder.dim)
    rows.delete(sorted(rows.ids())[:4])
    rows.upsert(["unt_stranger"], embedder.embed_passages(["从前的规则"]))
    (looked,) = await examine(knowledge, repair=False)
    assert (looked.lost, looked.surplus, looked.repaired) == (4, 1, False)
    (mended,) = await examine(knowledge, repair=True)
    assert (mended.lost, mended.surplus, mended.repaired) == (4, 1, True)
    (after,) = await examine(knowledge, repair=False)
    assert after.well
    assert "ok" in after.summary
    index = knowledge.owner.index("shp_ill")  # the running process goes on with the mended rows
    assert index is not None
    assert len(index.query(embedder.embed_passages([LINES[0]])[0], 3)) == 3


async def test_the_doctor_fills_in_missing_vectors(knowledge: Knowledge) -> None:
    async with knowledge.database.transaction("shp_ill") as scope:
        lost = await scope.run("delete from vectors where sha256 < '8'")
    assert lost
    (found,) = await examine(knowledge, repair=True)
    assert found.unembedded == lost
    assert found.repaired
    (after,) = await examine(knowledge, repair=False)
    assert (after.unembedded, after.lost) == (0, 0)


async def test_the_doctor_counts_what_waits(knowledge: Knowledge) -> None:
    await knowledge.documents.add("shp_ill", policy("waiting", "还没处理。"))
    (found,) = await examine(knowledge, repair=False)
    assert found.pending == 1
