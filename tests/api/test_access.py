"""Every route there is, tried by everybody who must not use it. The routes are read from OpenAPI: a new one is tried as
well, and fails here until its ids and its body are known below, or it is named as open to all."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from agents.conversations import service
from api.app import create_app
from api.auth import identity
from api.auth.identity import MadeKey
from api.auth.keys import SCOPES
from api.limits import RateLimiter
from api.services import Services
from api.settings import ApiSettings
from knowledge.kit.db import Database
from tests.api.conftest import SETTINGS, Talk, key_for, open_talk
from tests.support.desk import Desk, new_shop
from tests.support.filled import PLANTED, FilledShop, Talked, a_picture, fill_every_table, put_orders_of, talk_of
from tests.support.serving import serving

Headers = dict[str, str]
_TALK = "/v1/conversations/{conversation_id}"
_LEARNING = "/v1/knowledge-candidates"
OPEN_TO_ALL = {
    ("POST", "/v1/conversations"): "whoever visits a shop may begin to talk; what is told is the shop's greeting",
    ("GET", "/v1/health"): "a probe",
    ("GET", "/v1/ready"): "a probe",
}
HIDDEN = {"/", "/console"}
"""Where routes without documentation may lie: the page, and the console, which has sign-ins and tests of its own."""
SURROGATE = re.compile(r"\{(?!shopper_id)")
"""An id in a path that we gave; ids of shoppers are the shops' own, and two shops may have the same."""


def _app() -> Any:
    def never() -> Any:
        raise AssertionError("routes are read, not served")

    return create_app(ApiSettings(), never)


ROUTES = [
    (method.upper(), path)
    for path, operations in _app().openapi()["paths"].items()
    for method in operations
    if (method.upper(), path) not in OPEN_TO_ALL
]


@dataclass(frozen=True)
class Realm:
    """The first shop with all it holds, and those who would like to see it."""

    shop_id: str
    filled: FilledShop
    chunk_id: str
    own_key: Headers
    own_token: str
    identity_token: Callable[[], str]
    strangers: dict[str, Headers]

    @property
    def ids(self) -> dict[str, str]:
        return {
            "conversation_id": self.filled.talked.conversation_id,
            "attachment_id": self.filled.talked.attachment_id,
            "chunk_id": self.chunk_id,
            "document_id": self.filled.document_id,
            "key_id": self.filled.identity_key.id,
            "shopper_id": "anna",
            "candidate_id": self.filled.candidate_id,
        }

    @property
    def secrets(self) -> list[str]:
        return [
            PLANTED,
            self.own_token,
            self.own_key["Authorization"].partition(" ")[2],
            self.filled.identity_key.secret,
        ]

    def own(self, path: str) -> Headers:
        return _bearer(self.own_token) if path.startswith(_TALK) else self.own_key

    def request(self, method: str, path: str) -> dict[str, Any]:
        """A body that would be taken, for whoever may send it."""
        bodies: dict[tuple[str, str], dict[str, Any]] = {
            ("POST", f"{_TALK}/identity"): {"json": {"identity_token": self.identity_token()}},
            ("POST", f"{_TALK}/messages"): {"json": {"text": "你好"}},
            ("PUT", f"{_TALK}/rating"): {"json": {"score": 5}},
            ("POST", f"{_TALK}/attachments"): {"files": {"file": ("a.jpg", a_picture())}},
            ("POST", "/v1/documents"): {"data": {"doc": "new"}, "files": {"file": ("new.md", "# 新\n\n内容".encode())}},
            ("POST", "/v1/imports"): {"data": {"kind": "products"}, "files": {"file": ("p.csv", b"a,b\n1,2\n")}},
        }
        if path.startswith(_LEARNING):
            return {"json": self._review(method, path)}
        return bodies.get((method, path), {})

    def _review(self, method: str, path: str) -> dict[str, Any]:
        if method == "PUT":
            return {"revision": 1, "question": f"{PLANTED}支持到店自提吗", "answer": f"{PLANTED}支持到店自提。"}
        return {"handoff_id": self.filled.taught_handoff_id} if path == _LEARNING else {}


def _bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


async def _cited(database: Database, shop_id: str, filled: FilledShop) -> str:
    """A clause of the shop's own that its shopper's conversation cites."""
    async with database.transaction(shop_id) as scope:
        row = await scope.one("select id from chunks where document_id = :id limit 1", id=filled.document_id)
        citation = {"number": 1, "chunk_id": row.id, "doc": "rules", "title": "", "article": None, "section": "",
                    "effective_from": None}  # fmt: skip
        conversation_id = filled.talked.conversation_id
        await service.add_message(scope, conversation_id, author="bot", text=PLANTED, citations=[citation])
    return str(row.id)


def _signed(services: Services, shop_id: str, key: MadeKey, shopper_id: str) -> str:
    now = services.clock.now()
    return identity.sign(key.id, key.secret, shop_id=shop_id, shopper_id=shopper_id, now=now, ttl_s=600)


@pytest.fixture(scope="module")
async def realm(running: Services) -> Realm:
    database = running.database

    async def filled_shop(word: str) -> tuple[Desk, FilledShop]:
        desk = Desk(database, await new_shop(database), running.retriever._embedder)
        return desk, await fill_every_table(desk, word)

    desk, filled = await filled_shop(PLANTED)
    await put_orders_of(database, desk.shop_id, "bob", "B1", "别的话")
    fellow: Talked = await talk_of(desk, "bob", word="别的话")
    other_desk, other = await filled_shop("别家的话")
    return Realm(
        shop_id=desk.shop_id,
        filled=filled,
        chunk_id=await _cited(database, desk.shop_id, filled),
        own_key=await key_for(running, desk.shop_id),
        own_token=f"{desk.shop_id}.{filled.talked.token}",
        identity_token=lambda: _signed(running, desk.shop_id, filled.identity_key, "anna"),
        strangers={
            "nobody": {},
            "junk": _bearer("x"),
            "another scheme": {"Authorization": "Basic eDp5"},
            "another shop's key": await key_for(running, other_desk.shop_id),
            "another shop's shopper": _bearer(f"{other_desk.shop_id}.{other.talked.token}"),
            "another shop's shopper who names this one": _bearer(f"{desk.shop_id}.{other.talked.token}"),
            "another shopper": _bearer(f"{desk.shop_id}.{fellow.token}"),
            "a key without scopes": await _scopeless(running, desk.shop_id),
        },
    )


async def _scopeless(services: Services, shop_id: str) -> Headers:
    headers = await key_for(services, shop_id, SCOPES[0])
    async with services.database.transaction(shop_id) as scope:
        await scope.run(
            "update api_keys set scopes = '{}' where id = (select max(id) from api_keys where name = 'test')"
        )
    return headers


async def _call(client: httpx.AsyncClient, realm: Realm, method: str, path: str, headers: Headers) -> tuple[int, str]:
    """Status and body; of an event stream that opens, its status alone: it has no end."""
    url = path.format(**realm.ids)
    async with client.stream(method, url, headers=headers, **realm.request(method, path)) as answer:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return answer.status_code, ""
        return answer.status_code, (await answer.aread()).decode("utf-8", "replace")


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
async def test_no_stranger_gets_anything(client: httpx.AsyncClient, realm: Realm, method: str, path: str) -> None:
    before = await _kept(client, realm)
    for who, headers in realm.strangers.items():
        status, told = await _call(client, realm, method, path, headers)
        if who == "another shop's key" and not SURROGATE.search(path):
            assert status < 500, who  # it reads or writes its own shop, which has a shopper of the same id
        else:
            assert status in (401, 403, 404), (who, told)
        assert not [secret for secret in realm.secrets if secret in told], who
    assert await _kept(client, realm) == before


async def _kept(client: httpx.AsyncClient, realm: Realm) -> str:
    """What the first shop's shopper reads and what it exports: whoever changed something would show here."""
    told = []
    for path in (_TALK, "/v1/shoppers/{shopper_id}/export", "/v1/documents", "/v1/identity-keys", "/v1/handoffs"):
        status, body = await _call(client, realm, "GET", path, realm.own(path))
        assert status == 200, (path, body)
        told.append(re.sub(r'"exported_at":"[^"]*"', "", body))
    assert PLANTED in "".join(told)
    return "".join(told)


async def test_what_is_open_to_all_tells_nothing(client: httpx.AsyncClient, realm: Realm) -> None:
    for method, path in OPEN_TO_ALL:
        body = {"json": {"shop_id": realm.shop_id}} if method == "POST" else {}
        answer = await client.request(method, path, **body)
        assert answer.status_code in (200, 201)
        assert not [secret for secret in realm.secrets if secret in answer.text]


def test_no_route_hides_from_this() -> None:
    """A route left out of OpenAPI would be tried by nobody."""

    def flat(routes: list[BaseRoute]) -> list[str]:
        found = []
        for route in routes:
            inner = getattr(route, "original_router", None)
            found += flat(inner.routes) if inner else []
            if (isinstance(route, APIRoute) and not route.include_in_schema) or isinstance(route, Mount):
                found.append(route.path)
        return found

    hidden = {f"/{path.split('/')[1]}" for path in flat(_app().routes)}
    assert hidden - {"/web"} <= HIDDEN
    assert len(ROUTES) >= 18


async def test_who_is_refused_uses_nothing_up(running: Services, api_shop: str) -> None:
    """Limits belong to those who may speak: knowing an id is not enough to silence its shopper."""
    limited = replace(running, message_limit=RateLimiter(2))
    async with serving(limited, SETTINGS) as client:
        talk, other = [await open_talk(client, api_shop) for _ in range(2)]
        for _ in range(4):
            for method, path in (("POST", "messages"), ("POST", "identity"), ("PUT", "rating")):
                body = {"text": "x", "identity_token": "x", "score": 1}
                answer = await client.request(method, f"{talk.path}/{path}", json=body, headers=other.headers)
                assert answer.status_code == 401
        assert [(await talk.post("你好")).status_code for _ in range(3)] == [202, 202, 429]
        proofs = [await _identity(client, talk) for _ in range(3)]
        assert proofs == [401, 401, 429]


async def _identity(client: httpx.AsyncClient, talk: Talk) -> int:
    answer = await client.post(f"{talk.path}/identity", json={"identity_token": "x"}, headers=talk.headers)
    return answer.status_code


async def test_all_of_it_opens_to_its_owner(client: httpx.AsyncClient, realm: Realm) -> None:
    """Else the refusals above would prove nothing. Last, because it takes away what it is let to."""
    order = ["GET", "PUT", "POST", "DELETE"]
    for method, path in sorted(ROUTES, key=lambda route: (order.index(route[0]), route[1].endswith("/identity"))):
        status, told = await _call(client, realm, method, path, realm.own(path))
        expected = (200, 201, 202, 204, 422) if path == "/v1/imports" else (200, 201, 202, 204)
        assert status in expected, (method, path, told)
