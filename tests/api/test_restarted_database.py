"""The private PostgreSQL killed with -9 under a desk at work: its operators only wait a moment."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from agents.handoff import audit
from agents.settings import AgentSettings
from api.runtime import open_services
from api.services import Services
from api.webhooks import sender, service
from knowledge.kit.clock import SystemClock
from knowledge.settings import KnowledgeSettings
from tests.agents.handoff.kit import Bench
from tests.api.conftest import SETTINGS, calm, operator_of
from tests.support.desk import new_shop
from tests.support.receiver import Receiver, receiving
from tests.support.serving import serving, with_stand_ins
from tests.support.waiting import until

WORK, KILLS = 18, 2
_TRIES = 600


@pytest.fixture
async def alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    """The whole service with a database server of its own in its home, which keeps what it said it would: other tests'
    servers may forget their last moments."""
    with_stand_ins(monkeypatch)
    monkeypatch.setattr(sender, "_PERIOD_S", 0.05)
    monkeypatch.setattr(sender, "_TIMEOUT_S", 2.0)
    monkeypatch.setattr(sender, "HELD_S", 3)
    settings = SETTINGS.model_copy(update={"webhooks_to_private": True})
    knowledge = KnowledgeSettings(home=home, database_url="", database_owner_url="")
    async with open_services(knowledge, AgentSettings(), settings, SystemClock()) as services:
        yield services


class Worker:
    """Claims, answers and resolves for as long as there is work; what met no answer is asked again."""

    def __init__(self, client: httpx.AsyncClient, operator_id: str, headers: dict[str, str]) -> None:
        self.client, self.id, self.headers = client, operator_id, headers
        self.statuses: Counter[int] = Counter()

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        for _ in range(_TRIES):
            answer = await self.client.request(method, f"/v1{path}", headers=self.headers, json=body)
            self.statuses[answer.status_code] += 1
            if answer.status_code != 503:
                assert answer.status_code < 300, (method, path, answer.text)
                return answer.json() if answer.content else None
            assert answer.json()["code"] == "unavailable"
            assert answer.headers["Retry-After"] == "1"
            await asyncio.sleep(0.05)
        raise TimeoutError(path)

    async def work(self) -> None:
        await self.call("PUT", "/operators/me/presence", {"status": "online"})
        while held := await self._held():
            for one in held:
                where, fence = f"/handoffs/{one['id']}", one["fence"]
                reply = {"fence": fence, "text": "您好，已处理", "client_key": one["id"]}
                await self.call("POST", f"{where}/replies", reply)
                await self.call("POST", f"{where}/resolve", {"fence": fence})

    async def _held(self) -> list[dict[str, Any]]:
        """What is claimed already, else the next: an answer that was lost with the server may have been a claim."""
        mine = f"/handoffs?state=claimed&claimed_by={self.id}"
        if not (held := await self.call("GET", mine)):
            await self.call("POST", "/handoffs/claim-next")
            held = await self.call("GET", mine)
        found: list[dict[str, Any]] = held
        return found


async def _kill_as_it_goes(services: Services, home: Path, shop_id: str) -> int:
    """Kills the server whenever another share of the work is done; how often."""
    killed = 0
    while killed < KILLS:
        await asyncio.sleep(0.01)
        try:
            async with services.database.transaction(shop_id) as scope:
                row = await scope.one(
                    "select count(*) as n from handoffs where shop_id = :shop_id and state='resolved'"
                )
        except DBAPIError:
            continue
        if row.n > killed * WORK // (KILLS + 1):
            pid = int((home / "pg" / "data" / "postmaster.pid").read_text().splitlines()[0])
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


@pytest.mark.slow
async def test_a_desk_at_work_outlives_its_database(alone: Services, home: Path) -> None:
    shop_id = await new_shop(alone.database)
    await calm(alone.database, shop_id)
    bench = Bench(alone.database, shop_id)
    async with receiving() as receiver, serving(alone, SETTINGS) as client:
        async with alone.database.transaction(shop_id) as scope:
            await service.create(scope, alone.webhook_targets, url=receiver.url, topics=["handoff.*"])
        conversations = [await bench.conversation() for _ in range(WORK)]
        for conversation_id in conversations:
            await bench.ask(subject=conversation_id)
        workers = [Worker(client, *await operator_of(alone, shop_id, "operator")) for _ in range(3)]
        killed, *_ = await asyncio.gather(
            _kill_as_it_goes(alone, home, shop_id), *(worker.work() for worker in workers)
        )
        assert killed == KILLS
        assert sum(worker.statuses[503] for worker in workers) > 0
        await _each_was_answered_once(bench)
        await _each_move_was_told(bench, receiver)


async def _each_was_answered_once(bench: Bench) -> None:
    async with bench.database.transaction(bench.shop_id) as scope:
        states = await scope.all("select state, count(*) as n from handoffs where shop_id = :shop_id group by state")
        assert [tuple(row) for row in states] == [("resolved", WORK)]
        said = await scope.all(
            """select conversation_id, count(*) as n from messages where shop_id = :shop_id and author = 'operator'
            group by conversation_id"""
        )
        assert (len(said), {row.n for row in said}) == (WORK, {1})
        owners = await scope.all("select distinct owner from conversations where shop_id = :shop_id")
        assert [row.owner for row in owners] == ["bot"]
        assert (await audit.verify(scope)).whole
        moves = await scope.all(
            """select action, count(*) as n from handoff_audit where shop_id = :shop_id and handoff_id <> ''
            group by action"""
        )
        assert {row.action: row.n for row in moves} == dict.fromkeys(
            ("enqueued", "claimed", "replied", "resolved"), WORK
        )


async def _each_move_was_told(bench: Bench, receiver: Receiver) -> None:
    async def all_delivered() -> bool:
        try:
            async with bench.database.transaction(bench.shop_id) as scope:
                row = await scope.one(
                    """select count(*) as n from webhook_deliveries where shop_id = :shop_id and state = 'delivered'"""
                )
        except DBAPIError:
            return False
        return bool(row.n == 4 * WORK)

    await until(all_delivered, within_s=30)
    told = {one.delivery_id: (one.told["topic"], one.told["data"]["handoff_id"]) for one in receiver.received}
    assert Counter(topic for topic, _ in told.values()) == dict.fromkeys(
        (f"handoff.{move}" for move in ("queued", "claimed", "replied", "resolved")), WORK
    )
    assert len(set(told.values())) == len(told) == 4 * WORK
