"""A small run of the load suite: the real application and the bare one on loopback, shoppers in other processes."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from api.settings import ApiSettings
from evals.load import shoppers
from evals.load.bare import bare_app
from evals.load.servers import Server
from evals.suites import load
from knowledge.index.embedders import FakeEmbedder
from knowledge.kit.postgres import DatabaseUrls
from tests.support.desk import TWO_ANSWERS, Desk, faq, new_shop
from tests.support.serving import free_port, serving, wired, with_stand_ins

_UNLIMITED = ApiSettings(messages_per_minute=10_000, conversations_per_minute=10_000)


@pytest.fixture
def bare(home: Path) -> Iterator[Server]:
    texts, embedder = list(TWO_ANSWERS.values()), FakeEmbedder()
    app = bare_app(home / "chroma", texts, embedder.embed_passages(texts), embedder.embed_queries)
    with _running(app, home) as server:
        yield server


@contextmanager
def _running(app: object, home: Path) -> Iterator[Server]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run)
    thread.start()
    yield Server(f"http://127.0.0.1:{port}", os.getpid(), home)
    server.should_exit = True
    thread.join()


@pytest.fixture
async def desk(
    home: Path, own_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Server, str]]:
    with_stand_ins(monkeypatch)
    async with wired(home, own_urls, _UNLIMITED) as services:
        shop_id = await new_shop(services.database)
        await Desk(services.database, shop_id, FakeEmbedder()).ingest(faq("问答", TWO_ANSWERS))
        await services.retriever.refresh(shop_id)
        async with serving(services, _UNLIMITED) as client:
            yield Server(str(client.base_url), os.getpid(), home), shop_id


async def test_every_turn_is_answered_and_both_servers_are_compared(
    desk: tuple[Server, str], bare: Server, tmp_path: Path
) -> None:
    server, shop_id = desk
    texts = load.wordings(tmp_path, seed=7)
    outcome = await asyncio.to_thread(load.compare, server, bare, shop_id, {1: 2, 4: 8}, texts, lambda _line: None)
    figures = outcome.metrics
    assert figures["errors"] == 0
    assert [figures["levels"][level]["n"] for level in ("1", "4")] == [2, 8]
    assert [figures["bare"][level]["n"] for level in ("1", "4")] == [2, 8]
    for level in ("1", "4"):
        row = figures["levels"][level]
        assert 0 < row["first_event_p50_ms"] <= row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]
        assert figures["ratio"][level]["p50_ms"] == round(row["p50_ms"] / figures["bare"][level]["p50_ms"], 3)
    assert figures["server"]["4"]["cpu_ms_per_turn"] > 0


async def test_a_refused_turn_is_an_error_and_no_time(desk: tuple[Server, str]) -> None:
    server, _ = desk
    asked = shoppers.desk("shp_nowhere")
    found = await shoppers.press(asked, server.url, ["发票多久能开好", "多久发货"], shoppers=2, within_s=5)
    assert found.errors == {"HTTP 404": 2}
    assert found.ms == []
    row = load.figures({"seconds": 1.0, "ms": [], "first_event_ms": [], "errors": dict(found.errors)})
    assert (row["errors"], row["n"], row["p50_ms"]) == (2, 0, None)


async def test_shoppers_stop_when_time_is_up(bare: Server) -> None:
    found = await shoppers.press(shoppers.bare, bare.url, ["退货"] * 500, shoppers=2, within_s=0.0)
    assert len(found.ms) == 2
    assert not found.errors


def test_no_question_is_asked_twice_and_the_order_is_the_seeds(tmp_path: Path) -> None:
    texts = list(load.wordings(tmp_path, seed=7))
    assert len(texts) == len(set(texts)) > 1000
    assert texts == list(load.wordings(tmp_path, seed=7))
    assert texts != list(load.wordings(tmp_path, seed=8))
