"""A shop's own door: keys, documents, handoffs, limits, and what the contract says of itself."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.errors import STATUS, response_for
from api.limits import RateLimiter
from api.services import Services
from api.settings import ApiSettings
from knowledge.kit.errors import ConflictError, LiveCrewError
from tests.api.conftest import SETTINGS, Talk, key_for, open_talk
from tests.support.desk import TWO_ANSWERS, new_shop
from tests.support.waiting import until

RULES = "# 退货\n\n## 期限\n\n签收次日起七天内可以退货。\n".encode()


async def _upload(client: httpx.AsyncClient, headers: dict[str, str], **fields: Any) -> httpx.Response:
    content = fields.pop("content", RULES)
    files = {"file": (fields.pop("name", "returns.md"), content)}
    return await client.post("/v1/documents", headers=headers, files=files, data={"doc": "returns", **fields})


async def _listed(client: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = await client.get("/v1/documents", headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_an_upload_is_indexed_by_the_worker_and_found(client: httpx.AsyncClient, running: Services) -> None:
    shop_id = await new_shop(running.database)
    headers = await key_for(running, shop_id)
    answer = await _upload(client, headers, effective_from="2020-01-01")
    assert answer.status_code == 202, answer.text
    added = answer.json()
    assert (added["unchanged"], added["document"]["state"], added["document"]["version"]) == (False, "pending", 1)

    async def ready() -> bool:
        return [one["state"] for one in await _listed(client, headers)] == ["ready"]

    await until(ready)
    hits = (await running.retriever.search(shop_id, "几天内可以退货")).hits
    assert hits[0].text == "签收次日起七天内可以退货。"
    assert (await _upload(client, headers, effective_from="2020-01-01")).json()["unchanged"]
    gone = await client.delete(f"/v1/documents/{added['document']['id']}", headers=headers, params={"erase": True})
    assert gone.status_code == 204
    assert await _listed(client, headers) == []
    assert (await running.retriever.search(shop_id, "几天内可以退货")).hits == ()
    assert (await client.delete(f"/v1/documents/{added['document']['id']}", headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"doc": ""},
        {"doc": "k" * 201},
        {"doc": "nul\0"},
        {"effective_from": "tomorrow"},
        {"effective_from": "2026-02-01", "effective_to": "2026-01-01"},
        {"content": b"%PDF-1.4 broken", "name": "x.pdf"},
        {"content": b"", "name": "empty.md"},
        {"content": b"MZ", "name": "x.exe"},
    ],
)
async def test_a_bad_upload_is_refused_and_stores_nothing(
    client: httpx.AsyncClient, running: Services, fields: dict[str, Any]
) -> None:
    headers = await key_for(running, await new_shop(running.database))
    answer = await _upload(client, headers, **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text
    assert await _listed(client, headers) == []


async def test_a_key_opens_its_own_shop_and_its_scopes_only(client: httpx.AsyncClient, running: Services) -> None:
    mine, other = await new_shop(running.database), await new_shop(running.database)
    full, reading = await key_for(running, mine), await key_for(running, mine, "documents:read")
    document_id = (await _upload(client, full)).json()["document"]["id"]
    assert len(await _listed(client, reading)) == 1
    for refused in (
        await _upload(client, reading),
        await client.delete(f"/v1/documents/{document_id}", headers=reading),
        await client.get("/v1/handoffs", headers=reading),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert refused.json()["data"]["scope"]
    stranger = await key_for(running, other)
    assert await _listed(client, stranger) == []
    assert (await client.delete(f"/v1/documents/{document_id}", headers=stranger)).status_code == 404
    for headers in ({}, {"Authorization": "Bearer lck_wrong"}, {"Authorization": "Bearer"}):
        answer = await client.get("/v1/documents", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


async def test_a_shoppers_token_is_no_key_and_a_key_no_shoppers_token(talk: Talk, running: Services) -> None:
    assert (await talk.client.get("/v1/documents", headers=talk.headers)).status_code == 401
    key = await key_for(running, talk.greeting["shop"]["id"])
    assert (await talk.client.get(talk.path, headers=key)).status_code in (401, 404)


async def test_handoffs_are_listed_to_their_shop(talk: Talk, running: Services) -> None:
    headers = await key_for(running, talk.greeting["shop"]["id"])
    await talk.post("我要投诉你们客服态度，转人工")
    await talk.replies()
    (handoff,) = (await talk.client.get("/v1/handoffs", headers=headers, params={"state": "queued"})).json()
    assert handoff["subject_id"] == talk.id
    assert handoff["ask"]
    assert (await talk.client.get("/v1/handoffs", headers=headers, params={"state": "resolved"})).json() == []
    for bad in ({"state": "open"}, {"limit": 0}, {"limit": 201}):
        assert (await talk.client.get("/v1/handoffs", headers=headers, params=bad)).status_code == 422
    stranger = await key_for(running, await new_shop(running.database))
    assert (await talk.client.get("/v1/handoffs", headers=stranger)).json() == []


# limits ---------------------------------------------------------------------------------------------------------------


async def test_a_body_that_is_too_large_is_refused_announced_or_not(talk: Talk, running: Services) -> None:
    headers = await key_for(running, talk.greeting["shop"]["id"])
    big = b"x" * (SETTINGS.max_body_bytes + 1)

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(big), 10_000):
            yield big[at : at + 10_000]

    kind = {"Content-Type": "application/json"}
    for answer in (
        await _upload(talk.client, headers, content=big),
        await talk.client.post(f"{talk.path}/messages", content=chunks(), headers=talk.headers | kind),
    ):
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), answer.text
        assert answer.json()["data"] == {"limit_bytes": SETTINGS.max_body_bytes}


def _limited(running: Services, **limits: RateLimiter) -> httpx.AsyncClient:
    app = create_app(ApiSettings(), lambda: pytest.fail("lifespan is not run here"))
    app.state.services = replace(running, **limits)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://livecrew")


def _too_many(answer: httpx.Response) -> int:
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["Retry-After"] == str(answer.json()["data"]["retry_after_s"])
    return int(answer.headers["Retry-After"])


async def test_too_many_conversations_of_one_caller_wait(running: Services, api_shop: str) -> None:
    async with _limited(running, conversation_limit=RateLimiter(3)) as client:
        for _ in range(3):
            await open_talk(client, api_shop)
        assert 1 <= _too_many(await client.post("/v1/conversations", json={"shop_id": api_shop})) <= 20


async def test_too_many_messages_of_one_conversation_wait_and_others_do_not(running: Services, api_shop: str) -> None:
    now = [0.0]
    async with _limited(running, message_limit=RateLimiter(2, lambda: now[0])) as client:
        talk, calm = await open_talk(client, api_shop), await open_talk(client, api_shop)
        assert [(await talk.post("转人工")).status_code for _ in range(2)] == [202, 202]
        wait_s = _too_many(await talk.post("转人工"))
        assert (await calm.post("转人工")).status_code == 202
        now[0] += wait_s
        assert (await talk.post("转人工")).status_code == 202


# the contract ---------------------------------------------------------------------------------------------------------


def test_every_error_has_a_status() -> None:
    def codes(cls: type[LiveCrewError]) -> set[str]:
        return {cls.code}.union(*(codes(one) for one in cls.__subclasses__()))

    reachable = {code for code in codes(LiveCrewError) if not code.startswith("prompt_")}  # a broken file of ours: 500
    assert reachable <= STATUS.keys()
    refusal = response_for(ConflictError("Somebody was faster.", state="claimed"))
    assert refusal.status_code == 409
    assert json.loads(bytes(refusal.body)) == {
        "code": "conflict", "detail": "Somebody was faster.", "data": {"state": "claimed"},
    }  # fmt: skip


async def test_an_unexpected_error_tells_nothing_of_the_inside(running: Services, api_shop: str) -> None:
    class Broken:
        def spend(self, _key: str) -> None:
            raise RuntimeError("secret detail")

    app = create_app(ApiSettings(), lambda: pytest.fail("lifespan is not run here"))
    app.state.services = replace(running, conversation_limit=Broken())  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://livecrew") as client:
        answer = await client.post("/v1/conversations", json={"shop_id": api_shop})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text


async def test_the_contract_is_valid_and_every_route_is_documented(client: httpx.AsyncClient) -> None:
    contract = (await client.get("/openapi.json")).json()
    operations = [
        (f"{method} {path}", operation)
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
    ]
    names = [operation["operationId"] for _, operation in operations]
    assert len(names) == len(set(names)) >= 10
    for name, operation in operations:
        good = {code: body for code, body in operation["responses"].items() if code.startswith("2")}
        assert len(good) == 1, name
        ((code, body),) = good.items()
        if code == "204":
            continue
        kinds = body["content"]
        if all(kind.startswith("image/") for kind in kinds):
            continue
        ((kind, media),) = kinds.items()
        if name.endswith("/events"):
            assert kind == "text/event-stream"
        else:
            schema = media["schema"]
            assert "$ref" in schema or "$ref" in schema.get("items", {}), name
        for problem in ("401", "404", "422", "429"):
            assert "ErrorBody" in json.dumps(operation["responses"][problem]), (name, problem)
    wanted = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(contract)))
    assert wanted <= set(contract["components"]["schemas"])


async def test_health_readiness_and_the_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/health")).json()["status"] == "ok"
    ready = await client.get("/v1/ready")
    assert ready.json() == {"status": "ready", "database": True, "dense": "chroma", "writer": "offline"}
    page = await client.get("/")
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    assert (await client.get("/web/main.js")).status_code == 200
    for escape in ("/web/../app.py", "/web/%2e%2e/app.py", "/web/..%2fapp.py"):
        assert (await client.get(escape)).status_code == 404


async def test_answers_over_http_come_from_the_index_the_process_owns(talk: Talk, running: Services) -> None:
    asked = next(iter(TWO_ANSWERS))
    await talk.post(asked)
    await talk.replies()
    assert running.retriever.owns_chroma
    assert running.retriever._owner is not None
    assert running.retriever._owner.index(talk.greeting["shop"]["id"]) is not None
