"""What becomes of a document between upload and erasure."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.documents import repository
from knowledge.documents.models import Document
from knowledge.documents.service import DocumentService, Upload
from knowledge.index.chroma import ChromaIndex, collection_name
from knowledge.index.embedders import FakeEmbedder
from knowledge.index.ports import Vectors
from knowledge.index_owner import ChromaOwner
from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError, NotFoundError
from tests.support.desk import Desk, faq, policy
from tests.support.servers import Cluster

RULES = "签收次日起七天内可以申请退货。\n退货运费由买家承担。\n质量问题的运费由店铺承担。"


class CountingEmbedder(FakeEmbedder):
    """`texts` is what was embedded, in order; dies once before its call number `dies_at`."""

    def __init__(self, dies_at: int = 0) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._calls, self._dies_at = 0, dies_at

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self._calls += 1
        if self._calls == self._dies_at:
            raise ConnectionError("killed")
        self.texts += texts
        return super().embed_passages(texts)


async def _state(desk: Desk, document_id: str) -> Document:
    async with desk.database.transaction(desk.shop_id) as scope:
        return await repository.get(scope, document_id)


async def _jobs(desk: Desk) -> int:
    async with desk.database.transaction(desk.shop_id) as scope:
        found = await scope.one("select count(*) as n from procrastinate_jobs where args->>'shop_id' = :shop_id")
    return int(found.n)


async def _rows(desk: Desk, table: str) -> int:
    async with desk.database.transaction(desk.shop_id) as scope:
        return int((await scope.one(f"select count(*) as n from {table}")).n)


async def test_adding_a_document_defers_one_job_and_is_idempotent(desk: Desk) -> None:
    first = await desk.documents.add(desk.shop_id, policy("returns", RULES))
    assert (first.unchanged, first.document.version, first.document.state) == (False, 1, "pending")
    assert await _jobs(desk) == 1
    await desk.documents.index(desk.shop_id, first.document.id)
    again = await desk.documents.add(desk.shop_id, policy("returns", RULES))
    assert (again.unchanged, again.document.id) == (True, first.document.id)
    assert await _jobs(desk) == 1
    assert len(await desk.documents.listed(desk.shop_id)) == 1


async def test_the_same_file_with_other_dates_is_a_new_version(desk: Desk) -> None:
    await desk.ingest(policy("returns", RULES))
    dated = await desk.documents.add(desk.shop_id, policy("returns", RULES, starts=date(2026, 1, 1)))
    assert (dated.unchanged, dated.document.version) == (False, 2)


async def test_concurrent_uploads_of_one_document_get_numbers_of_their_own(desk: Desk) -> None:
    added = await asyncio.gather(
        *(desk.documents.add(desk.shop_id, policy("returns", f"第{n}版：退货期{n}天。")) for n in range(1, 7))
    )
    assert sorted(one.document.version for one in added) == [1, 2, 3, 4, 5, 6]


async def test_uploading_again_what_was_never_indexed_queues_it_again(desk: Desk) -> None:
    """Its job may have used up its attempts while the embedder was away."""
    added = await desk.documents.add(desk.shop_id, policy("returns", RULES))
    async with desk.database.transaction(desk.shop_id) as scope:
        await scope.run("delete from procrastinate_jobs where args->>'shop_id' = :shop_id")
    again = await desk.documents.add(desk.shop_id, policy("returns", RULES))
    assert (again.unchanged, again.document.id) == (True, added.document.id)
    assert await _jobs(desk) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"doc": " "}, "doc"),
        ({"doc": "k" * 201}, "doc"),
        ({"doc": "nul\0"}, "doc"),
        ({"title": "nul\0"}, "title"),
        ({"file_name": "nul\0.md"}, "file_name"),
        ({"effective_from": date(2026, 2, 1), "effective_to": date(2026, 1, 1)}, "effective_to"),
    ],
)
async def test_bad_input_names_its_field_and_stores_nothing(desk: Desk, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        await desk.documents.add(desk.shop_id, replace(policy("returns", RULES), **change))
    assert raised.value.data["field"] == field
    assert await desk.documents.listed(desk.shop_id) == []
    assert await _jobs(desk) == 0


async def test_indexing_a_ready_document_again_changes_nothing(desk: Desk) -> None:
    (document,) = await desk.ingest(policy("returns", RULES))
    before = await _rows(desk, "index_log")
    assert await desk.documents.index(desk.shop_id, document.id) == (await _state(desk, document.id)).chunk_count > 0
    assert await _rows(desk, "index_log") == before


async def test_a_document_that_cannot_be_read_fails_with_its_reason(desk: Desk) -> None:
    (good,) = await desk.ingest(policy("returns", RULES))
    added = await desk.documents.add(desk.shop_id, policy("broken", "以后会坏。"))
    async with desk.database.transaction(desk.shop_id) as scope:
        await scope.run("update documents set file_name = 'x.pdf', content = 'no pdf' where id = :id",
                        id=added.document.id)  # fmt: skip
    with pytest.raises(InvalidInputError):
        await desk.documents.index(desk.shop_id, added.document.id)
    failed = await _state(desk, added.document.id)
    assert failed.state == "failed"
    assert failed.error
    assert failed.chunk_count == 0
    await desk.documents.run_index_job(desk.shop_id, added.document.id)  # the job ends; it is not tried for ever
    hits = (await desk.retriever.search(desk.shop_id, "退货")).hits
    assert {hit.document_id for hit in hits} == {good.id}


async def test_a_job_of_a_deleted_document_ends_quietly(desk: Desk) -> None:
    added = await desk.documents.add(desk.shop_id, policy("returns", RULES))
    await desk.documents.delete(desk.shop_id, added.document.id)
    await desk.documents.run_index_job(desk.shop_id, added.document.id)
    assert await _rows(desk, "chunks") == 0


async def test_an_interrupted_run_embeds_only_what_is_missing(database: Database, shop_id: str) -> None:
    text = "\n".join(f"第{n}类商品签收后{n}天内可以退货。" for n in range(1, 121))
    embedder = CountingEmbedder(dies_at=3)
    documents = DocumentService(database, embedder)
    added = await documents.add(shop_id, policy("long", text))
    with pytest.raises(ConnectionError):
        await documents.index(shop_id, added.document.id)
    done = len(embedder.texts)
    assert done == 128
    seen: list[tuple[int, int]] = []
    assert await documents.index(shop_id, added.document.id, lambda at, of: seen.append((at, of))) == 120
    assert len(embedder.texts) == len(set(embedder.texts)) == seen[-1][1] > done
    assert [at for at, _ in seen] == sorted(at for at, _ in seen)
    desk = Desk(database, shop_id, embedder)
    assert (await desk.find("第77类商品签收后77天内可以退货。"))[0] == "第77类商品签收后77天内可以退货。"


async def test_nothing_is_searchable_before_the_last_step(database: Database, shop_id: str) -> None:
    embedder = CountingEmbedder(dies_at=2)
    desk = Desk(database, shop_id, embedder)
    text = "\n".join(f"第{n}类商品签收后{n}天内可以退货。" for n in range(1, 121))
    with pytest.raises(ConnectionError):
        await desk.ingest(policy("long", text))
    assert await desk.find("退货") == []
    assert await _rows(desk, "chunks") == 0


async def test_two_workers_on_one_document_publish_it_once(desk: Desk) -> None:
    added = await desk.documents.add(desk.shop_id, policy("returns", RULES))
    counts = await asyncio.gather(*(desk.documents.index(desk.shop_id, added.document.id) for _ in range(4)))
    assert len(set(counts)) == 1
    assert await _rows(desk, "index_log") == 1
    assert await _rows(desk, "chunks") == counts[0]


async def test_deleting_a_version_removes_everything_derived_from_it(desk: Desk) -> None:
    shared = "本店支持七天无理由退货。"
    kept, gone = await desk.ingest(policy("kept", shared), policy("gone", f"{shared}\n旧版赠品随机发放。"))
    assert "旧版赠品随机发放。" in await desk.find("旧版赠品随机发放。")
    await desk.documents.delete(desk.shop_id, gone.id)
    assert "旧版赠品随机发放。" not in await desk.find("旧版赠品随机发放。")
    assert shared in await desk.find(shared)
    async with desk.database.transaction(desk.shop_id) as scope:
        assert await repository.chunks_of(scope, [gone.id]) == []
        left = await repository.units_of(scope, [kept.id, gone.id], "fake-64")
        assert {row.vector is None for row in left} == {False}
        vectors = await scope.one("select count(*) as n from vectors")
    assert vectors.n == len({row.text for row in left})
    assert await _rows(desk, "units") == len(left)
    with pytest.raises(NotFoundError):
        await desk.documents.delete(desk.shop_id, gone.id)


async def test_a_number_is_never_given_twice(desk: Desk) -> None:
    (first,) = await desk.ingest(policy("returns", RULES))
    await desk.documents.delete(desk.shop_id, first.id)
    added = await desk.documents.add(desk.shop_id, policy("returns", RULES))
    assert (added.unchanged, added.document.version) == (False, 2)


class MeddlingEmbedder(FakeEmbedder):
    """Lets something happen between embedding and publishing."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.waits = False

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        found = super().embed_passages(texts)
        if self.waits and any("最后一批" in text for text in texts):
            self.waits = False
            self.loop.call_soon_threadsafe(self.begun.set)
            asyncio.run_coroutine_threadsafe(self.go_on.wait(), self.loop).result(10)
        return found


_TWO_BATCHES = "\n".join(f"第{n}类商品签收后{n}天内可以退货。" for n in range(1, 60)) + "\n最后一批商品不退。"


async def test_deleting_one_document_while_another_is_indexed_loses_no_vector(database: Database, shop_id: str) -> None:
    embedder = MeddlingEmbedder()
    desk = Desk(database, shop_id, embedder)
    (old,) = await desk.ingest(policy("old", "旧规则。"))
    embedder.waits = True
    added = await desk.documents.add(shop_id, policy("new", _TWO_BATCHES))
    indexing = asyncio.create_task(desk.documents.index(shop_id, added.document.id))
    await asyncio.wait_for(embedder.begun.wait(), 10)
    await desk.documents.delete(shop_id, old.id)
    embedder.go_on.set()
    await indexing
    async with database.transaction(shop_id) as scope:
        rows = await repository.units_of(scope, [added.document.id], embedder.id)
    assert [row.text for row in rows if row.vector is None] == []


async def test_a_document_deleted_while_it_is_indexed_leaves_no_vector(database: Database, shop_id: str) -> None:
    embedder = MeddlingEmbedder()
    desk = Desk(database, shop_id, embedder)
    embedder.waits = True
    added = await desk.documents.add(shop_id, policy("new", _TWO_BATCHES))
    indexing = asyncio.create_task(desk.documents.run_index_job(shop_id, added.document.id))
    await asyncio.wait_for(embedder.begun.wait(), 10)
    await desk.documents.delete(shop_id, added.document.id, erase=True)
    embedder.go_on.set()
    await indexing
    assert await _rows(desk, "chunks") == 0
    assert await _rows(desk, "vectors") == 0


async def test_erasing_leaves_no_word_in_any_table_and_no_row_in_chroma(
    cluster: Cluster, database: Database, shop_id: str, embedder: FakeEmbedder, home: Path
) -> None:
    canary = "金丝雀胡同七十九号"
    owner = ChromaOwner.acquire(database, embedder, directory=home)
    assert owner is not None
    desk = Desk(database, shop_id, embedder, owner=owner)
    _, gone = await desk.ingest(
        policy("kept", "本店支持七天无理由退货。"), replace(faq("pairs", {f"{canary}怎么走？": canary}), title=canary)
    )
    assert canary in await desk.find(canary)
    assert await _columns_holding(cluster, canary)
    async with database.transaction(shop_id) as scope:
        units = {row.id for row in await repository.units_of(scope, [gone.id], embedder.id)}
    held = ChromaIndex(owner._client, collection_name(shop_id, embedder), embedder.dim)
    assert units <= held.ids()
    await desk.documents.delete(shop_id, gone.id, erase=True)
    await desk.retriever.refresh(shop_id)
    assert await _columns_holding(cluster, canary) == []
    held = ChromaIndex(owner._client, collection_name(shop_id, embedder), embedder.dim)
    assert held.ids()
    assert not units & held.ids()
    assert all(canary not in text for text in await desk.find(canary))
    owner.close()


async def _columns_holding(cluster: Cluster, canary: str) -> list[str]:
    """Every text-like or binary column of every table, whoever owns the row."""
    database = Database(cluster.superuser_url)
    found = []
    async with database.transaction("") as scope:
        columns = await scope.all(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'"
        )
        for column in columns:
            name = f'"{column.column_name}"'
            shown = f"encode({name}, 'hex')" if column.data_type == "bytea" else f"{name}::text"
            wanted = canary.encode().hex() if column.data_type == "bytea" else canary
            row = await scope.one(
                f"select 1 from {column.table_name} where position(:wanted in {shown}) > 0 limit 1", wanted=wanted
            )
            if row:
                found.append(f"{column.table_name}.{column.column_name}")
    await database.dispose()
    return found


async def test_a_plain_file_needs_no_key_of_its_own_beyond_its_name(desk: Desk) -> None:
    upload = Upload(doc="hours", file_name="hours.txt", content="人工客服每天八点到二十三点在线。".encode("gb18030"))
    (document,) = await desk.ingest(upload)
    assert document.title == "hours"
    assert (await desk.find("客服几点在线"))[0] == "人工客服每天八点到二十三点在线。"
