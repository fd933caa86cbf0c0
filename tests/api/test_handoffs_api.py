"""The desk over HTTP: from a shopper who asks for a person to the bot that goes on, and who may do what on the way."""

import json
from typing import Any

import httpx
import pytest

from agents.handoff.reasons import HandoffReason
from api.auth import operators
from api.services import Services
from tests.agents.handoff.kit import Bench
from tests.api.conftest import PASSWORD, Talk, calm, key_for, open_talk, operator_of
from tests.support.desk import TWO_ANSWERS
from tests.support.waiting import until

Headers = dict[str, str]
PHONE = "13812345678"


class Person:
    """An operator at the desk, over HTTP alone."""

    def __init__(self, client: httpx.AsyncClient, operator_id: str, headers: Headers) -> None:
        self.client, self.id, self.headers = client, operator_id, headers

    async def call(self, method: str, path: str, expected: int = 200, **body: Any) -> Any:
        json_body = body if method in ("POST", "PUT", "PATCH") and body else None
        answer = await self.client.request(method, f"/v1{path}", headers=self.headers, json=json_body)
        assert answer.status_code == expected, (method, path, answer.text)
        return answer.json() if answer.content else None

    async def online(self, **more: Any) -> "Person":
        await self.call("PUT", "/operators/me/presence", status="online", **more)
        return self

    async def take(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.call("POST", "/handoffs/claim-next"))["claimed"]
        return found


@pytest.fixture
async def bench(running: Services, api_shop: str) -> Bench:
    await calm(running.database, api_shop)
    await operator_of(running, api_shop, "admin")
    return Bench(running.database, api_shop)


async def _person(client: httpx.AsyncClient, running: Services, shop_id: str, *roles: str) -> Person:
    return Person(client, *await operator_of(running, shop_id, *roles))


async def _asks(client: httpx.AsyncClient, shop_id: str, words: str = "转人工") -> Talk:
    talk = await open_talk(client, shop_id)
    await talk.post(words)
    await talk.replies()
    return talk


async def test_the_whole_path(client: httpx.AsyncClient, running: Services, bench: Bench) -> None:
    talk = await _asks(client, bench.shop_id, "我的快递坏了，转人工")
    anna = await (await _person(client, running, bench.shop_id, "operator")).online(skills=["退货"], capacity=3)
    claimed = await anna.take()
    assert claimed["subject_id"] == talk.id
    where, mine = f"/handoffs/{claimed['handoff_id']}", {"fence": claimed["fence"]}
    read = await anna.call("GET", where)
    assert (read["state"], read["claimed_by"], read["position"]) == ("claimed", anna.id, 0)
    assert "转人工" in read["packet"]["ask"]
    assert {one["name"] for one in read["clocks"]} >= {"first", "resolution"}
    await anna.call("POST", f"{where}/notes", 201, text="像是物流摔的", **mine)
    sent = await anna.call("POST", f"{where}/replies", 201, text="您好，我来处理", client_key="k1", **mine)
    again = await anna.call("POST", f"{where}/replies", 201, text="您好，我来处理", client_key="k1", **mine)
    assert (sent["repeated"], again) == (False, {**sent, "repeated": True})
    reused = await anna.call("POST", f"{where}/replies", 422, text="别的话", client_key="k1", **mine)
    assert reused["code"] == "idempotency_key_reused"
    seen = await talk.read()
    assert [one["text"] for one in seen["messages"] if one["author"] == "operator"] == ["您好，我来处理"]
    assert (seen["owner"], seen["handoff"]["position"]) == ("handoff", 0)
    assert seen["handoff"]["operator_name"] == "operator"
    await talk.post("好的，谢谢")
    thread = await anna.call("GET", f"{where}/conversation")
    assert [one["author"] for one in thread["messages"]] == ["shopper", "bot", "operator", "shopper"]
    assert (await anna.call("GET", f"{where}/notes"))[0]["text"] == "像是物流摔的"
    assert (await anna.call("POST", f"{where}/heartbeat", **mine))["lease_until"]
    await anna.call("POST", f"{where}/resolve", 204, resolution="已补发", **mine)
    await anna.call("POST", f"{where}/resolve", 204, resolution="已补发", **mine)
    (asked, _) = TWO_ANSWERS.items()
    await talk.post(asked[0])
    replies = await talk.replies(2)
    assert asked[1].rstrip("。") in replies[-1]["text"]


async def test_what_was_done_stands_in_the_audit(client: httpx.AsyncClient, running: Services, bench: Bench) -> None:
    asked = await bench.ask(order_ids=("A1",))
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    boss = await _person(client, running, bench.shop_id, "supervisor")
    claimed = await anna.take()
    await anna.call("POST", f"/handoffs/{asked.handoff_id}/release", 204, fence=claimed["fence"], why="下班")
    lines = await boss.call("GET", f"/audit?handoff_id={asked.handoff_id}")
    assert [one["action"] for one in lines] == ["enqueued", "claimed", "released"]
    assert lines[1]["actor"] == f"operator:{anna.id}"
    told = await boss.call("GET", "/audit/verify")
    assert (told["whole"], told["broken_at"], told["head"]["seq"]) == (True, None, told["entries"])
    exported = await boss.call("GET", "/audit/export?order_id=A1")
    assert [one["action"] for one in exported["entries"]] == ["enqueued", "claimed", "released"]
    assert (await boss.call("GET", "/audit/export", 422))["code"] == "invalid_input"
    await anna.call("GET", "/audit", 403)


async def test_personal_data_is_hidden_until_somebody_who_may_asks_for_it(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    talk = await _asks(client, bench.shop_id, f"转人工，我的电话是{PHONE}")
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    boss = await _person(client, running, bench.shop_id, "supervisor")
    claimed = await anna.take()
    where = f"/handoffs/{claimed['handoff_id']}"
    for path in ("/handoffs", where, f"{where}/conversation"):
        told = json.dumps(await anna.call("GET", path), ensure_ascii=False)
        assert talk.id in told
        assert PHONE not in told, path
    for who, expected in ((anna, f"operator:{anna.id}"), (boss, f"supervisor:{boss.id}")):
        shown = await who.call("POST", f"{where}/reveal", why="核对电话")
        assert PHONE in json.dumps(shown)
        *_, last = await boss.call("GET", f"/audit?handoff_id={claimed['handoff_id']}")
        assert (last["action"], last["actor"]) == ("revealed", expected)
        assert PHONE not in json.dumps(last)
        assert "核对" not in json.dumps(last, ensure_ascii=False)
    key = Person(client, "", await key_for(running, bench.shop_id, "handoffs:read"))
    await key.call("POST", f"{where}/reveal", 403, why="想看看")
    key = Person(client, "", await key_for(running, bench.shop_id, "handoffs:read", "shoppers:read"))
    assert PHONE in json.dumps(await key.call("POST", f"{where}/reveal", why="对账"))


async def test_of_the_operators_only_who_holds_it_sees_personal_data_and_tells_why(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    asked = await bench.ask(ask=f"请打{PHONE}")
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    ben = await (await _person(client, running, bench.shop_id, "operator")).online()
    where = f"/handoffs/{asked.handoff_id}"
    await anna.call("POST", f"{where}/reveal", 403, why="还没领取")
    claimed = await anna.take()
    await anna.call("POST", f"{where}/reveal", 422, why=" ")
    await ben.call("POST", f"{where}/reveal", 403, why="好奇")
    assert PHONE in json.dumps(await anna.call("POST", f"{where}/reveal", why="要回电"))
    await anna.call("POST", f"{where}/release", 204, fence=claimed["fence"])
    await anna.call("POST", f"{where}/reveal", 403, why="还想看")
    told = [one.actor for one in await bench.audited(asked.handoff_id) if one.action == "revealed"]
    assert told == [f"operator:{anna.id}"]


async def test_a_supervisor_pushes_and_the_old_fence_is_stale(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    asked = await bench.ask()
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    ben = await (await _person(client, running, bench.shop_id, "operator")).online()
    boss = await _person(client, running, bench.shop_id, "supervisor")
    where = f"/handoffs/{asked.handoff_id}"
    old = await anna.call("POST", f"{where}/claim")
    assert (await anna.call("POST", f"{where}/claim"))["fence"] == old["fence"]
    assert (await ben.call("POST", f"{where}/claim", 409))["code"] == "already_claimed"
    await anna.call("POST", f"{where}/assign", 403, operator_id=ben.id)
    assert {one["operator_id"] for one in await boss.call("GET", f"{where}/operators")} >= {anna.id, ben.id}
    new = await boss.call("POST", f"{where}/assign", operator_id=ben.id)
    assert new["fence"] == old["fence"] + 1
    for act, body in (
        ("replies", {"text": "您好", "client_key": "1"}), ("notes", {"text": "x"}), ("resolve", {}), ("release", {}),
        ("heartbeat", {}), ("cancel", {}), ("return-to-bot", {}), ("escalate", {}),
    ):  # fmt: skip
        refused = await anna.call("POST", f"{where}/{act}", 409, fence=old["fence"], **body)
        assert (refused["code"], refused["data"]["claimed_by"]) == ("stale_fence", ben.id), act
    for act in ("cancel", "return-to-bot"):  # without a claim it is a supervisor's
        await anna.call("POST", f"{where}/{act}", 403, why="不是我的")
    await boss.call("POST", f"{where}/escalate", 204, why="等太久了", release=True)
    await boss.call("POST", f"{where}/cancel", 204, why="重复")
    assert (await boss.call("GET", where))["state"] == "cancelled"
    assert (await boss.call("POST", f"{where}/cancel", 409, why="重复"))["code"] == "conflict"


async def test_returned_to_the_bot_it_answers_what_nobody_did(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    talk = await _asks(client, bench.shop_id)
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    claimed = await anna.take()
    (asked, _) = TWO_ANSWERS.items()
    await talk.post(asked[0])
    await anna.call("POST", f"/handoffs/{claimed['handoff_id']}/return-to-bot", 204, fence=claimed["fence"])
    replies = await talk.replies(2)
    assert asked[1].rstrip("。") in replies[-1]["text"]
    assert (await talk.read())["owner"] == "bot"


async def test_a_conversation_is_taken_over_from_the_bot(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    talk = await open_talk(client, bench.shop_id)
    anna = await _person(client, running, bench.shop_id, "operator")
    refused = await anna.call("POST", "/handoffs/take-over", 409, conversation_id=talk.id)
    assert refused["code"] == "operator_unavailable"
    await anna.online(capacity=1)
    claimed = await anna.call("POST", "/handoffs/take-over", conversation_id=talk.id)
    await anna.call(
        "POST", f"/handoffs/{claimed['handoff_id']}/replies", 201, text="您好", client_key="1", fence=claimed["fence"]
    )
    assert (await talk.read())["messages"][-1]["author"] == "operator"
    await bench.ask()
    assert (await anna.call("POST", "/handoffs/claim-next", 409))["code"] == "at_capacity"


async def test_hosts_and_merchandisers_see_and_take_their_own(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    shopper = await bench.ask()
    line = await bench.ask(HandoffReason.LINE_HOLD, subject="lin_1", origin="narration")
    candidate = await bench.ask(HandoffReason.CANDIDATE_CONFLICT, subject="cnd_1", origin="selection")
    for role, own in (("host", line), ("merchandiser", candidate)):
        one = await (await _person(client, running, bench.shop_id, role)).online(capacity=2)
        assert [item["id"] for item in await one.call("GET", "/handoffs")] == [own.handoff_id]
        for origin in {"support", "narration", "selection"}:
            listed = await one.call("GET", f"/handoffs?origin={origin}")
            assert [item["id"] for item in listed] in ([], [own.handoff_id])
        for foreign in {shopper.handoff_id, line.handoff_id, candidate.handoff_id} - {own.handoff_id}:
            for method, path in (("GET", ""), ("POST", "/claim"), ("GET", "/conversation"), ("GET", "/notes")):
                answer = await client.request(method, f"/v1/handoffs/{foreign}{path}", headers=one.headers)
                assert answer.status_code in (403, 404), path
        claimed = await one.take()
        assert claimed["handoff_id"] == own.handoff_id
        assert await one.take() is None
        reply = {"text": "您好", "client_key": "1", "fence": claimed["fence"]}
        assert (await one.call("POST", f"/handoffs/{own.handoff_id}/replies", 409, **reply))["code"] == "conflict"
        await one.call("POST", f"/handoffs/{own.handoff_id}/resolve", 204, fence=claimed["fence"])
    both = await (await _person(client, running, bench.shop_id, "host", "merchandiser")).online()
    assert {item["origin"] for item in await both.call("GET", "/handoffs")} == {"narration", "selection"}


async def test_one_decision_drafts_for_all_and_each_is_sent_under_its_own_fence(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    cause = {"intents": ("logistics",), "slots": {"courier": "顺丰"}}
    asked = [await bench.ask(**cause) for _ in range(3)]
    boss = await _person(client, running, bench.shop_id, "supervisor")
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    (cluster,) = await boss.call("GET", "/incidents/clusters")
    assert sorted(cluster["handoff_ids"]) == sorted(one.handoff_id for one in asked)
    await anna.call("POST", "/incidents", 403, **cluster)
    incident = await boss.call("POST", "/incidents", 201, **cluster)
    where = f"/incidents/{incident['id']}"
    await anna.call("POST", f"{where}/decision", 403, text="x")
    drafts = await boss.call("POST", f"{where}/decision", text="顺丰因天气延误，我们补发。")
    assert len(drafts) == 3
    claimed = await anna.take()
    assert (await anna.call("GET", f"/handoffs/{claimed['handoff_id']}"))["draft"]["text"] == drafts[0]["text"]
    send = f"{where}/drafts/{claimed['handoff_id']}/send"
    assert (await anna.call("POST", send, 409, fence=claimed["fence"] - 1))["code"] == "stale_fence"
    sent = await anna.call("POST", send, 201, fence=claimed["fence"])
    assert (await anna.call("POST", send, 201, fence=claimed["fence"])) == {**sent, "repeated": True}
    ended = await boss.call("POST", f"{where}/end")
    assert (ended["state"], ended["sent"], ended["drafts"]) == ("ended", 1, 0)
    assert [one["id"] for one in await anna.call("GET", "/incidents?state=ended")] == [incident["id"]]


async def test_figures_of_the_desk(client: httpx.AsyncClient, running: Services, bench: Bench) -> None:
    await bench.ask()
    await bench.ask(HandoffReason.SAFETY)
    anna = await (await _person(client, running, bench.shop_id, "operator")).online(capacity=1)
    claimed = await anna.take()
    load = await anna.call("GET", "/handoffs/load")
    assert (load["queued"], load["claimed"], load["by_reason"]) == (1, 1, {"complaint": 1, "safety": 1})
    assert [(one["operator_id"], one["holding"]) for one in load["operators"]] == [(anna.id, 1)]
    assert claimed["handoff_id"] in [one["id"] for one in await anna.call("GET", f"/handoffs?claimed_by={anna.id}")]
    assert [one["reason"] for one in await anna.call("GET", "/handoffs?state=queued&reason=complaint")] == ["complaint"]
    (day,) = await anna.call("GET", "/handoffs/first-response?days=7")
    assert (day["came"], day["answered"]) == (2, 0)
    await anna.call("DELETE", "/operators/me/presence", 204)
    load = await anna.call("GET", "/handoffs/load")
    assert (load["queued"], load["claimed"]) == (2, 0)  # what they held went back at once
    await anna.call("POST", "/operators/me/presence/beat", 404)


# keys -----------------------------------------------------------------------------------------------------------------


async def test_a_key_works_the_desk_in_its_own_name(client: httpx.AsyncClient, running: Services, bench: Bench) -> None:
    asked = await bench.ask()
    reading = Person(client, "", await key_for(running, bench.shop_id, "handoffs:read"))
    assert [one["id"] for one in await reading.call("GET", "/handoffs")] == [asked.handoff_id]
    for path in ("/handoffs/claim-next", f"/handoffs/{asked.handoff_id}/claim"):
        refused = await reading.call("POST", path, 403)
        assert refused["data"]["scope"] == "handoffs:write"
    writing = await Person(client, "", await key_for(running, bench.shop_id, "handoffs:write")).online()
    claimed = await writing.take()
    holder = (await writing.call("GET", f"/handoffs/{claimed['handoff_id']}"))["claimed_by"]
    assert holder.startswith("key_")
    assert (await writing.call("GET", "/operators/me", 403))["code"] == "forbidden"
    await writing.call("POST", f"/handoffs/{claimed['handoff_id']}/resolve", 204, fence=claimed["fence"])
    *_, last = await bench.audited(asked.handoff_id)
    assert (last.action, last.actor) == ("resolved", f"api:{holder}")


# signing in -----------------------------------------------------------------------------------------------------------


async def _login(running: Services, shop_id: str, *roles: str) -> tuple[str, str]:
    """Id and login of a new operator."""
    operator_id, _ = await operator_of(running, shop_id, *roles)
    async with running.database.transaction(shop_id) as scope:
        (found,) = [one for one in await operators.listed(scope) if one.id == operator_id]
    return operator_id, found.login


async def test_signing_in_gives_a_token_that_ends_with_the_rights(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    operator_id, login = await _login(running, bench.shop_id, "operator", "host")
    wrong = await client.post("/v1/sign-in", json={"login": login, "password": "不是这个口令呀"})
    nobody = await client.post("/v1/sign-in", json={"login": "nobody-at-all", "password": PASSWORD})
    assert (wrong.status_code, wrong.json()) == (401, nobody.json())
    told = (await client.post("/v1/sign-in", json={"login": login, "password": PASSWORD})).json()
    assert (told["shop_id"], told["operator"]["roles"]) == (bench.shop_id, ["operator", "host"])
    assert "desk:work" in told["operator"]["rights"]
    person = Person(client, operator_id, {"Authorization": f"Bearer {told['token']}"})
    assert (await person.call("GET", "/operators/me"))["operator_id"] == operator_id
    renewed = await person.call("POST", "/sign-in/renew")
    fresh = Person(client, operator_id, {"Authorization": f"Bearer {renewed['token']}"})
    await fresh.call("GET", "/handoffs")
    async with running.database.transaction(bench.shop_id) as scope:
        await operators.change_operator(scope, operator_id, name="阿宁", roles=["host"])
    for one in (person, fresh):
        assert (await one.call("GET", "/handoffs", 401))["code"] == "unauthorized"
        await one.call("POST", "/sign-in/renew", 401)


async def test_the_consoles_cookie_is_no_token_and_a_token_no_cookie(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    from api.auth import sign_ins

    async with running.database.transaction(bench.shop_id) as scope:
        who = await operators.create_operator(
            scope, f"two-doors-{bench.shop_id[-8:]}", name="x", password=PASSWORD, roles=["admin"]
        )
    now = running.clock.now()
    cookie = sign_ins.issue(running.token_secret, who, now)
    token, ends = sign_ins.issue_token(running.token_secret, who, now)
    assert sign_ins.read(running.token_secret, token.removeprefix(sign_ins.TOKEN_PREFIX), now) is None
    assert sign_ins.read_token(running.token_secret, token, ends) is None
    for wrong in (cookie, f"{sign_ins.TOKEN_PREFIX}{cookie}", token[:-2], f"{sign_ins.TOKEN_PREFIX}x"):
        answer = await client.get("/v1/handoffs", headers={"Authorization": f"Bearer {wrong}"})
        assert answer.status_code == 401
    since = now - sign_ins.LASTS + sign_ins.TOKEN_LASTS / 2
    _, last = sign_ins.issue_token(running.token_secret, who, now, since=since)
    assert last == since + sign_ins.LASTS  # renewing does not outlive twelve hours


# live -----------------------------------------------------------------------------------------------------------------


async def _events(answer: httpx.Response, count: int) -> list[tuple[int, str, dict[str, Any]]]:
    """So many events; fewer when the stream ends before."""
    found: list[tuple[int, str, dict[str, Any]]] = []
    offset, kind = 0, ""
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "id":
            offset = int(value)
        elif name == "event":
            kind = value
        elif name == "data":
            found.append((offset, kind, json.loads(value)))
            if len(found) == count:
                break
    return found


async def test_the_queue_is_followed_and_resumed(client: httpx.AsyncClient, running: Services, bench: Bench) -> None:
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    start = (await anna.call("GET", "/handoffs/load"))["last_offset"]
    asked = await bench.ask()
    claimed = await anna.take()
    async with client.stream("GET", f"/v1/handoffs/events?after={start}", headers=anna.headers) as answer:
        first, second = await _events(answer, 2)
    assert [(one[1], one[2]["handoff_id"]) for one in (first, second)] == [
        ("enqueued", asked.handoff_id), ("claimed", asked.handoff_id),
    ]  # fmt: skip
    assert second[2]["fence"] == claimed["fence"]
    resumed = {**anna.headers, "Last-Event-ID": str(first[0])}
    async with client.stream("GET", "/v1/handoffs/events", headers=resumed) as answer:
        assert await _events(answer, 1) == [second]
    async with client.stream("GET", "/v1/handoffs/events", headers=anna.headers) as answer:
        later = await bench.ask()
        (only,) = await _events(answer, 1)
    assert (only[1], only[2]["handoff_id"]) == ("enqueued", later.handoff_id)


async def test_a_host_hears_of_lines_only(client: httpx.AsyncClient, running: Services, bench: Bench) -> None:
    host = await _person(client, running, bench.shop_id, "host")
    async with client.stream("GET", "/v1/handoffs/events?after=0", headers=host.headers) as answer:
        await bench.ask()
        await bench.sign_in()
        line = await bench.ask(HandoffReason.LINE_HOLD, subject="lin_1", origin="narration")
        (only,) = await _events(answer, 1)
    assert only[2]["handoff_id"] == line.handoff_id


async def test_a_stream_ends_with_its_sign_in(client: httpx.AsyncClient, running: Services, bench: Bench) -> None:
    anna = await _person(client, running, bench.shop_id, "operator")
    async with client.stream("GET", "/v1/handoffs/events", headers=anna.headers) as answer:
        async with running.database.transaction(bench.shop_id) as scope:
            await operators.set_disabled(scope, anna.id, disabled=True)
        assert await _events(answer, 1) == []
    await anna.call("GET", "/handoffs", 401)


async def test_the_conversation_is_heard_while_it_goes_on(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    talk = await _asks(client, bench.shop_id)
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    claimed = await anna.take()
    where = f"/handoffs/{claimed['handoff_id']}"
    after = (await anna.call("GET", f"{where}/conversation"))["last_offset"]
    async with client.stream("GET", f"/v1{where}/events?after={after}", headers=anna.headers) as answer:
        await talk.post(f"在吗，我的电话{PHONE}")
        (heard,) = await _events(answer, 1)
    assert (heard[1], heard[2]["author"]) == ("message", "shopper")
    assert heard[2]["text"].startswith("在吗")
    assert PHONE not in heard[2]["text"]
    line = await bench.ask(HandoffReason.LINE_HOLD, subject="lin_1", origin="narration")
    refused = await anna.call("GET", f"/handoffs/{line.handoff_id}/conversation", 409)
    assert refused["code"] == "conflict"


async def test_a_sent_away_operator_loses_what_they_held(
    client: httpx.AsyncClient, running: Services, bench: Bench
) -> None:
    asked = await bench.ask()
    anna = await (await _person(client, running, bench.shop_id, "operator")).online()
    boss = await _person(client, running, bench.shop_id, "supervisor")
    await anna.take()
    await anna.call("PUT", f"/operators/{anna.id}/presence", 403, status="offline")
    await boss.call("PUT", f"/operators/{anna.id}/presence", 403, status="online")
    await boss.call("PUT", f"/operators/{anna.id}/presence", skills=["退货"], capacity=2)
    state = await boss.call("PUT", f"/operators/{anna.id}/presence", status="offline")
    assert (state["status"], state["skills"], state["capacity"]) == ("offline", ["退货"], 2)

    async def queued() -> bool:
        return (await bench.read(asked.handoff_id)).state == "queued"

    await until(queued)
