"""Who holds a conversation, whose it is, and what it carries."""

from typing import Any

from agents.handoff.presence import Presence
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Actor
from tests.api.chatwoot.conftest import Channel
from tests.support.chatwoot_server import Talk
from tests.support.desk import TWO_ANSWERS
from tests.support.filled import a_picture
from tests.support.waiting import until

ASKED, ALSO_ASKED = TWO_ANSWERS
PERSON = {"id": 5, "name": "小李"}


async def test_a_person_who_takes_over_before_the_answer_silences_it(channel: Channel) -> None:
    """At the very last moment: while the bot looks at the conversation once more, right before it would post."""
    moves: list[dict[str, Any]] = [{"status": "open"}, {"assignee": PERSON}, {"status": "resolved"}]
    for move in moves:
        talk = channel.server.talk()

        def take_over(method: str, path: str, talk: Talk = talk, move: dict[str, Any] = move) -> None:
            if method == "GET" and path.endswith(f"/{talk.id}"):
                for name, value in move.items():
                    setattr(talk, name, value)

        channel.server.before = take_over
        await channel.hears(talk, ASKED)
        assert channel.server.shown(talk) == []
    assert channel.server.journal == []
    assert [(kind, state) for kind, state, _why in await channel.steps()] == [("reply", "skipped")] * len(moves)


async def test_a_person_who_takes_over_and_gives_back_hears_no_old_answer_twice(channel: Channel) -> None:
    talk = channel.server.talk(assignee=PERSON)
    await channel.hears(talk, ASKED)
    talk.assignee = None
    await channel.hears(talk, ALSO_ASKED)
    (shown,) = channel.server.shown(talk)
    assert TWO_ANSWERS[ASKED][:10] not in shown


async def test_no_answer_of_the_bot_follows_a_claim_of_our_operator(channel: Channel) -> None:
    """It was said here before the claim, and waits there, since Chatwoot was down: it stays unsaid."""
    database = channel.services.database
    channel.server.trap = "down"
    talk = channel.server.talk()
    assert await channel.deliver(channel.server.says(talk, ASKED)) == 200

    async def tried() -> bool:
        return bool(await channel.rows("select 1 from chatwoot_steps where kind = 'reply' and attempts > 0"))

    await until(tried)
    operator = Actor("opr_li", name="小李")
    await Presence(database).sign_in(channel.shop_id, operator.id, name=operator.name)
    ours = await channel.conversation_of(talk)
    claimed = await HandoffQueue(database).take_over(channel.shop_id, ours.id, operator)
    await HandoffQueue(database).reply(
        channel.shop_id, claimed.handoff_id, operator, claimed.fence, "您好，我来帮您。", client_key="k"
    )
    channel.server.trap = ""
    await channel.settled()
    assert channel.server.shown(talk) == ["您好，我来帮您。"]
    assert ("reply", "skipped", "held_by_a_person") in await channel.steps("reply")


async def test_a_newer_question_supersedes_the_older(channel: Channel) -> None:
    talk = channel.server.talk()
    for text in (ASKED, ALSO_ASKED):
        assert await channel.deliver(channel.server.says(talk, text)) == 200
    await channel.settled()
    assert TWO_ANSWERS[ASKED][:10] not in channel.server.shown(talk)[-1]
    assert await channel.messages_of(talk, "shopper") == [ASKED, ALSO_ASKED]


# identity -----------------------------------------------------------------------------------------------------------


async def test_a_verified_identifier_is_the_shopper_s_own_id(channel: Channel) -> None:
    talk = channel.server.talk(hmac_verified=True, identifier="anna")
    await channel.hears(talk, ASKED)
    ours = await channel.conversation_of(talk)
    assert (ours.shopper_id, ours.shopper_name) == ("anna", "小王")


async def test_an_identifier_that_is_not_verified_proves_nothing(channel: Channel) -> None:
    talk = channel.server.talk(hmac_verified=False, identifier="anna")
    await channel.hears(talk, ASKED)
    assert (await channel.conversation_of(talk)).shopper_id is None


async def test_a_proof_that_does_not_agree_with_itself_is_none(channel: Channel) -> None:
    twists: list[dict[str, Any]] = [
        {"contact_inbox": {"contact_id": 9, "hmac_verified": "true"}},
        {"contact_inbox": {"contact_id": 9, "hmac_verified": 1}},
        {"contact_inbox": {"contact_id": 10, "hmac_verified": True}},
        {"contact_inbox": None},
        {"meta": {"hmac_verified": False, "assignee": None}},
    ]
    for twist in twists:
        talk = channel.server.talk(hmac_verified=True, identifier="anna")
        event = channel.server.says(talk, ASKED)
        event["conversation"] = {**event["conversation"], **twist}
        assert await channel.deliver(event) == 200
    for identifier in (None, "", "   ", 7, "x" * 129):
        talk = channel.server.talk(hmac_verified=True, identifier=identifier)
        assert await channel.deliver(channel.server.says(talk, ASKED)) == 200
    await channel.settled()
    rows = await channel.rows("select shopper_id from conversations where shop_id = :shop_id")
    assert [row.shopper_id for row in rows] == [None] * 10


async def test_a_guest_who_is_verified_later_is_known_from_then_on(channel: Channel) -> None:
    talk = channel.server.talk()
    await channel.hears(talk, ASKED)
    before = await channel.conversation_of(talk)
    talk.hmac_verified, talk.identifier = True, "anna"
    await channel.hears(talk, ALSO_ASKED)
    after = await channel.conversation_of(talk)
    assert (after.id, after.shopper_id) == (before.id, "anna")


async def test_somebody_else_does_not_read_on_in_a_shopper_s_conversation(channel: Channel) -> None:
    for verified, identifier in ((False, "anna"), (True, "eve"), (False, None)):
        talk = channel.server.talk(hmac_verified=True, identifier="anna")
        await channel.hears(talk, ASKED)
        annas = await channel.conversation_of(talk)
        talk.hmac_verified, talk.identifier = verified, identifier
        await channel.hears(talk, ALSO_ASKED)
        other = await channel.conversation_of(talk)
        assert other.id != annas.id
        assert other.shopper_id == (identifier if verified else None)
        assert await channel.messages_of(talk, "shopper") == [ALSO_ASKED]
        assert len(channel.server.shown(talk)) == 2


# attachments --------------------------------------------------------------------------------------------------------


def _attached(channel: Channel, kind: str, path: str, content: bytes = b"") -> dict[str, Any]:
    channel.server.files[path] = (200, {"Content-Type": "application/octet-stream"}, content)
    return {"attachments": [{"id": 1, "file_type": kind, "data_url": channel.server.url + path}]}


async def test_a_photo_alone_is_stored_and_goes_to_a_person(channel: Channel) -> None:
    talk = channel.server.talk()
    await channel.hears(talk, None, **_attached(channel, "image", "/rails/photo", a_picture()))
    ours = await channel.conversation_of(talk)
    (row,) = await channel.rows("select media_type, width from attachments where conversation_id = :id", id=ours.id)
    assert tuple(row) == ("image/jpeg", 32)
    assert (await channel.handoff()).state == "queued"
    assert talk.status == "open"


async def test_the_bot_token_is_not_shown_to_whoever_keeps_the_files(channel: Channel) -> None:
    seen: list[str] = []
    channel.server.before = lambda _method, path: seen.append(path)
    talk = channel.server.talk()
    await channel.hears(talk, ASKED, **_attached(channel, "image", "/rails/photo", a_picture()))
    assert "/rails/photo" not in seen  # served from the files: without a token, never through the API


async def test_what_no_bot_can_read_goes_to_a_person(channel: Channel) -> None:
    for kind in ("audio", "file", "location", "image"):
        talk = channel.server.talk()
        await channel.hears(talk, None, **_attached(channel, kind, "/rails/thing", b"no picture at all"))
        assert talk.status == "open"
        assert channel.server.did(talk, "note")
    rows = await channel.rows("select state, reason from handoffs where shop_id = :shop_id")
    assert [tuple(row) for row in rows] == [("queued", "knowledge_gap")] * 4


async def test_files_are_not_fetched_from_the_machine_s_own_network(channel: Channel) -> None:
    for url in (
        "http://127.0.0.1:1/x.jpg",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://10.0.0.1/a",
    ):
        talk = channel.server.talk()
        await channel.hears(talk, ASKED, attachments=[{"id": 1, "file_type": "image", "data_url": url}])
        assert await channel.messages_of(talk, "shopper") == [ASKED]


async def test_a_message_of_nothing_is_ignored(channel: Channel) -> None:
    talk = channel.server.talk()
    await channel.hears(talk, None)
    await channel.hears(talk, "   ")
    assert await channel.rows("select 1 from messages where shop_id = :shop_id") == []


async def test_a_very_long_message_is_cut(channel: Channel) -> None:
    talk = channel.server.talk()
    await channel.hears(talk, ASKED + "啊" * 5000)
    (text,) = await channel.messages_of(talk, "shopper")
    assert len(text) == 2000
