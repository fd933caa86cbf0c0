"""kill -9 in the middle of an answer: another process gives it, once."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from agents.support.gate import Answerability
from knowledge.index.embedders import FakeEmbedder
from knowledge.kit.db import Database
from knowledge.kit.postgres import DatabaseUrls
from tests.support.desk import TWO_ANSWERS, Desk, faq, new_shop
from tests.support.gates import set_verdict
from tests.support.serving import free_port
from tests.support.waiting import until

ASKED, *_ = TWO_ANSWERS


async def _serve(home: Path, urls: DatabaseUrls, port: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.hanging_desk", str(home), urls.app, urls.owner, str(port),
        cwd=Path(__file__).parents[2], env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


async def _ask(client: httpx.AsyncClient, shop_id: str) -> tuple[str, str]:
    async def up() -> bool:
        try:
            return (await client.get("/v1/health")).status_code == 200
        except httpx.TransportError:
            return False

    await until(up, within_s=40)
    opened = (await client.post("/v1/conversations", json={"shop_id": shop_id})).json()
    conversation_id = opened["conversation_id"]
    posted = await client.post(
        f"/v1/conversations/{conversation_id}/messages", json={"text": ASKED},
        headers={"Authorization": f"Bearer {opened['token']}"},
    )  # fmt: skip
    assert posted.status_code == 202
    return conversation_id, posted.json()["turn_id"]


async def test_a_turn_outlives_the_process_that_works_on_it(
    own_database: Database, own_urls: DatabaseUrls, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_verdict(monkeypatch, Answerability("answer"))
    desk = Desk(own_database, await new_shop(own_database), FakeEmbedder())
    await desk.ingest(faq("invoice", {ASKED: TWO_ANSWERS[ASKED]}))
    port = free_port()
    server = await _serve(home, own_urls, port)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            conversation_id, turn_id = await _ask(client, desk.shop_id)

            async def writing() -> bool:
                return any(event.data.get("step") == "writing" for event in await desk.events(conversation_id))

            await until(writing)
    finally:
        server.kill()
    assert await server.wait() == -9
    assert (await desk.turn(turn_id)).state == "working"
    early = desk.runner()
    assert await early.sweep() == 0  # its lease still runs
    later = Database(own_urls.app, now=datetime.now(UTC) + timedelta(minutes=1))
    runners = [Desk(later, desk.shop_id, FakeEmbedder()).runner() for _ in range(2)]
    for runner in runners:
        await runner.start()
    await until(lambda: desk.messages(conversation_id, "bot"), within_s=20)
    for runner in runners:
        await runner.sweep()
        await runner.stop()
    await later.dispose()
    (reply,) = await desk.messages(conversation_id, "bot")
    assert TWO_ANSWERS[ASKED].rstrip("。") in reply.text
    turn = await desk.turn(turn_id)
    assert (turn.state, turn.attempts) == ("sent", 2)
