"""One owner at a time, one number per message, one turn per question."""

import asyncio

import pytest

from agents.conversations import repository, service
from agents.conversations.models import Turn
from agents.conversations.service import Accepted, Reply
from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason
from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError, NotFoundError, UnauthorizedError
from tests.support.desk import Desk, new_shop

REPLY = Reply(["七天内可以退货。[1]", "运费买家承担。[1]"], [{"number": 1, "chunk_id": "chk_1"}], "answered", "m", {})
PACKET = Packet(reason="complaint", ask="退货")


async def _claimed(desk: Desk, accepted: Accepted) -> Turn:
    assert accepted.turn is not None
    async with desk.database.transaction(desk.shop_id) as scope:
        turn = await repository.claim_turn(scope, accepted.turn.id, 15)
    assert turn is not None
    return turn


async def _send(desk: Desk, turn: Turn) -> bool:
    async with desk.database.transaction(desk.shop_id) as scope:
        return await service.send_reply(scope, turn, REPLY)


async def _hand_off(desk: Desk, turn: Turn) -> bool:
    async with desk.database.transaction(desk.shop_id) as scope:
        return await service.hand_off(scope, turn, REPLY, HandoffReason.COMPLAINT, PACKET) is not None


async def test_a_token_opens_its_own_conversation_only(desk: Desk) -> None:
    async with desk.database.transaction(desk.shop_id) as scope:
        mine, token = await service.open_conversation(scope)
        other, _ = await service.open_conversation(scope)
    async with desk.database.transaction(desk.shop_id) as scope:
        assert (await service.authorised(scope, mine.id, token)).id == mine.id
        for wrong in ("", token[:-1], token + "x"):
            with pytest.raises(UnauthorizedError):
                await service.authorised(scope, mine.id, wrong)
        with pytest.raises(UnauthorizedError):
            await service.authorised(scope, other.id, token)
        assert token not in (mine.token_hash, other.token_hash)


async def test_another_shop_does_not_know_the_conversation(desk: Desk, database: Database) -> None:
    async with database.transaction(desk.shop_id) as scope:
        mine, token = await service.open_conversation(scope)
    async with database.transaction(await new_shop(database)) as scope:
        with pytest.raises(NotFoundError):
            await service.authorised(scope, mine.id, token)


async def test_the_same_client_key_twice_is_one_message_and_one_turn(desk: Desk) -> None:
    conversation_id = await desk.open()
    first, *rest = await asyncio.gather(*(desk.say(conversation_id, "能退货吗", "key") for _ in range(5)))
    assert {one.message.id for one in rest} == {first.message.id}
    assert {one.turn.id if one.turn else "" for one in rest} == {first.turn.id if first.turn else "?"}
    assert sorted(one.repeated for one in [first, *rest]) == [False, True, True, True, True]
    assert len(await desk.messages(conversation_id)) == 1
    assert (await desk.conversation(conversation_id)).fence == 1


async def test_a_client_key_with_another_text_is_refused(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.say(conversation_id, "能退货吗", "key")
    with pytest.raises(InvalidInputError) as raised:
        await desk.say(conversation_id, "能换货吗", "key")
    assert raised.value.data["field"] == "client_key"
    await desk.say(await desk.open(), "能换货吗", "key")  # another conversation's keys are its own


@pytest.mark.parametrize("text", ["", " \n", "字" * 2001, "nul\0", "\ud83d"])
async def test_a_text_that_cannot_be_answered_is_refused(desk: Desk, text: str) -> None:
    conversation_id = await desk.open()
    with pytest.raises(InvalidInputError) as raised:
        await desk.say(conversation_id, text)
    assert raised.value.data["field"] == "text"
    assert await desk.messages(conversation_id) == []


async def test_concurrent_messages_are_numbered_without_gaps_and_each_moves_the_fence(desk: Desk) -> None:
    conversation_id = await desk.open()

    async def say_as_the_api_does(text: str) -> Accepted:
        async with desk.database.transaction(desk.shop_id) as scope:
            await repository.get(scope, conversation_id)  # who owns the token is asked before the row is locked
            await asyncio.sleep(0.01)
            return await service.accept_message(scope, conversation_id, text)

    said = await asyncio.gather(*(say_as_the_api_does(f"问题{n}") for n in range(8)))
    assert sorted(one.message.position for one in said) == list(range(1, 9))
    assert sorted(one.turn.fence for one in said if one.turn) == list(range(1, 9))
    assert (await desk.conversation(conversation_id)).fence == 8
    last = max(said, key=lambda one: one.message.position)
    states = {one.message.id: (await desk.turn(one.turn.id)).state for one in said if one.turn}
    assert states.pop(last.message.id) == "accepted"
    assert set(states.values()) == {"superseded"}


async def test_a_message_that_races_a_handoff_waits_for_the_person(desk: Desk) -> None:
    """The owner is read again once the row is locked: between looking and locking a person may have taken over."""
    conversation_id = await desk.open()
    turn = await _claimed(desk, await desk.say(conversation_id, "投诉"))
    async with desk.database.transaction(desk.shop_id) as scope:
        assert (await repository.get(scope, conversation_id)).owner == "bot"
        assert await _hand_off(desk, turn)
        accepted = await service.accept_message(scope, conversation_id, "还有一件事")
    assert accepted.turn is None
    conversation = await desk.conversation(conversation_id)
    assert (conversation.owner, conversation.fence) == ("handoff", turn.fence + 1)


async def test_a_reply_is_sent_once_under_its_fence(desk: Desk) -> None:
    conversation_id = await desk.open()
    turn = await _claimed(desk, await desk.say(conversation_id, "能退货吗"))
    assert await _send(desk, turn)
    assert not await _send(desk, turn)
    (reply,) = await desk.messages(conversation_id, "bot")
    assert (reply.text, reply.turn_id) == (REPLY.text, turn.id)
    assert [event.kind for event in await desk.events(conversation_id)] == [
        "message",
        "sentence",
        "sentence",
        "message",
    ]


async def test_racing_workers_send_one_reply(desk: Desk) -> None:
    conversation_id = await desk.open()
    turn = await _claimed(desk, await desk.say(conversation_id, "能退货吗"))
    sent = await asyncio.gather(*(_send(desk, turn) for _ in range(5)))
    assert sorted(sent) == [False, False, False, False, True]
    assert len(await desk.messages(conversation_id, "bot")) == 1


@pytest.mark.parametrize("end", [_send, _hand_off])
async def test_a_stale_fence_sends_nothing(desk: Desk, end: object) -> None:
    assert callable(end)
    conversation_id = await desk.open()
    turn = await _claimed(desk, await desk.say(conversation_id, "能退货吗"))
    async with desk.database.transaction(desk.shop_id) as scope:
        await scope.run("update conversations set fence = fence + 1 where id = :id", id=conversation_id)
    before = len(await desk.events(conversation_id))
    assert not await end(desk, turn)
    assert await desk.messages(conversation_id, "bot") == []
    assert len(await desk.events(conversation_id)) == before
    assert await desk.handoffs() == []
    assert (await desk.turn(turn.id)).state == "superseded"


async def test_a_turn_is_claimed_by_one_worker_until_its_lease_runs_out(desk: Desk) -> None:
    accepted = await desk.say(await desk.open(), "能退货吗")
    assert accepted.turn is not None

    async def claim(lease_s: int) -> Turn | None:
        assert accepted.turn is not None
        async with desk.database.transaction(desk.shop_id) as scope:
            return await repository.claim_turn(scope, accepted.turn.id, lease_s)

    assert [bool(one) for one in await asyncio.gather(*(claim(60) for _ in range(5)))].count(True) == 1
    async with desk.database.transaction(desk.shop_id) as scope:
        assert await repository.unfinished_turns(scope) == []
        await scope.run("update turns set lease_until = livecrew_now() - interval '1 second'")
    async with desk.database.transaction(desk.shop_id) as scope:
        assert await repository.unfinished_turns(scope) == [accepted.turn.id]
    again = await claim(60)
    assert again is not None
    assert again.attempts == 2


async def test_the_database_refuses_a_second_reply_to_one_turn(desk: Desk) -> None:
    conversation_id = await desk.open()
    turn = await _claimed(desk, await desk.say(conversation_id, "能退货吗"))
    assert await _send(desk, turn)
    with pytest.raises(Exception, match="turns_bot_reply"):
        async with desk.database.transaction(desk.shop_id) as scope:
            await service.add_message(scope, conversation_id, author="bot", text="再答一次", turn_id=turn.id)


async def test_what_a_conversation_cites_can_be_told(desk: Desk) -> None:
    conversation_id = await desk.open()
    await _send(desk, await _claimed(desk, await desk.say(conversation_id, "能退货吗")))
    other = await desk.open()
    async with desk.database.transaction(desk.shop_id) as scope:
        assert (await repository.citation(scope, conversation_id, "chk_1") or {})["number"] == 1
        assert await repository.citation(scope, conversation_id, "chk_2") is None
        assert await repository.citation(scope, other, "chk_1") is None
