"""A shopper's way through HTTP."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from api.services import Services
from tests.api.conftest import Talk, open_talk
from tests.support.desk import TWO_ANSWERS, new_shop
from tests.support.waiting import until

ASKED, SHIPPING = TWO_ANSWERS


async def _events(
    talk: Talk, *, after: int = 0, last: str = "message", count: int = 1, resume: str = ""
) -> list[dict[str, Any]]:
    """What the stream brings until `count` events of kind `last` by us are in."""
    headers = [(name, value.encode("latin-1")) for name, value in (talk.headers | {"Last-Event-ID": resume}).items()]
    found: list[dict[str, Any]] = []
    async with (
        asyncio.timeout(10),
        talk.client.stream("GET", f"{talk.path}/events", params={"after": after}, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                found.append({"id": int(fields["id"]), "event": fields["event"], "data": json.loads(fields["data"])})
                fields = {}
                ours = [one for one in found if one["event"] == last and one["data"].get("author") != "shopper"]
                if len(ours) >= count:
                    return found
    raise AssertionError(f"the stream ended early: {found}")


async def test_a_question_is_answered_over_http_with_a_source_that_opens(talk: Talk) -> None:
    assert talk.greeting["shop"]["name"] == "试营业小店"
    posted = await talk.post(ASKED, client_key="k1")
    assert posted.status_code == 202
    assert (posted.json()["position"], posted.json()["owner"]) == (1, "bot")
    (reply,) = await talk.replies()
    assert TWO_ANSWERS[ASKED].rstrip("。") in reply["text"]
    source = await talk.client.get(f"{talk.path}/citations/{reply['citations'][0]['chunk_id']}", headers=talk.headers)
    assert source.status_code == 200
    assert source.json()["text"] == TWO_ANSWERS[ASKED]


async def test_the_stream_tells_steps_then_sentences_then_the_message_then_suggestions(talk: Talk) -> None:
    following = asyncio.create_task(_events(talk, last="suggestions"))
    await talk.post(ASKED)
    events = await following
    assert [one["id"] for one in events] == list(range(1, len(events) + 1))
    order = ["message", "status", "sentence", "message", "suggestions"]
    seen = [one["event"] for one in events]
    assert [kind for at, kind in enumerate(seen) if at == 0 or seen[at - 1] != kind] == order


@pytest.mark.parametrize("by_header", [True, False])
async def test_a_stream_resumes_after_any_event_without_loss_or_repeat(talk: Talk, by_header: bool) -> None:
    await talk.post(ASKED)
    whole = await _events(talk, last="suggestions")
    for at in (1, 3, len(whole) - 1):
        after = whole[at - 1]["id"]
        how = {"resume": str(after)} if by_header else {"after": after}
        assert await _events(talk, last="suggestions", **how) == whole[at:]


@pytest.mark.parametrize("resume", ["-1", "x", "²", "9" * 40, ""])
async def test_a_last_event_id_that_is_no_offset_is_ignored(talk: Talk, resume: str) -> None:
    await talk.post(ASKED)
    whole = await _events(talk, last="suggestions")
    assert await _events(talk, last="suggestions", resume=resume) == whole


async def test_reading_tells_where_to_follow_from(talk: Talk) -> None:
    await talk.post(ASKED)
    await talk.replies()
    await until(lambda: _has_suggestions(talk))
    state = await talk.read()
    await talk.post(SHIPPING)
    events = await _events(talk, after=state["last_offset"])
    assert events[0]["id"] == state["last_offset"] + 1
    assert events[0]["data"]["text"] == SHIPPING
    assert not {one["id"] for one in state["messages"]} & {one["data"].get("id") for one in events}


async def _has_suggestions(talk: Talk) -> bool:
    return (await _events(talk, last="suggestions"))[-1]["event"] == "suggestions"


async def test_a_retried_post_is_one_message(talk: Talk) -> None:
    answers = [await talk.post(ASKED, client_key="same") for _ in range(3)]
    assert len({json.dumps(one.json()) for one in answers}) == 1
    await talk.replies()
    assert [one["author"] for one in (await talk.read())["messages"]] == ["shopper", "bot"]
    assert (await talk.post(SHIPPING, client_key="same")).status_code == 422


async def test_a_person_is_asked_for_and_the_bot_is_silent_from_then_on(talk: Talk) -> None:
    await talk.post("转人工")
    (reply,) = await talk.replies()
    state = await talk.read()
    assert state["owner"] == "handoff"
    posted = await talk.post(ASKED)
    assert (posted.json()["owner"], posted.json()["turn_id"]) == ("handoff", None)
    await asyncio.sleep(0.2)
    assert [one["text"] for one in (await talk.read())["messages"] if one["author"] == "bot"] == [reply["text"]]
    events = await _events(talk, last="handoff")
    assert events[-1]["data"]["position"] == 1


# refusals -------------------------------------------------------------------------------------------------------------


def _refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() == {"code", "detail", "data"}
    assert body["code"] == code
    assert body["detail"]
    found: dict[str, Any] = body["data"]
    return found


async def test_an_unknown_shop_has_no_conversations(client: httpx.AsyncClient) -> None:
    _refused(await client.post("/v1/conversations", json={"shop_id": "shp_nowhere"}), 404, "not_found")


@pytest.mark.parametrize("path", ["", "/events", "/citations/chk_1"])
async def test_a_conversation_is_read_by_its_own_token_only(talk: Talk, api_shop: str, path: str) -> None:
    other = await open_talk(talk.client, api_shop)
    wanted = talk.path + path
    bare = await talk.client.get(wanted)
    _refused(bare, 401, "unauthorized")
    assert bare.headers["WWW-Authenticate"] == "Bearer"
    _refused(await talk.client.get(wanted, headers={"Authorization": f"Basic {talk.token}"}), 401, "unauthorized")
    _refused(await talk.client.get(wanted, headers=other.headers), 401, "unauthorized")
    _refused(await talk.client.get(wanted, headers={"Authorization": "Bearer nonsense"}), 404, "not_found")


async def test_a_token_does_not_reach_into_another_shop(talk: Talk, running: Services) -> None:
    elsewhere = await open_talk(talk.client, await new_shop(running.database))
    secret = talk.token.partition(".")[2]
    crossed = f"{elsewhere.token.partition('.')[0]}.{secret}"
    for token in (elsewhere.token, crossed):
        headers = {"Authorization": f"Bearer {token}"}
        _refused(await talk.client.get(talk.path, headers=headers), 404, "not_found")
        posted = await talk.client.post(f"{talk.path}/messages", json={"text": "x"}, headers=headers)
        _refused(posted, 404, "not_found")
    assert (await talk.read())["messages"] == []


async def test_a_source_is_opened_only_where_it_was_cited(talk: Talk, api_shop: str) -> None:
    await talk.post(ASKED)
    (reply,) = await talk.replies()
    other = await open_talk(talk.client, api_shop)
    chunk_id = reply["citations"][0]["chunk_id"]
    _refused(await talk.client.get(f"{other.path}/citations/{chunk_id}", headers=other.headers), 404, "not_found")


@pytest.mark.parametrize("text", ["", "  ", "字" * 2001, "nul\0", None, 7, ["x"]])
async def test_a_message_that_cannot_be_taken_is_refused(talk: Talk, text: Any) -> None:
    _refused(await talk.post(text), 422, "invalid_input")
    assert (await talk.read())["messages"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", b'{"text": "\\ud83d"}'),
        ("messages", b'{"text": "ok", "client_key": "\\u0000"}'),
        ("messages", b'{"text": "ok", "client_key": "' + b"k" * 101 + b'"}'),
        ("messages", b"{not json"),
        ("messages", b"\xff\xfe"),
        ("messages", b""),
    ],
)
async def test_a_body_that_is_no_message_is_refused(talk: Talk, path: str, body: bytes) -> None:
    headers = talk.headers | {"Content-Type": "application/json"}
    _refused(await talk.client.post(f"{talk.path}/{path}", content=body, headers=headers), 422, "invalid_input")
    assert (await talk.read())["messages"] == []


@pytest.mark.parametrize("shop_id", ["", "s" * 65, "\0", "\ud83d"])
async def test_a_shop_id_that_cannot_be_is_refused(client: httpx.AsyncClient, shop_id: str) -> None:
    answer = await client.post(
        "/v1/conversations", content=json.dumps({"shop_id": shop_id}), headers={"Content-Type": "application/json"}
    )
    _refused(answer, 422, "invalid_input")


@pytest.mark.parametrize("odd", ["%00", "a%20b", "x" * 65])
async def test_an_id_that_cannot_be_is_refused(talk: Talk, odd: str) -> None:
    _refused(await talk.client.get(f"/v1/conversations/{odd}", headers=talk.headers), 422, "invalid_input")
    _refused(await talk.client.get(f"{talk.path}/citations/{odd}", headers=talk.headers), 422, "invalid_input")


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30])
async def test_an_offset_that_cannot_be_is_refused(talk: Talk, after: str) -> None:
    answer = await talk.client.get(f"{talk.path}/events", params={"after": after}, headers=talk.headers)
    _refused(answer, 422, "invalid_input")


async def test_what_is_not_there_has_the_same_body(client: httpx.AsyncClient) -> None:
    _refused(await client.get("/v1/nowhere"), 404, "not_found")
    _refused(await client.delete("/v1/conversations"), 405, "method_not_allowed")
