"""A shop connected to a Chatwoot on loopback; everything goes through HTTP on both sides."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from agents.handoff.service import HandoffQueue
from agents.handoff.views import HandoffView
from api.chatwoot import backoff, pump
from api.services import Services
from tests.api.conftest import key_for
from tests.support.chatwoot_server import ACCOUNT, SECRET, TOKEN, ChatwootServer, Talk
from tests.support.waiting import until

ASKS_FOR_A_PERSON = "我要转人工"


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backoff, "FIRST_S", 0.05)
        patch.setattr(backoff, "MOST_S", 0.2)
        patch.setattr(pump, "PERIOD_S", 0.1)
        yield


@pytest.fixture
def chatwoot() -> Iterator[ChatwootServer]:
    server = ChatwootServer()
    yield server
    server.close()


@dataclass
class Channel:
    """One connection, seen from both ends."""

    server: ChatwootServer
    client: httpx.AsyncClient
    services: Services
    shop_id: str
    headers: dict[str, str]
    id: str

    @property
    def path(self) -> str:
        return f"/v1/chatwoot/{self.id}"

    async def deliver(self, event: dict[str, Any], **more: Any) -> int:
        return await self.server.deliver(self.client, self.path, event, **more)

    async def post(self, event: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
        return await self.client.post(self.path, content=json.dumps(event).encode(), headers=headers)

    async def health(self) -> dict[str, Any]:
        (found,) = (await self.client.get("/v1/chatwoot-connections", headers=self.headers)).json()
        return dict(found)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.services.database.transaction(self.shop_id) as scope:
            return await scope.all(statement, **values)

    async def settled(self) -> None:
        """Everything delivered is taken in, everything that follows is done or waits for another attempt no more."""

        async def idle() -> bool:
            (row,) = await self.rows(
                """select (select count(*) from chatwoot_deliveries where state = 'waiting')
                + (select count(*) from chatwoot_steps where state = 'waiting')
                + (select count(*) from turns where state in ('accepted', 'working'))
                + (select count(*) from chatwoot_conversations c join event_streams s
                   on s.stream = 'conversation:' || c.conversation_id and s.last_offset > c.planned_offset) as n"""
            )
            return row.n == 0

        await until(idle)

    async def hears(self, talk: Talk, text: str | None, **more: Any) -> None:
        """A shopper's message, and all that follows from it."""
        assert await self.deliver(self.server.says(talk, text, **more)) == 200
        await self.settled()

    async def conversation_of(self, talk: Talk) -> Any:
        """Row of ours; None where there is none."""
        rows = await self.rows(
            """select c.* from conversations c join chatwoot_conversations l on l.conversation_id = c.id
            where l.chatwoot_id = :id and l.is_current""",
            id=talk.id,
        )
        return rows[0] if rows else None

    async def messages_of(self, talk: Talk, author: str = "") -> list[str]:
        ours = await self.conversation_of(talk)
        found = await self.rows(
            "select author, text from messages where conversation_id = :id order by position", id=ours.id
        )
        return [row.text for row in found if author in ("", row.author)]

    async def handoff(self) -> HandoffView:
        (row,) = await self.rows("select id from handoffs where shop_id = :shop_id")
        return await HandoffQueue(self.services.database).read(self.shop_id, row.id)

    async def steps(self, *kinds: str) -> list[tuple[str, str, str]]:
        found = await self.rows("select kind, state, why from chatwoot_steps order by seq")
        return [(row.kind, row.state, row.why) for row in found if not kinds or row.kind in kinds]


Connect = Callable[..., Any]


@pytest.fixture
async def connect(
    running: Services, client: httpx.AsyncClient, api_shop: str, chatwoot: ChatwootServer
) -> AsyncIterator[Connect]:
    headers = await key_for(running, api_shop, "chatwoot:write")

    async def made(**more: Any) -> Channel:
        body = {"base_url": chatwoot.url, "account_id": ACCOUNT, "bot_token": TOKEN, "secret": SECRET, **more}
        answer = await client.post("/v1/chatwoot-connections", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return Channel(chatwoot, client, running, api_shop, headers, answer.json()["id"])

    yield made
    for one in (await client.get("/v1/chatwoot-connections", headers=headers)).json():
        await client.delete(f"/v1/chatwoot-connections/{one['id']}", headers=headers)


@pytest.fixture
async def channel(connect: Connect) -> Channel:
    made: Channel = await connect(team_id=4, labels=["转人工"])
    return made
