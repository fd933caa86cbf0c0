"""Every route there is, tried by everybody who must not use it. The routes are read from OpenAPI: a new one is tried as
well, and fails here until its ids and its body are known below, or it is named as open to all."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from agents.conversations import service
from agents.handoff.views import Actor
from api.app import create_app
from api.auth import identity, operators
from api.auth.identity import MadeKey
from api.auth.keys import SCOPES, authenticate
from api.limits import RateLimiter
from api.services import Services
from api.settings import ApiSettings
from knowledge.kit.db import Database
from tests.agents.handoff.kit import Bench
from tests.api.conftest import SETTINGS, Talk, calm, key_for, open_talk, operator_of
from tests.support.desk import Desk, new_shop
from tests.support.filled import PLANTED, FilledShop, Talked, a_picture, fill_every_table, put_orders_of, talk_of
from tests.support.serving import serving

Headers = dict[str, str]
_TALK = "/v1/conversations/{conversation_id}"
_LEARNING = "/v1/knowledge-candidates"
OPEN_TO_ALL = {
    ("POST", "/v1/conversations"): "whoever visits a shop may begin to talk; what is told is the shop's greeting",
    ("POST", "/v1/sign-in"): "whoever has an account may sign in; the rest are told nothing",
    ("GET", "/v1/health"): "a probe",
    ("GET", "/v1/ready"): "a probe",
}
HIDDEN = {"/", "/console"}
"""Where routes without documentation may lie: the page, and the console, which has sign-ins and tests of its own."""
OWN_AFFAIRS = {
    ("GET", "/v1/handoffs"), ("GET", "/v1/handoffs/events"), ("POST", "/v1/handoffs/claim-next"),
    ("GET", "/v1/operators/me"), ("POST", "/v1/sign-in/renew"), ("GET", "/v1/operators/me/presence"),
    ("PUT", "/v1/operators/me/presence"), ("DELETE", "/v1/operators/me/presence"),
    ("POST", "/v1/operators/me/presence/beat"),
}  # fmt: skip
"""What every operator may ask, whatever the role: who they are, and what waits for them of their own agent's."""
SIGNED = {("POST", "/v1/chatwoot/{connection_id}")}
"""What nobody's token opens: whoever delivers signs what they deliver."""
FOR_PEOPLE = {"/v1/operators/me", "/v1/sign-in/renew"}
"""What no key opens."""
_VOLATILE = re.compile(r'"(?:exported_at|lease_until|elapsed_s|left_s|position)":(?:"[^"]*"|[^,}]*)')
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
    own_operator: Headers
    operator_id: str
    identity_token: Callable[[], str]
    strangers: dict[str, Headers]
    roles: dict[str, Headers]

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
            "handoff_id": self.filled.handoff_id,
            "incident_id": self.filled.incident_id,
            "webhook_id": self.filled.webhook_id,
            "delivery_id": self.filled.delivery_id,
            "operator_id": self.operator_id,
            "connection_id": self.filled.connection_id,
        }

    @property
    def secrets(self) -> list[str]:
        return [
            PLANTED,
            self.own_token,
            self.own_key["Authorization"].partition(" ")[2],
            self.filled.identity_key.secret,
            quote(PLANTED),
        ]

    def own(self, path: str) -> Headers:
        if path in FOR_PEOPLE:
            return self.own_operator
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
            **{key: {"json": body} for key, body in self.desk_bodies().items()},
        }
        if path.startswith(_LEARNING):
            return {"json": self._review(method, path)}
        return bodies.get((method, path), {})

    def _review(self, method: str, path: str) -> dict[str, Any]:
        if method == "PUT":
            return {"revision": 1, "question": f"{PLANTED}支持到店自提吗", "answer": f"{PLANTED}支持到店自提。"}
        return {"handoff_id": self.filled.taught_handoff_id} if path == _LEARNING else {}

    def desk_bodies(self) -> dict[tuple[str, str], dict[str, Any]]:
        one, incident = "/v1/handoffs/{handoff_id}", "/v1/incidents/{incident_id}"
        fence = {"fence": 1}
        return {
            ("POST", "/v1/handoffs/take-over"): {"conversation_id": self.filled.talked.conversation_id},
            ("POST", f"{one}/assign"): {"operator_id": self.operator_id},
            **{("POST", f"{one}/{act}"): fence for act in (
                "heartbeat", "release", "escalate", "cancel", "resolve", "return-to-bot",
            )},
            ("POST", f"{one}/notes"): {**fence, "text": "记一笔"},
            ("POST", f"{one}/replies"): {**fence, "text": "您好", "client_key": "k1"},
            ("POST", f"{one}/reveal"): {"why": "核对地址"},
            ("PUT", "/v1/operators/me/presence"): {"status": "online"},
            ("PUT", "/v1/operators/{operator_id}/presence"): {"capacity": 6},
            ("POST", "/v1/incidents"): {"cause": "停电", "title": "停电", "handoff_ids": [self.filled.handoff_id]},
            ("POST", f"{incident}/decision"): {"text": "我们查清后答复您。"},
            ("POST", f"{incident}/drafts/{{handoff_id}}/send"): fence,
            ("POST", "/v1/webhooks"): {"url": "https://hooks.example.com/a"},
            ("PATCH", "/v1/webhooks/{webhook_id}"): {"topics": ["handoff.queued"]},
            ("POST", "/v1/chatwoot-connections"): {"base_url": "https://127.0.0.1:9", "account_id": 1},
            ("PATCH", "/v1/chatwoot-connections/{connection_id}"): {"name": "n"},
            ("POST", "/v1/chatwoot/{connection_id}"): {"event": "message_created"},
        }  # fmt: skip


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
    await calm(database, desk.shop_id)
    await Bench(database, desk.shop_id).presence.beat(desk.shop_id, "opr_1")  # claimed before it was calm
    await put_orders_of(database, desk.shop_id, "bob", "B1", "别的话")
    fellow: Talked = await talk_of(desk, "bob", word="别的话")
    other_desk, other = await filled_shop("别家的话")
    admin_id, admin = await operator_of(running, desk.shop_id, "admin")
    ended_id, ended = await operator_of(running, desk.shop_id, "admin")
    async with database.transaction(desk.shop_id) as scope:
        await operators.set_disabled(scope, ended_id, disabled=True)
    return Realm(
        shop_id=desk.shop_id,
        filled=filled,
        chunk_id=await _cited(database, desk.shop_id, filled),
        own_key=await key_for(running, desk.shop_id),
        own_operator=admin,
        operator_id=admin_id,
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
            "another shop's admin": (await operator_of(running, other_desk.shop_id, "admin"))[1],
            "an operator who was sent away": ended,
        },
        roles={
            role: (await operator_of(running, desk.shop_id, role))[1] for role in ("host", "merchandiser", "operator")
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
        if who in ("another shop's key", "another shop's admin") and not SURROGATE.search(path):
            assert status < 500, who  # it reads or writes its own shop, which has a shopper of the same id
        else:
            assert status in (401, 403, 404), (who, told)
        assert not [secret for secret in realm.secrets if secret in told], who
    assert await _kept(client, realm) == before


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
async def test_no_role_gets_more_than_its_own(client: httpx.AsyncClient, realm: Realm, method: str, path: str) -> None:
    """What waits here comes from support alone, which is no host's and no merchandiser's business."""
    for role in ("host", "merchandiser"):
        status, told = await _call(client, realm, method, path, realm.roles[role])
        if (method, path) in OWN_AFFAIRS:
            assert status < 500, role
        else:
            assert status in (401, 403, 404), (role, told)
        assert not [secret for secret in realm.secrets if secret in told], role


SUPERVISORS_ONLY = {
    ("GET", "/v1/handoffs/{handoff_id}/operators"), ("POST", "/v1/handoffs/{handoff_id}/assign"),
    ("POST", "/v1/handoffs/{handoff_id}/reveal"), ("PUT", "/v1/operators/{operator_id}/presence"),
    ("POST", "/v1/incidents"), ("POST", "/v1/incidents/{incident_id}/decision"),
    ("POST", "/v1/incidents/{incident_id}/end"), ("GET", "/v1/audit"), ("GET", "/v1/audit/verify"),
    ("GET", "/v1/audit/export"),
}  # fmt: skip
HELD_BY_ANOTHER = {"heartbeat", "release", "escalate", "cancel", "resolve", "return-to-bot", "notes", "replies", "send"}


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
async def test_an_operator_is_no_supervisor(client: httpx.AsyncClient, realm: Realm, method: str, path: str) -> None:
    """They read the desk; what leads it, and what another holds, is not theirs to do."""
    if (method, path) in OWN_AFFAIRS or path == "/v1/handoffs/{handoff_id}/claim":
        return
    before = await _kept(client, realm)
    status, told = await _call(client, realm, method, path, realm.roles["operator"])
    if (method, path) in SUPERVISORS_ONLY or path.startswith("/v1/webhooks"):
        assert (status, json.loads(told)["code"]) == (403, "forbidden")
    elif path.rpartition("/")[2] in HELD_BY_ANOTHER and method == "POST":
        assert (status, json.loads(told)["code"]) == (409, "stale_fence")
    elif path == "/v1/handoffs/take-over":
        assert status == 409
    elif path.startswith(("/v1/handoffs", "/v1/incidents", "/v1/operators")):
        assert (method, status) == ("GET", 200)
    else:
        assert status in (401, 403, 404)
    assert await _kept(client, realm) == before


async def _kept(client: httpx.AsyncClient, realm: Realm) -> str:
    """What the first shop's shopper reads and what it exports: whoever changed something would show here."""
    told = []
    for path in (_TALK, "/v1/shoppers/{shopper_id}/export", "/v1/documents", "/v1/identity-keys", "/v1/handoffs"):
        status, body = await _call(client, realm, "GET", path, realm.own(path))
        assert status == 200, (path, body)
        told.append(_VOLATILE.sub("", body))
    assert PLANTED in "".join(told)
    return "".join(told)


async def test_what_is_open_to_all_tells_nothing(client: httpx.AsyncClient, realm: Realm) -> None:
    for method, path in OPEN_TO_ALL:
        body = {"shop_id": realm.shop_id, "login": "nobody", "password": "nothing"} if method == "POST" else None
        answer = await client.request(method, path, json=body)
        assert answer.status_code in (200, 201) or (path, answer.status_code) == ("/v1/sign-in", 401)
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
    assert len(ROUTES) >= 60


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


async def test_all_of_it_opens_to_its_owner(client: httpx.AsyncClient, realm: Realm, running: Services) -> None:
    """Else the refusals above would prove nothing. Last, because it takes away what it is let to."""
    key = await authenticate(running.database, realm.own_key["Authorization"].partition(" ")[2])
    bench = Bench(running.database, realm.shop_id)
    owner = Actor(key.key_id, kind="api")
    await bench.sign_in(owner, Actor(realm.operator_id), capacity=100)
    order = ["GET", "PUT", "PATCH", "POST", "DELETE"]
    for method, path in sorted(ROUTES, key=lambda route: (order.index(route[0]), route[1].endswith("/identity"))):
        ready = await _made_ready(bench, realm, owner, method, path)
        query = "?order_id=A1" if path == "/v1/audit/export" else ""
        status, told = await _call(client, ready, method, path + query, realm.own(path))
        expected = (200, 201, 202, 204, 422) if path == "/v1/imports" else (200, 201, 202, 204)
        if (method, path) in SIGNED:
            expected = (401,)
        assert status in expected, (method, path, told)


async def _made_ready(bench: Bench, realm: Realm, owner: Actor, method: str, path: str) -> Realm:
    """A handoff in the state the act needs: fresh, and the caller's where it is to be."""
    if path.endswith("/retry"):
        async with bench.database.transaction(bench.shop_id) as scope:
            await scope.run("update webhook_deliveries set state = 'dead' where shop_id = :shop_id")
    if path.endswith("/take-over"):
        talk = replace(realm.filled.talked, conversation_id=await bench.conversation())
        return replace(realm, filled=replace(realm.filled, talked=talk))
    if path.endswith("/send"):
        claimed = await bench.queue.assign(bench.shop_id, realm.filled.handoff_id, owner.id, by=owner)
        return _Fenced(**vars(realm), fence=claimed.fence)
    if method != "POST" or not path.startswith("/v1/handoffs/{handoff_id}/"):
        return realm
    fresh = await bench.ask()
    filled = replace(realm.filled, handoff_id=fresh.handoff_id)
    if path.endswith(("/claim", "/assign", "/reveal")):
        return replace(realm, filled=filled)
    claimed = await bench.queue.claim(bench.shop_id, fresh.handoff_id, owner)
    return _Fenced(**{**vars(realm), "filled": filled}, fence=claimed.fence)


@dataclass(frozen=True)
class _Fenced(Realm):
    fence: int

    def desk_bodies(self) -> dict[tuple[str, str], dict[str, Any]]:
        mine = {"fence": self.fence}
        return {key: {**body, **mine} if "fence" in body else body for key, body in super().desk_bodies().items()}
