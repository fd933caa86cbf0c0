import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.support.gate import Answerability
from api.auth import sign_ins
from api.auth.keys import SCOPES, create_key
from api.auth.operators import create_operator
from api.services import Services
from api.settings import ApiSettings
from knowledge.kit import jobs
from knowledge.kit.db import Database
from knowledge.kit.ids import new_id
from tests.support.desk import TWO_ANSWERS, Desk, faq, new_shop
from tests.support.gates import set_verdict
from tests.support.servers import Cluster
from tests.support.serving import serving, wired, with_stand_ins
from tests.support.waiting import until

SETTINGS = ApiSettings(messages_per_minute=10_000, conversations_per_minute=10_000, max_body_bytes=100_000)


@pytest.fixture(scope="module")
def _stand_ins() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        with_stand_ins(patch)
        set_verdict(patch, Answerability("answer"))
        patch.setattr(jobs, "_POLL_S", 0.2)
        yield


@pytest.fixture(scope="module")
async def running(
    cluster: Cluster, _stand_ins: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Services]:
    """The whole service over a database of the module's own: its worker must see no other test's jobs."""
    name = f"api_{Path(str(request.path)).stem}"
    home: Path = tmp_path_factory.mktemp("api-home")
    async with wired(home, cluster.clone(name), SETTINGS) as services:
        yield services
    cluster.drop(name)


@pytest.fixture(scope="module")
async def client(running: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(running, SETTINGS) as client:
        yield client


@pytest.fixture
async def api_shop(running: Services) -> str:
    """A shop that can answer two questions."""
    shop_id = await new_shop(running.database)
    desk = Desk(running.database, shop_id, running.retriever._embedder)
    await desk.ingest(*(faq(f"faq-{at}", {asked: said}) for at, (asked, said) in enumerate(TWO_ANSWERS.items())))
    return shop_id


@dataclass
class Talk:
    """One shopper's conversation over HTTP."""

    client: httpx.AsyncClient
    id: str
    token: str
    greeting: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def path(self) -> str:
        return f"/v1/conversations/{self.id}"

    async def post(self, text: Any, **more: Any) -> httpx.Response:
        return await self.client.post(f"{self.path}/messages", json={"text": text, **more}, headers=self.headers)

    async def read(self) -> dict[str, Any]:
        answer = await self.client.get(self.path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def replies(self, count: int = 1) -> list[dict[str, Any]]:
        async def enough() -> list[dict[str, Any]]:
            said = [one for one in (await self.read())["messages"] if one["author"] == "bot"]
            return said if len(said) >= count else []

        return await until(enough)


async def open_talk(client: httpx.AsyncClient, shop_id: str) -> Talk:
    answer = await client.post("/v1/conversations", json={"shop_id": shop_id})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return Talk(client, body["conversation_id"], body["token"], body)


@pytest.fixture
async def talk(client: httpx.AsyncClient, api_shop: str) -> Talk:
    return await open_talk(client, api_shop)


async def key_for(services: Services, shop_id: str, *scopes: str) -> dict[str, str]:
    """Headers of a new key."""
    async with services.database.transaction(shop_id) as scope:
        key = await create_key(scope, "test", list(scopes or SCOPES))
    return {"Authorization": f"Bearer {key}"}


PASSWORD = "一个很长的口令 42"


async def operator_of(services: Services, shop_id: str, *roles: str, name: str = "") -> tuple[str, dict[str, str]]:
    """A new operator's id, and headers of their sign-in, made without the password that a sign-in takes."""
    async with services.database.transaction(shop_id) as scope:
        login = new_id("log").replace("_", "-")
        who = await create_operator(scope, login, name=name or "·".join(roles), password=PASSWORD, roles=roles)
    token, _ = sign_ins.issue_token(services.token_secret, who, services.clock.now())
    return who.operator_id, {"Authorization": f"Bearer {token}"}


async def calm(database: Database, shop_id: str, **rules: Any) -> None:
    """A queue whose timers run for hours and whose desk never shuts: nothing moves by itself."""
    hours = dict.fromkeys(("lease_s", "offline_s"), 3600)
    hours |= dict.fromkeys(("t1_s", "t2_s", "first_s", "next_s", "resolution_s"), 86_400)
    async with database.transaction(shop_id) as scope:
        await scope.run(
            """update shops set settings = jsonb_set(settings, '{queue}', cast(:rules as jsonb))
            where id = :shop_id""",
            rules=json.dumps({**hours, "opens": 0, "closes": 24, **rules}),
        )
