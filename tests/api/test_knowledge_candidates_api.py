"""Learned answers over HTTP: who may review, what is refused and why, and what the desk then says."""

from datetime import date

import httpx
import pytest

from agents.handoff.presence import Presence
from api.services import Services
from tests.api.conftest import key_for, open_talk, operator_of
from tests.support.desk import Desk
from tests.support.filled import taught
from tests.support.waiting import until

PATH = "/v1/knowledge-candidates"
WORD = "帐篷"
Headers = dict[str, str]


@pytest.fixture
async def desk(running: Services, api_shop: str) -> Desk:
    return Desk(running.database, api_shop, running.retriever._embedder)


@pytest.fixture
async def headers(running: Services, api_shop: str) -> Headers:
    return await key_for(running, api_shop, "knowledge:review")


@pytest.fixture
async def candidate(running: Services, desk: Desk) -> str:
    await _signed_in_at_the_desk(running, desk.shop_id)
    return (await taught(desk, WORD))[1]


async def _signed_in_at_the_desk(running: Services, shop_id: str) -> None:
    await Presence(running.database).sign_in(shop_id, "opr_1", name="安娜")


async def test_a_candidate_is_read_edited_published_and_withdrawn(
    client: httpx.AsyncClient, headers: Headers, candidate: str, desk: Desk
) -> None:
    (line,) = (await client.get(PATH, params={"state": "proposed"}, headers=headers)).json()
    assert (line["id"], line["operator_id"], line["findings"]) == (candidate, "opr_1", [])
    told = (await client.get(f"{PATH}/{candidate}", headers=headers)).json()
    assert told["operator_name"] == "安娜"
    assert [one["author"] for one in told["said"]] == ["shopper", "bot", "operator"]
    assert [one["of_question"] for one in told["said"]] == [True, False, False]
    form = {"revision": 1, "question": "帐篷能到店自提吗？", "answer": "帐篷支持到店自提。", "wordings": ["到店拿帐篷"],
            "effective_from": date(2026, 1, 1).isoformat()}  # fmt: skip
    edited = await client.put(f"{PATH}/{candidate}", json=form, headers=headers)
    assert (edited.status_code, edited.json()["state"], edited.json()["revision"]) == (200, "edited", 2)
    assert (await client.put(f"{PATH}/{candidate}", json=form, headers=headers)).status_code == 409
    assert (await client.post(f"{PATH}/{candidate}/approve", json={}, headers=headers)).json()["state"] == "approved"
    published = await client.post(f"{PATH}/{candidate}/publish", json={}, headers=headers)
    assert (published.json()["state"], published.json()["document_version"]) == ("published", 1)
    assert published.json()["decided_by"].startswith("api:key_")

    async def said() -> bool:
        return "帐篷支持到店自提。" in await desk.find("帐篷能到店自提吗？")

    assert await until(said)
    talk = await open_talk(client, desk.shop_id)
    await talk.post("帐篷能到店自提吗？")
    (reply,) = await talk.replies()
    assert "到店自提" in reply["text"]
    assert reply["citations"][0]["doc"] == "faq-learned"
    withdrawn = await client.post(f"{PATH}/{candidate}/withdraw", json={"why": "停办"}, headers=headers)
    assert (withdrawn.json()["state"], withdrawn.json()["why"]) == ("withdrawn", "停办")
    assert (await client.post(f"{PATH}/{candidate}/withdraw", json={}, headers=headers)).status_code == 409
    assert (await client.post(f"{PATH}/{candidate}/reject", json={}, headers=headers)).json()["state"] == "rejected"


async def test_what_a_guard_found_is_told_with_its_span(
    client: httpx.AsyncClient, headers: Headers, candidate: str
) -> None:
    form = {"revision": 1, "question": "能自提吗", "answer": "可以，加微信 kefu88888 预约。"}
    edited = (await client.put(f"{PATH}/{candidate}", json=form, headers=headers)).json()
    assert edited["findings"] == [
        {"where": "answer", "kind": "contact", "span": "微信 kefu88888", "detail": "chat", "hard": True}
    ]
    refused = await client.post(f"{PATH}/{candidate}/publish", json={}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert refused.json()["data"]["findings"] == edited["findings"]
    told = (await client.get(f"{PATH}/{candidate}", headers=headers)).json()
    assert told["blocking"] == edited["findings"]
    for wrong in (
        {"answer": " "},
        {"question": "x" * 300},
        {"effective_from": "2026-02-01", "effective_to": "2026-01-01"},
    ):
        bad = await client.put(f"{PATH}/{candidate}", json={**form, "revision": 2, **wrong}, headers=headers)
        assert (bad.status_code, bad.json()["code"]) == (422, "invalid_input"), wrong


async def test_a_resolved_handoff_is_proposed_once(
    client: httpx.AsyncClient, running: Services, desk: Desk, headers: Headers
) -> None:
    await _signed_in_at_the_desk(running, desk.shop_id)
    handoff_id, candidate = await taught(desk, WORD)
    again = await client.post(PATH, json={"handoff_id": handoff_id}, headers=headers)
    assert (again.status_code, again.json()["id"]) == (200, candidate)
    unknown = await client.post(PATH, json={"handoff_id": "hnd_none"}, headers=headers)
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("admin", 200), ("supervisor", 200), ("operator", 403), ("merchandiser", 403), ("host", 403)],
)
async def test_reviewing_is_for_admins_and_supervisors(
    client: httpx.AsyncClient, running: Services, candidate: str, api_shop: str, role: str, status: int
) -> None:
    _, own = await operator_of(running, api_shop, role)
    assert (await client.get(PATH, headers=own)).status_code == status
    assert (await client.post(f"{PATH}/{candidate}/publish", json={}, headers=own)).status_code == status


async def test_a_key_needs_its_scope(
    client: httpx.AsyncClient, running: Services, candidate: str, api_shop: str
) -> None:
    other = await key_for(running, api_shop, "documents:write", "handoffs:write")
    refused = await client.post(f"{PATH}/{candidate}/publish", json={}, headers=other)
    assert (refused.status_code, refused.json()["data"]) == (403, {"scope": "knowledge:review"})
