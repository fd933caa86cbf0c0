"""Whoever holds a handoff acts under its fence; whoever no longer does is refused, whatever they try."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from agents.conversations import repository as conversations
from agents.conversations.service import accept_message
from agents.handoff.errors import KeyReusedError, NotAConversationError, StaleFenceError
from agents.handoff.reasons import HandoffReason
from agents.handoff.views import Actor, Claimed, Sent
from knowledge.kit.errors import ConflictError, InvalidInputError
from tests.agents.handoff.kit import ANNA, BEN, BOSS, Bench

Act = Callable[[Bench, Claimed, Actor], Awaitable[Any]]

_ACTS: dict[str, Act] = {
    "reply": lambda b, c, a: b.queue.reply(b.shop_id, c.handoff_id, a, c.fence, "您好", client_key="k1"),
    "note": lambda b, c, a: b.queue.note(b.shop_id, c.handoff_id, a, c.fence, "已核对"),
    "heartbeat": lambda b, c, a: b.queue.heartbeat(b.shop_id, c.handoff_id, a, c.fence),
    "escalate": lambda b, c, a: b.queue.escalate(b.shop_id, c.handoff_id, a, fence=c.fence),
    "release": lambda b, c, a: b.queue.release(b.shop_id, c.handoff_id, a, c.fence),
    "resolve": lambda b, c, a: b.queue.resolve(b.shop_id, c.handoff_id, a, c.fence),
    "return_to_bot": lambda b, c, a: b.queue.return_to_bot(b.shop_id, c.handoff_id, a, c.fence),
    "cancel": lambda b, c, a: b.queue.cancel(b.shop_id, c.handoff_id, a, fence=c.fence),
}


async def _claimed(bench: Bench) -> Claimed:
    await bench.ask()
    await bench.sign_in(ANNA, BEN)
    return await bench.take()


@pytest.mark.parametrize("name", _ACTS)
async def test_an_older_fence_is_refused_and_changes_nothing(bench: Bench, name: str) -> None:
    stale = await _claimed(bench)
    await bench.queue.release(bench.shop_id, stale.handoff_id, ANNA, stale.fence)
    await bench.take()  # the same operator holds it again, under another fence
    before = (await bench.read(stale.handoff_id), await bench.told(), await bench.told_shopper(stale.subject_id))
    with pytest.raises(StaleFenceError) as raised:
        await _ACTS[name](bench, stale, ANNA)
    assert raised.value.data == {
        "handoff_id": stale.handoff_id, "state": "claimed", "fence": 2, "claimed_by": ANNA.id,
    }  # fmt: skip
    after = (await bench.read(stale.handoff_id), await bench.told(), await bench.told_shopper(stale.subject_id))
    assert (after[0].state, after[0].fence, after[0].lease_until) == ("claimed", 2, before[0].lease_until)
    assert after[1:] == before[1:]


@pytest.mark.parametrize("name", _ACTS)
async def test_another_operator_cannot_act_with_a_fence_they_heard_of(bench: Bench, name: str) -> None:
    claimed = await _claimed(bench)
    with pytest.raises(StaleFenceError):
        await _ACTS[name](bench, claimed, BEN)
    assert (await bench.read(claimed.handoff_id)).claimed_by == ANNA.id


@pytest.mark.parametrize("name", ["reply", "note", "escalate", "release", "heartbeat", "cancel"])
async def test_nothing_follows_the_end(bench: Bench, name: str) -> None:
    claimed = await _claimed(bench)
    await bench.queue.resolve(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    with pytest.raises(StaleFenceError):
        await _ACTS[name](bench, claimed, ANNA)


async def test_a_reply_reaches_the_shopper_once_a_key(bench: Bench) -> None:
    claimed = await _claimed(bench)
    queue, shop, one = bench.queue, bench.shop_id, claimed
    sent = await asyncio.gather(
        *(queue.reply(shop, one.handoff_id, ANNA, one.fence, "马上看", client_key="k") for _ in range(5))
    )
    assert len({each.message_id for each in sent}) == 1
    assert sorted(each.repeated for each in sent) == [False, True, True, True, True]
    with pytest.raises(KeyReusedError):
        await queue.reply(shop, one.handoff_id, ANNA, one.fence, "别的话", client_key="k")
    messages = [data for kind, data in await bench.told_shopper(one.subject_id) if kind == "message"]
    assert [(each["author"], each["text"]) for each in messages] == [("operator", "马上看")]
    (told,) = await bench.told("replied")
    assert told["message_id"] == sent[0].message_id


async def test_a_retry_hears_what_became_of_it_even_after_the_claim_is_over(bench: Bench) -> None:
    claimed = await _claimed(bench)
    first: Sent = await _ACTS["reply"](bench, claimed, ANNA)
    await bench.queue.release(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    again: Sent = await _ACTS["reply"](bench, claimed, ANNA)
    assert (again.message_id, again.repeated) == (first.message_id, True)


async def test_a_shoppers_key_is_not_an_operators(bench: Bench) -> None:
    claimed = await _claimed(bench)
    async with bench.database.transaction(bench.shop_id) as scope:
        await accept_message(scope, claimed.subject_id, "您好", "k1")
    assert not (await _ACTS["reply"](bench, claimed, ANNA)).repeated


async def test_a_reply_is_refused_once_the_conversation_is_not_the_peoples(bench: Bench) -> None:
    """Whatever made it so: the owner is read inside the transaction that sends."""
    claimed = await _claimed(bench)
    async with bench.database.transaction(bench.shop_id) as scope:
        (await conversations.get(scope, claimed.subject_id, lock=True)).owner = "bot"
    with pytest.raises(StaleFenceError):
        await _ACTS["reply"](bench, claimed, ANNA)


@pytest.mark.parametrize("text", ["", " \n", "字" * 2001, "nul\0"])
async def test_words_that_cannot_be_sent_are_refused(bench: Bench, text: str) -> None:
    claimed = await _claimed(bench)
    with pytest.raises(InvalidInputError):
        await bench.queue.reply(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, text, client_key="k")


async def test_a_line_has_no_shopper_to_write_to(bench: Bench) -> None:
    await bench.ask(HandoffReason.LINE_HOLD, subject="lin_1", origin="narration")
    await bench.sign_in()
    claimed = await bench.take()
    with pytest.raises(NotAConversationError):
        await _ACTS["reply"](bench, claimed, ANNA)
    await _ACTS["resolve"](bench, claimed, ANNA)
    assert (await bench.read(claimed.handoff_id)).state == "resolved"


async def test_released_work_keeps_its_age_and_its_shopper_hears_the_new_place(bench: Bench) -> None:
    claimed = await _claimed(bench)
    before = await bench.read(claimed.handoff_id)
    await bench.queue.release(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, why="不会处理")
    after = await bench.read(claimed.handoff_id)
    assert (after.state, after.claimed_by, after.position) == ("queued", None, 1)
    assert (after.enqueued_at, after.priority, after.fence) == (before.enqueued_at, before.priority, before.fence)
    assert (await bench.owner(claimed.subject_id))[0] == "handoff"
    kind, told = (await bench.told_shopper(claimed.subject_id))[-1]
    assert (kind, told["state"], told["position"]) == ("handoff", "queued", 1)


async def test_escalating_raises_and_may_ask_for_skills(bench: Bench) -> None:
    claimed = await _claimed(bench)
    await bench.queue.escalate(
        bench.shop_id, claimed.handoff_id, ANNA, fence=claimed.fence, skills=["refund"], release=True
    )
    view = await bench.read(claimed.handoff_id)
    assert (view.state, view.priority, view.skills) == ("queued", 400, ("refund",))
    (told,) = await bench.told("escalated")
    assert told["warn"] is True
    assert await bench.queue.claim_next(bench.shop_id, BEN) is None
    await bench.queue.escalate(bench.shop_id, claimed.handoff_id, BOSS, fence=None)
    assert (await bench.read(claimed.handoff_id)).priority == 500


async def test_notes_are_for_colleagues(bench: Bench) -> None:
    asked = await bench.ask()
    await bench.sign_in(ANNA)
    await bench.queue.note(bench.shop_id, asked.handoff_id, ANNA, None, "排队时记一笔")
    claimed = await bench.take()
    with pytest.raises(StaleFenceError):
        await bench.queue.note(bench.shop_id, asked.handoff_id, BEN, None, "别人手上的")
    await bench.queue.note(bench.shop_id, asked.handoff_id, BOSS, None, "主管提醒")
    assert [one.text for one in await bench.queue.notes(bench.shop_id, asked.handoff_id)] == [
        "排队时记一笔",
        "主管提醒",
    ]
    assert [kind for kind, _ in await bench.told_shopper(claimed.subject_id)].count("message") == 0


async def test_after_resolving_the_bot_answers_again(bench: Bench) -> None:
    claimed = await _claimed(bench)
    for _ in range(2):  # a retry whose first answer was lost
        await bench.queue.resolve(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, resolution="已补发")
    view = await bench.read(claimed.handoff_id)
    assert (view.state, view.resolution, view.claimed_by) == ("resolved", "已补发", ANNA.id)
    assert ("owner", {"owner": "bot"}) in await bench.told_shopper(claimed.subject_id)
    assert len(await bench.told("resolved")) == 1
    assert (await bench.say(claimed.subject_id, "还有个问题")).turn is not None


async def test_an_ended_conversation_opens_again_with_the_shoppers_next_words(bench: Bench) -> None:
    claimed = await _claimed(bench)
    await bench.queue.resolve(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, end_conversation=True)

    async def state() -> str:
        async with bench.database.transaction(bench.shop_id) as scope:
            return (await conversations.get(scope, claimed.subject_id)).state

    assert await state() == "closed"
    assert (await bench.say(claimed.subject_id, "又来了")).turn is not None
    assert await state() == "open"


async def test_the_bot_takes_up_what_was_written_meanwhile_and_nothing_that_went_to_people(bench: Bench) -> None:
    subject = await bench.conversation()
    trigger = (await bench.say(subject, "转人工")).message.id
    await bench.ask(subject=subject, trigger=trigger)
    await bench.sign_in()
    claimed = await bench.take()
    assert await bench.queue.return_to_bot(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence) is None
    again = await bench.ask(subject=subject, trigger="msg_2")
    later = (await bench.say(subject, "那运费谁出")).message.id
    claimed = await bench.take()
    assert claimed.handoff_id == again.handoff_id
    turn_id = await bench.queue.return_to_bot(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    async with bench.database.transaction(bench.shop_id) as scope:
        turn = await conversations.turn_of(scope, later)
    assert turn is not None
    assert (turn.id, turn.state, turn.fence) == (turn_id, "accepted", (await bench.owner(subject))[1])


async def test_cancelling_gives_the_conversation_back(bench: Bench) -> None:
    asked = await bench.ask(subject=(subject := await bench.conversation()))
    await bench.queue.cancel(bench.shop_id, asked.handoff_id, Actor("", kind="shopper"), why="不用了")
    assert (await bench.read(asked.handoff_id)).state == "cancelled"
    assert (await bench.owner(subject))[0] == "bot"
    with pytest.raises(ConflictError):
        await bench.queue.cancel(bench.shop_id, asked.handoff_id, BOSS)


async def test_what_ended_today_is_listed_the_latest_first_with_who_had_it(bench: Bench) -> None:
    await bench.sign_in(ANNA, BEN)
    ended = []
    for who, reason in ((ANNA, HandoffReason.COMPLAINT), (BEN, HandoffReason.LEGAL), (ANNA, HandoffReason.SAFETY)):
        await bench.ask(reason)
        claimed = await bench.take(who)
        await bench.queue.resolve(bench.shop_id, claimed.handoff_id, who, claimed.fence)
        ended.append(claimed.handoff_id)
    await bench.ask()
    listed = bench.queue.ended_today
    assert [one.id for one in await listed(bench.shop_id)] == ended[::-1]
    assert [one.id for one in await listed(bench.shop_id, claimed_by=ANNA.id)] == [ended[2], ended[0]]
    assert [one.id for one in await listed(bench.shop_id, reason="legal")] == [ended[1]]
    async with bench.database.transaction(bench.shop_id) as scope:
        await scope.run("update handoffs set resolved_at = resolved_at - interval '1 day'")
    assert await listed(bench.shop_id) == []
