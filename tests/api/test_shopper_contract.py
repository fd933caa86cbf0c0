"""What the page builds on: cards, waiting, ratings, live facts, in reading and in events."""

from typing import Any

import httpx
import pytest

from agents.conversations import repository, service
from agents.conversations.service import Reply
from agents.handoff import repository as handoffs
from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason
from api.services import Services
from knowledge.kit import events
from knowledge.shops.models import Shop
from tests.api.conftest import Talk, key_for, open_talk
from tests.support.waiting import until

CARD = {"kind": "order", "order_id": "A1", "state": "shipped"}
LIVE = {
    "number": 1, "chunk_id": "evd_1", "doc": "order:A1", "title": "订单 A1", "article": None, "section": "",
    "effective_from": None, "kind": "order", "text": "订单A1目前的状态是已发货。",
}  # fmt: skip


async def _answered(services: Services, talk: Talk, reply: Reply, *, reason: HandoffReason | None = None) -> None:
    """A turn with this reply, as the desk ends it."""
    shop_id = talk.greeting["shop"]["id"]
    async with services.database.transaction(shop_id) as scope:
        accepted = await service.accept_message(scope, talk.id, "我的订单到哪了")
        assert accepted.turn is not None
        turn = await repository.claim_turn(scope, accepted.turn.id, 60)
        assert turn is not None
        if reason is None:
            assert await service.send_reply(scope, turn, reply)
        else:
            assert await service.hand_off(scope, turn, reply, reason, Packet(reason=reason.value, ask="订单"))


async def _events(services: Services, talk: Talk, kind: str) -> list[dict[str, Any]]:
    async with services.database.transaction(talk.greeting["shop"]["id"]) as scope:
        found = await events.read_events(scope, service.stream_name(talk.id), after=0)
    return [one.data for one in found if one.kind == kind]


REPLY = Reply(["订单A1目前的状态是已发货。[1]"], [LIVE], "answered", "offline", {}, cards=[CARD])


@pytest.mark.parametrize("reason", [None, HandoffReason.COMPLAINT])
async def test_cards_stand_beside_the_words(running: Services, talk: Talk, reason: HandoffReason | None) -> None:
    await _answered(running, talk, REPLY, reason=reason)
    shopper, bot = (await talk.read())["messages"]
    assert (shopper["cards"], shopper["attachments"], bot["cards"]) == ([], [], [CARD])
    told = await _events(running, talk, "message")
    assert [(one["cards"], one["attachments"]) for one in told] == [([], []), ([CARD], [])]


async def test_a_live_fact_opens_as_it_was_when_it_was_told(running: Services, talk: Talk, api_shop: str) -> None:
    await _answered(running, talk, REPLY)
    (_, bot) = (await talk.read())["messages"]
    assert bot["citations"][0]["chunk_id"] == "evd_1"
    source = await talk.client.get(f"{talk.path}/citations/evd_1", headers=talk.headers)
    assert source.status_code == 200
    assert source.json() == {
        "chunk_id": "evd_1", "doc": "order:A1", "title": "订单 A1", "section": "", "article": None,
        "text": LIVE["text"], "version": 1, "effective_from": None,
    }  # fmt: skip
    other = await open_talk(talk.client, api_shop)
    assert (await talk.client.get(f"{other.path}/citations/evd_1", headers=other.headers)).status_code == 404


async def test_who_waits_is_told_the_place_and_the_time(
    running: Services, client: httpx.AsyncClient, api_shop: str
) -> None:
    async with running.database.transaction(api_shop) as scope:
        shop = await scope.session.get_one(Shop, api_shop)
        shop.settings = {**shop.settings, "average_handling_s": 100, "queue": {"opens": 0, "closes": 24}}
    first, second = [await open_talk(client, api_shop) for _ in range(2)]
    assert (await first.read())["handoff"] is None
    for talk in (first, second):
        await _answered(running, talk, REPLY, reason=HandoffReason.COMPLAINT)
    waiting = (await second.read())["handoff"]
    assert waiting == {
        "handoff_id": waiting["handoff_id"], "reason": "complaint", "state": "queued", "position": 2,
        "expected_wait_s": 200, "opens_in_s": 0, "operator_name": "",
    }  # fmt: skip
    (told,) = await _events(running, second, "handoff")
    assert {key: told[key] for key in ("id", "state", "reason", "position", "expected_wait_s")} == {
        "id": waiting["handoff_id"], "state": "queued", "reason": "complaint", "position": 2, "expected_wait_s": 200,
    }  # fmt: skip
    async with running.database.transaction(api_shop) as scope:
        handoff = await handoffs.unfinished_of(scope, first.id)
        assert handoff is not None
        handoff.state = "claimed"
    taken, next_one = (await first.read())["handoff"], (await second.read())["handoff"]
    assert (taken["state"], taken["position"], taken["expected_wait_s"]) == ("claimed", 0, 0)
    assert (next_one["position"], next_one["expected_wait_s"]) == (1, 100)
    async with running.database.transaction(api_shop) as scope:
        handoff = await handoffs.unfinished_of(scope, first.id)
        assert handoff is not None
        handoff.state = "resolved"
    assert (await first.read())["handoff"] is None


async def _rate(talk: Talk, **body: Any) -> httpx.Response:
    return await talk.client.put(f"{talk.path}/rating", json=body, headers=talk.headers)


async def test_the_last_rating_counts(running: Services, talk: Talk) -> None:
    assert (await talk.read())["rating"] is None
    for body in ({"score": 4}, {"score": 4}, {"score": 2, "solved": False, "comment": "没解决"}):
        assert (await _rate(talk, **body)).status_code == 204
    assert (await talk.read())["rating"] == {"score": 2, "solved": False, "comment": "没解决"}
    assert await _events(running, talk, "rated") == [{"score": 4}, {"score": 2}]


@pytest.mark.parametrize(
    "body", [{}, {"score": 0}, {"score": 6}, {"score": 3, "comment": "字" * 501}, {"score": 3, "comment": "\0"}]
)
async def test_what_is_no_rating_is_refused(talk: Talk, body: dict[str, Any]) -> None:
    assert (await _rate(talk, **body)).status_code == 422
    assert (await talk.read())["rating"] is None


async def test_the_shop_s_systems_list_its_conversations(running: Services, talk: Talk, api_shop: str) -> None:
    await _answered(running, talk, REPLY)
    headers = await key_for(running, api_shop, "conversations:read")
    (line,) = (await talk.client.get("/v1/conversations", headers=headers)).json()
    assert (line["id"], line["shopper_id"], line["messages"], line["outcomes"]) == (talk.id, "", 2, ["answered"])
    assert line["first_words"] == "我的订单到哪了"
    none = await talk.client.get("/v1/conversations", params={"shopper_id": "anna"}, headers=headers)
    assert none.json() == []


async def test_an_offline_answer_tells_no_cards_but_the_fields_are_there(talk: Talk) -> None:
    await talk.post("电子发票多久能开好？")
    await until(lambda: talk.replies())
    for message in (await talk.read())["messages"]:
        assert message["cards"] == message["attachments"] == []
