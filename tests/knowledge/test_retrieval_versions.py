"""Which wording is found on which day, after whatever happened to the shop's documents."""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from knowledge.documents import repository
from knowledge.index.embedders import FakeEmbedder
from knowledge.index.hybrid import HybridIndex
from knowledge.index.ports import Vectors
from knowledge.kit.clock import FrozenClock
from knowledge.kit.db import Database
from tests.support.desk import Desk, new_shop, policy

TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def shop(database: Database, shop_id: str, embedder: FakeEmbedder, clock: FrozenClock) -> Desk:
    return Desk(database, shop_id, embedder, clock)


async def test_the_old_day_finds_the_old_wording_and_today_the_new_one(shop: Desk) -> None:
    await shop.ingest(
        policy("returns", "退货期为七天。", starts=date(2025, 1, 1)),
        policy("returns", "退货期为十五天。", starts=date(2026, 3, 1)),
        policy("returns", "退货期为三十天。", starts=date(2026, 7, 1)),
    )
    assert await shop.find("退货期多久") == ["退货期为十五天。"]
    assert await shop.find("退货期多久", as_of=TODAY) == ["退货期为十五天。"]
    assert await shop.find("退货期多久", as_of=date(2025, 12, 31)) == ["退货期为七天。"]
    assert await shop.find("退货期多久", as_of=date(2026, 2, 28)) == ["退货期为七天。"]
    assert await shop.find("退货期多久", as_of=date(2026, 3, 1)) == ["退货期为十五天。"]
    assert await shop.find("退货期多久", as_of=date(2027, 1, 1)) == ["退货期为三十天。"]
    assert await shop.find("退货期多久", as_of=date(2024, 12, 31)) == []


async def test_midnight_in_shanghai_brings_the_new_version_into_force(shop: Desk, clock: FrozenClock) -> None:
    await shop.ingest(
        policy("returns", "退货期为七天。"),
        policy("returns", "大促退货期为三十天。", starts=TODAY + timedelta(days=1), ends=TODAY + timedelta(days=2)),
    )
    clock.at = datetime(2026, 6, 15, 15, 59, 59, tzinfo=UTC)
    assert await shop.find("退货期") == ["退货期为七天。"]
    clock.at = datetime(2026, 6, 15, 16, 0, tzinfo=UTC)
    assert await shop.find("退货期") == ["大促退货期为三十天。"]
    clock.at = datetime(2026, 6, 17, 16, 0, tzinfo=UTC)
    assert await shop.find("退货期") == ["退货期为七天。"]


async def test_deleting_the_version_in_force_gives_way_to_the_one_before(shop: Desk) -> None:
    _, late = await shop.ingest(policy("returns", "退货期为七天。"), policy("returns", "退货期为十五天。"))
    assert await shop.find("退货期") == ["退货期为十五天。"]
    assert await shop.find("退货期", as_of=date(2026, 1, 1)) == ["退货期为十五天。"]
    await shop.documents.delete(shop.shop_id, late.id)
    assert await shop.find("退货期") == ["退货期为七天。"]
    assert await shop.find("退货期", as_of=date(2026, 1, 1)) == ["退货期为七天。"]


def _expected(history: list[tuple[date | None, date | None]], day: date) -> int | None:
    """The version that holds, told in the simplest way: the latest start wins, then the higher number."""
    best: tuple[date, int] | None = None
    for number, (starts, ends) in enumerate(history, start=1):
        began, over = starts or date.min, ends or date.max
        if began <= day <= over and (best is None or (began, number) > best):
            best = (began, number)
    return best[1] if best else None


@pytest.mark.parametrize("seed", range(6))
async def test_any_history_answers_for_any_day(shop: Desk, seed: int) -> None:
    chance = random.Random(seed)
    histories: dict[str, list[tuple[date | None, date | None]]] = {}
    for doc in ("returns", "freight"):
        for _ in range(chance.randint(2, 5)):
            starts = TODAY + timedelta(days=chance.randint(-40, 20))
            ends = starts + timedelta(days=chance.randint(0, 30))
            span = (chance.choice([starts, starts, None]), chance.choice([ends, None]))
            histories.setdefault(doc, []).append(span)
            number = len(histories[doc])
            await shop.ingest(policy(doc, f"{doc} 规则第{number}版。", starts=span[0], ends=span[1]))
    for day in [TODAY, *(TODAY + timedelta(days=chance.randint(-45, 25)) for _ in range(5))]:
        held = {doc: _expected(history, day) for doc, history in histories.items()}
        wanted = {f"{doc} 规则第{number}版。" for doc, number in held.items() if number}
        assert set(await shop.find("规则", as_of=day)) == wanted, (day, histories)
    for doc in histories:
        gone = chance.randrange(len(histories[doc]))
        document = [one for one in await shop.documents.listed(shop.shop_id) if one.doc == doc][gone]
        await shop.documents.delete(shop.shop_id, document.id)
        histories[doc][gone] = (date.max, date.min)  # holds on no day
    held = {doc: _expected(history, TODAY) for doc, history in histories.items()}
    wanted = {f"{doc} 规则第{number}版。" for doc, number in held.items() if number}
    assert set(await shop.find("规则")) == wanted


async def test_shops_do_not_find_each_others_words(shop: Desk, database: Database, embedder: FakeEmbedder) -> None:
    other = Desk(database, await new_shop(database), embedder, shop.clock)
    await shop.ingest(policy("returns", "甲店退货期为七天。"))
    await other.ingest(policy("returns", "乙店退货期为九天。"))
    assert await shop.find("退货期") == ["甲店退货期为七天。"]
    assert [hit.text for hit in (await shop.retriever.search(other.shop_id, "退货期")).hits] == ["乙店退货期为九天。"]


async def test_a_failing_embedder_leaves_search_by_words(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.ingest(policy("a", "电子发票在两天内开具。"), policy("b", "生鲜商品不支持退货。"))

    def away(_texts: object) -> Vectors:
        raise ConnectionError("embedder away")

    monkeypatch.setattr(shop.retriever._embedder, "embed_queries", away)
    found = await shop.retriever.search(shop.shop_id, "电子发票")
    assert found.degraded
    assert found.hits[0].text == "电子发票在两天内开具。"


async def test_a_refresh_that_failed_is_made_up_for_by_the_next(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.ingest(policy("a", "电子发票在两天内开具。"))
    assert await shop.find("发票")
    await shop.ingest(policy("b", "生鲜商品不支持退货。"))
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(HybridIndex, "apply", _fail)
        await shop.find("生鲜")
    assert (await shop.find("生鲜商品"))[0] == "生鲜商品不支持退货。"


def _fail(*_: object) -> None:
    raise MemoryError


async def test_searches_see_a_whole_state_while_documents_come_and_go(shop: Desk) -> None:
    """Every answer holds exactly one version of the rule, whichever moment it hits."""
    await shop.ingest(policy("returns", "退货期为零天。"))
    stop = asyncio.Event()
    wrong: list[list[str]] = []

    async def search() -> None:
        while not stop.is_set():
            texts = await shop.find("退货期")
            if len(texts) != 1 or not texts[0].startswith("退货期为"):
                wrong.append(texts)

    readers = [asyncio.create_task(search()) for _ in range(4)]
    for number in range(1, 13):
        (document,) = await shop.ingest(policy("returns", f"退货期为{number}天。"))
        if number % 4 == 0:
            await shop.documents.delete(shop.shop_id, document.id)
    stop.set()
    await asyncio.gather(*readers)
    assert wrong == []
    assert await shop.find("退货期") == ["退货期为11天。"]


async def test_what_another_process_publishes_is_found_at_once(shop: Desk, database: Database) -> None:
    elsewhere = Desk(database, shop.shop_id, FakeEmbedder(), shop.clock)
    assert await shop.find("发票") == []
    (document,) = await elsewhere.ingest(policy("invoice", "发票在两天内开具。"))
    assert await shop.find("发票") == ["发票在两天内开具。"]
    await elsewhere.documents.delete(shop.shop_id, document.id)
    assert await shop.find("发票") == []


async def test_expected_vectors_are_those_in_force_today(shop: Desk, embedder: FakeEmbedder) -> None:
    await shop.ingest(policy("r", "退货期为七天。"), policy("r", "退货期为九天。", starts=TODAY + timedelta(days=9)))
    expected = await shop.retriever.expected_vectors(shop.shop_id)
    async with shop.database.transaction(shop.shop_id) as scope:
        (first, _) = await repository.listed(scope)
        rows = await repository.units_of(scope, [first.id], embedder.id)
    assert expected.keys() == {row.id for row in rows}
    for row in rows:
        np.testing.assert_allclose(expected[row.id], embedder.embed_passages([row.text])[0], atol=1e-6)
