"""Which deliveries are believed, and that each is taken once."""

import json
import time
from typing import Any

from tests.api.chatwoot.conftest import Channel, Connect
from tests.support.chatwoot_server import SECRET
from tests.support.desk import TWO_ANSWERS

ASKED, ANSWER = next(iter(TWO_ANSWERS.items()))


async def test_a_question_is_answered_through_the_api(channel: Channel) -> None:
    talk = channel.server.talk()
    await channel.hears(talk, ASKED)
    (shown,) = channel.server.shown(talk)
    assert ANSWER[:10] in shown
    assert "[1]" in shown
    assert shown.endswith("（AI 生成）")
    assert await channel.steps() == [("reply", "done", "")]
    assert (await channel.conversation_of(talk)).channel == "chatwoot"


async def test_it_is_acknowledged_before_it_is_worked_on(channel: Channel) -> None:
    """Chatwoot waits five seconds: nothing of its own API, which hangs here, is asked before the answer."""
    channel.server.before = lambda _method, _path: time.sleep(1.0)
    talk = channel.server.talk()
    started = [len(channel.server.requests)]
    assert await channel.deliver(channel.server.says(talk, ASKED)) == 200
    assert len(channel.server.requests) == started[0]
    channel.server.before = lambda _method, _path: None
    await channel.settled()


_TWISTS = {
    "forged": {"X-Chatwoot-Signature": "sha256=" + "0" * 64},
    "absent": {"X-Chatwoot-Signature": ""},
    "without its scheme": {"X-Chatwoot-Signature": "0" * 64},
    "no hex": {"X-Chatwoot-Signature": "sha256=äöü"},
    "no time": {"X-Chatwoot-Timestamp": ""},
    "no number": {"X-Chatwoot-Timestamp": "soon"},
    "another time than was signed": {"X-Chatwoot-Timestamp": "9" * 12},
}


async def test_what_is_not_signed_is_refused(channel: Channel) -> None:
    event = channel.server.says(channel.server.talk(), ASKED)
    for why, twist in _TWISTS.items():
        headers = {**channel.server.signed(json.dumps(event).encode()), **twist}
        answer = await channel.client.post(
            channel.path,
            content=json.dumps(event),
            headers=[(key.encode(), value.encode()) for key, value in headers.items() if value],
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), why
    assert await channel.rows("select 1 from chatwoot_deliveries") == []


async def test_a_signature_is_good_for_five_minutes(channel: Channel) -> None:
    event = channel.server.status_event(channel.server.talk())
    for ago_s, status in ((290, 200), (310, 401), (-290, 200), (-310, 401)):
        headers = channel.server.signed(json.dumps(event).encode(), ago_s=ago_s)
        assert (await channel.post(event, headers)).status_code == status, ago_s


async def test_a_body_changed_on_its_way_is_refused(channel: Channel) -> None:
    event = channel.server.says(channel.server.talk(), ASKED)
    headers = channel.server.signed(json.dumps(event).encode())
    assert (await channel.post({**event, "content": "转人工"}, headers)).status_code == 401


async def test_another_connection_s_secret_opens_nothing(channel: Channel, connect: Connect) -> None:
    other: Channel = await connect(secret="another-secret")
    event = channel.server.says(channel.server.talk(), ASKED)
    headers = channel.server.signed(json.dumps(event).encode(), secret=SECRET)
    assert (await other.post(event, headers)).status_code == 401
    other.id = "cwc_nowhere"
    assert (await other.post(event, headers)).status_code == 404


async def test_builds_that_sign_nothing_are_served_where_the_shop_allows_it(connect: Connect) -> None:
    channel: Channel = await connect(require_signature=False)
    talk = channel.server.talk(hmac_verified=True, identifier="anna")
    event = channel.server.says(talk, ASKED)
    assert (await channel.post(event, {})).status_code == 200
    await channel.settled()
    assert len(channel.server.shown(talk)) == 1
    assert (await channel.conversation_of(talk)).shopper_id is None  # whoever knows the address could have said so
    forged = {**channel.server.signed(json.dumps(event).encode(), secret="wrong")}
    assert (await channel.post(event, forged)).status_code == 401


async def test_builds_that_name_no_delivery_are_deduped_by_their_body(connect: Connect) -> None:
    channel: Channel = await connect(require_signature=False)
    event = channel.server.says(channel.server.talk(), ASKED)
    answers = [(await channel.post(event, {})).json() for _ in range(2)]
    assert answers == [{"repeated": False}, {"repeated": True}]
    await channel.settled()


async def test_a_delivery_that_comes_twice_is_one(channel: Channel) -> None:
    talk = channel.server.talk()
    event = channel.server.says(talk, ASKED)
    for _ in range(3):
        assert await channel.deliver(event, delivery="d-1") == 200
    await channel.settled()
    assert len(channel.server.shown(talk)) == 1
    assert await channel.messages_of(talk, "shopper") == [ASKED]


async def test_a_message_that_comes_in_another_delivery_is_one(channel: Channel) -> None:
    talk = channel.server.talk()
    event = channel.server.says(talk, ASKED)
    for delivery in ("d-1", "d-2"):
        assert await channel.deliver(event, delivery=delivery) == 200
        await channel.settled()
    assert len(channel.server.shown(talk)) == 1
    rows = await channel.rows("select state, why from chatwoot_deliveries order by seq")
    assert [tuple(row) for row in rows] == [("taken", ""), ("ignored", "message_taken")]


async def test_what_was_delivered_is_not_kept(channel: Channel) -> None:
    await channel.hears(channel.server.talk(), ASKED)
    assert [row.payload for row in await channel.rows("select payload from chatwoot_deliveries")] == [None]


async def _ignored(channel: Channel, events: list[tuple[dict[str, Any], str]]) -> None:
    """Each is acknowledged, and nothing follows from it."""
    for event, _ in events:
        assert await channel.deliver(event) == 200
    await channel.settled()
    rows = await channel.rows("select state, why from chatwoot_deliveries order by seq")
    assert [tuple(row) for row in rows] == [("ignored", why) for _, why in events]
    assert channel.server.journal == []
    assert await channel.rows("select 1 from turns where shop_id = :shop_id") == []


async def test_what_is_no_message_of_the_shopper_is_ignored(channel: Channel) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"private": True}, "message_is_private"),
        ({"message_type": "outgoing"}, "message_is_outgoing"),
        ({"message_type": "template"}, "message_is_template"),
        ({"message_type": "activity"}, "message_is_activity"),
        ({"message_type": 1}, "message_is_outgoing"),
        ({"message_type": None}, "message_is_of_no_kind"),
        ({"event": "message_updated"}, "not_a_message"),
        ({"account": {"id": 8}}, "another_account"),
    ]
    await _ignored(channel, [(channel.server.says(channel.server.talk(), ASKED, **more), why) for more, why in cases])


async def test_what_a_person_holds_is_ignored(channel: Channel) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"status": "open"}, "not_pending"),
        ({"status": "resolved"}, "not_pending"),
        ({"status": "snoozed"}, "not_pending"),
        ({"assignee": {"id": 5, "name": "小李", "type": "user"}}, "held_by_a_person"),
        ({"assignee": {"id": 5, "name": "小李"}}, "held_by_a_person"),
        ({"assignee": {"id": 5}, "assignee_type": "User"}, "held_by_a_person"),
    ]
    await _ignored(channel, [(channel.server.says(channel.server.talk(**given), ASKED), why) for given, why in cases])


async def test_events_that_concern_nobody_are_acknowledged(channel: Channel) -> None:
    names = {"webwidget_triggered": "not_a_message", "conversation_opened": "nothing_open", "something_new":
             "not_a_message", "": "not_a_message", None: "not_a_message"}  # fmt: skip
    events = [
        ({**channel.server.status_event(channel.server.talk()), "event": name}, why) for name, why in names.items()
    ]
    await _ignored(channel, events)


async def test_a_bot_may_be_assigned(channel: Channel) -> None:
    cases: list[dict[str, Any]] = [
        {"assignee": {"id": 2}, "assignee_type": "AgentBot"}, {"assignee": {"id": 2, "type": "agent_bot"}},
    ]  # fmt: skip
    for given in cases:
        talk = channel.server.talk(**given)
        await channel.hears(talk, ASKED)
        assert len(channel.server.shown(talk)) == 1, given


async def test_types_that_builds_disagree_on_are_read(channel: Channel) -> None:
    cases: list[dict[str, Any]] = [
        {"sender": None},
        {"id": "900001"},
        {"created_at": 1767225600},
        {"created_at": "1767225600"},
        {"message_type": 0},
        {"attachments": None},
        {"content_attributes": None},
        {"content": f"  {ASKED}\u0000"},
    ]
    talks = [channel.server.talk() for _ in cases]
    for talk, more in zip(talks, cases, strict=True):
        assert await channel.deliver(channel.server.says(talk, ASKED, **more)) == 200
    await channel.settled()
    for talk, more in zip(talks, cases, strict=True):
        assert await channel.messages_of(talk, "shopper") == [ASKED], more
        assert len(channel.server.shown(talk)) == 1, more


async def test_a_body_that_is_no_object_is_refused(channel: Channel) -> None:
    for body in ("", "[]", "nothing", '"text"', "\ud800"):
        content = body.encode("utf-8", "surrogatepass")
        answer = await channel.client.post(channel.path, content=content, headers=channel.server.signed(content))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), body
