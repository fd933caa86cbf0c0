"""From the bot to people and back, in the order in which no handoff stays unseen."""

import asyncio
from typing import Any

from agents.handoff.presence import Presence
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Actor, Claimed
from api.chatwoot.pump import ChatwootPump
from tests.api.chatwoot.conftest import ASKS_FOR_A_PERSON, Channel
from tests.support.chatwoot_server import Talk
from tests.support.desk import TWO_ANSWERS
from tests.support.waiting import until

ASKED = next(iter(TWO_ANSWERS))
ORDER = ["toggle_status", "note", "custom_attributes", "toggle_priority", "assignments", "labels", "message"]
LI = Actor("opr_li", name="小李")


def _kinds(channel: Channel, talk: Talk) -> list[str]:
    return [kind for kind, _ in channel.server.did(talk)]


async def _handed_over(channel: Channel, **given: Any) -> Talk:
    talk = channel.server.talk(**given)
    await channel.hears(talk, ASKS_FOR_A_PERSON)
    return talk


async def _claimed(channel: Channel) -> Claimed:
    await Presence(channel.services.database).sign_in(channel.shop_id, LI.id, name=LI.name)
    return await HandoffQueue(channel.services.database).claim(channel.shop_id, (await channel.handoff()).id, LI)


async def _closed_by_people(channel: Channel, talk: Talk, status: str, **more: Any) -> None:
    talk.status = status
    event = channel.server.status_event(
        talk, "conversation_resolved" if status == "resolved" else "conversation_opened"
    )
    assert await channel.deliver({**event, **more}) == 200
    await channel.settled()


async def test_a_handoff_is_opened_noted_marked_and_only_then_told(channel: Channel) -> None:
    talk = await _handed_over(channel, labels=["vip"], attributes={"order_id": "A1"})
    assert _kinds(channel, talk) == ORDER
    handoff = await channel.handoff()
    assert (handoff.state, handoff.reason) == ("queued", "customer_request")
    assert (talk.status, talk.priority, talk.team) == ("open", "high", {"id": 4})
    assert talk.labels == ["vip", "转人工"]
    assert talk.attributes == {
        "order_id": "A1", "livecrew_handoff_id": handoff.id, "livecrew_reason": "customer_request",
    }  # fmt: skip
    (note,) = channel.server.did(talk, "note")
    assert all(word in note[1]["text"] for word in (handoff.id, "要求人工", ASKS_FOR_A_PERSON, "未核实的访客"))
    (shown,) = channel.server.shown(talk)
    assert "第1位" in shown
    assert "（AI 生成）" in shown
    assert "分钟" in shown or "小时" in shown


async def test_what_people_set_themselves_is_left_as_it_is(channel: Channel) -> None:
    talk = await _handed_over(channel, labels=["转人工"], priority="urgent", team={"id": 9})
    assert _kinds(channel, talk) == ["toggle_status", "note", "custom_attributes", "message"]
    assert (talk.priority, talk.team) == ("urgent", {"id": 9})


async def test_while_chatwoot_is_down_nothing_is_told_and_later_everything_once(channel: Channel) -> None:
    channel.server.trap = "down"
    talk = channel.server.talk()
    assert await channel.deliver(channel.server.says(talk, ASKS_FOR_A_PERSON)) == 200

    async def tried() -> bool:
        rows = await channel.rows("select attempts from chatwoot_steps where kind = 'open' and attempts > 2")
        return bool(rows)

    await until(tried)
    assert (await channel.handoff()).state == "queued"
    assert await channel.messages_of(talk, "bot") != []
    assert channel.server.journal == []
    health = await channel.health()
    assert (health["error"], health["dead"]) == ("status_503", 0)
    assert health["waiting"] == len(ORDER)
    channel.server.trap = ""
    await channel.settled()
    assert _kinds(channel, talk) == ORDER
    assert len(channel.server.shown(talk)) == 1
    assert (await channel.health())["error"] == ""


async def test_answers_of_200_that_did_nothing_are_failures(channel: Channel) -> None:
    for trap in ("error_in_200", "html_in_200", "not_done", "denying", "deaf"):
        channel.server.trap = trap  # type: ignore[assignment]
        talk = channel.server.talk()
        assert await channel.deliver(channel.server.says(talk, ASKS_FOR_A_PERSON)) == 200

        async def tried(talk: Talk = talk) -> bool:
            rows = await channel.rows(
                """select 1 from chatwoot_steps s join chatwoot_conversations c using (conversation_id)
                where c.chatwoot_id = :id and s.kind = 'open' and s.attempts > 1""",
                id=talk.id,
            )
            return bool(rows)

        await until(tried)
        assert channel.server.did(talk) == [], trap
        channel.server.trap = ""
        await channel.settled()
        assert _kinds(channel, talk) == ORDER, trap


async def test_killed_after_every_request_each_step_is_made_once(channel: Channel) -> None:
    """A pump that dies as soon as Chatwoot has done what it asked, before it could write that down; then another one,
    which dies at the next request, and so on. Steps held by the dead are free when their lease runs out."""
    database, turns = channel.services.database, channel.services.turns
    await channel.services.chatwoot.stop()
    talk = channel.server.talk()
    assert await channel.deliver(channel.server.says(talk, ASKS_FOR_A_PERSON)) == 200
    served: list[str] = []
    channel.server.before = lambda method, path: served.append(f"{method} {path}")
    deaths = 0
    for _ in range(60):
        pump = ChatwootPump(database, turns)
        working = asyncio.create_task(pump.work(channel.shop_id))
        known = len(channel.server.journal)
        while not working.done() and len(channel.server.journal) == known:
            await asyncio.sleep(0.001)
        if not working.done():
            deaths += 1
            working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await channel.rows(
            """update chatwoot_conversations set busy_until = livecrew_now() where busy_until is not null
            returning 1"""
        )
        await channel.rows("update chatwoot_steps set next_attempt_at = livecrew_now() returning 1")
        if await _is_told(channel):
            break
        await asyncio.sleep(0.02)
    assert deaths >= 3
    assert sorted(_kinds(channel, talk)) == sorted(ORDER)
    assert _kinds(channel, talk)[0] == "toggle_status"
    assert len(channel.server.shown(talk)) == 1
    await channel.services.chatwoot.start()


async def _is_told(channel: Channel) -> bool:
    states = [state for kind, state, _ in await channel.steps() if kind == "tell"]
    return states == ["done"]


async def test_a_message_whose_answer_was_lost_is_not_posted_again(channel: Channel) -> None:
    """The answer comes after we stopped waiting: by our mark it is found there."""
    await _lost_answer(channel, "hangs_after_message")


async def test_builds_that_forget_the_mark_are_searched_by_the_words(channel: Channel) -> None:
    await channel.services.chatwoot.stop()
    talk = channel.server.talk()
    channel.server.trap = "forgets_items"
    assert await channel.deliver(channel.server.says(talk, ASKED)) == 200
    pump = ChatwootPump(channel.services.database, channel.services.turns)

    async def posted() -> bool:
        await pump.work(channel.shop_id)
        return bool(channel.server.shown(talk))

    await until(posted)
    await channel.rows(
        """update chatwoot_steps set state = 'waiting', chatwoot_message_id = null, next_attempt_at = livecrew_now()
        returning 1"""
    )
    await pump.work(channel.shop_id)
    assert len(channel.server.shown(talk)) == 1
    assert await channel.steps() == [("reply", "done", "found")]
    await channel.services.chatwoot.start()


async def _lost_answer(channel: Channel, trap: Any) -> None:
    channel.server.trap = trap
    talk = channel.server.talk()
    assert await channel.deliver(channel.server.says(talk, ASKED)) == 200

    async def there() -> bool:
        return bool(channel.server.shown(talk))

    await until(there)
    echo = channel.server.message_event(talk, talk.messages[-1])
    assert await channel.deliver(echo) == 200  # the message comes back to us as a delivery

    async def done() -> bool:
        return await channel.steps() == [("reply", "done", "echoed")]

    await until(done)
    channel.server.trap = ""
    channel.server.released.set()
    await channel.settled()
    assert len(channel.server.shown(talk)) == 1


# people there -------------------------------------------------------------------------------------------------------


async def test_a_person_who_resolves_there_resolves_here(channel: Channel) -> None:
    talk = await _handed_over(channel)
    await _closed_by_people(channel, talk, "resolved")
    handoff = await channel.handoff()
    assert (handoff.state, handoff.resolution) == ("resolved", "resolved_in_chatwoot")
    assert handoff.claimed_by == f"chatwoot:{channel.id}"
    assert (await channel.conversation_of(talk)).owner == "bot"
    assert talk.status == "resolved"
    talk.status = "pending"  # as Chatwoot does for the shopper's next message
    await channel.hears(talk, ASKED)
    assert len(channel.server.shown(talk)) == 2


async def test_it_is_resolved_whoever_of_ours_held_it(channel: Channel) -> None:
    talk = await _handed_over(channel)
    await _claimed(channel)
    await _closed_by_people(channel, talk, "resolved")
    assert (await channel.handoff()).state == "resolved"


async def test_a_person_who_sets_it_pending_returns_it_to_the_bot(channel: Channel) -> None:
    talk = await _handed_over(channel)
    await channel.hears(talk, ASKED)  # while it is open: kept for people, answered by nobody
    assert len(channel.server.shown(talk)) == 1
    talk.status = "pending"
    assert await channel.deliver(channel.server.status_event(talk)) == 200
    await channel.settled()
    assert (await channel.handoff()).state == "returned_to_bot"
    assert len(channel.server.shown(talk)) == 2  # the bot takes up what nobody answered
    assert talk.status == "pending"


async def test_builds_that_tell_of_no_return_are_understood_by_the_next_message(channel: Channel) -> None:
    talk = await _handed_over(channel)
    talk.status = "pending"
    await channel.hears(talk, ASKED)
    assert (await channel.handoff()).state == "returned_to_bot"
    assert len(channel.server.shown(talk)) == 2


async def test_what_comes_late_is_looked_at_as_things_stand_now(channel: Channel) -> None:
    """An older return, and an older end, delivered after the conversation was handed over again."""
    talk = await _handed_over(channel)
    for status in ("pending", "resolved"):
        late = {**channel.server.status_event(talk), "status": status}
        assert await channel.deliver(late) == 200
        await channel.settled()
    assert (await channel.handoff()).state == "queued"


async def test_what_was_not_yet_opened_is_not_returned(channel: Channel) -> None:
    channel.server.trap = "deaf"
    talk = channel.server.talk()
    assert await channel.deliver(channel.server.says(talk, ASKS_FOR_A_PERSON)) == 200
    await until(lambda: _failed(channel))
    assert await channel.deliver(channel.server.status_event(talk)) == 200
    assert await channel.deliver(channel.server.says(talk, ASKED)) == 200

    async def taken() -> bool:
        return not await channel.rows("select 1 from chatwoot_deliveries where state = 'waiting'")

    await until(taken)
    assert (await channel.handoff()).state == "queued"
    channel.server.trap = ""
    await channel.settled()
    assert (await channel.handoff()).state == "queued"
    assert talk.status == "open"
    assert len(channel.server.shown(talk)) == 1


async def _failed(channel: Channel) -> bool:
    return bool(await channel.rows("select 1 from chatwoot_steps where kind = 'open' and why <> ''"))


# people here --------------------------------------------------------------------------------------------------------


async def test_our_operator_s_words_go_out_and_the_bot_comes_back(channel: Channel) -> None:
    queue = HandoffQueue(channel.services.database)
    talk = await _handed_over(channel)
    claimed = await _claimed(channel)
    await queue.reply(channel.shop_id, claimed.handoff_id, LI, claimed.fence, "您好，我是小李。", client_key="k-1")
    await channel.settled()
    assert channel.server.shown(talk)[1:] == ["您好，我是小李。"]
    await channel.hears(talk, "好的谢谢")  # open there: only people answer
    assert await channel.messages_of(talk, "shopper") == [ASKS_FOR_A_PERSON, "好的谢谢"]
    assert len(channel.server.shown(talk)) == 2
    await queue.resolve(channel.shop_id, claimed.handoff_id, LI, claimed.fence)
    await channel.settled()
    assert talk.status == "pending"
    await channel.hears(talk, ASKED)
    assert len(channel.server.shown(talk)) == 3


async def test_our_operator_ends_it_there_too(channel: Channel) -> None:
    talk = await _handed_over(channel)
    claimed = await _claimed(channel)
    await HandoffQueue(channel.services.database).resolve(
        channel.shop_id, claimed.handoff_id, LI, claimed.fence, end_conversation=True
    )
    await channel.settled()
    assert talk.status == "resolved"


async def test_what_a_person_there_holds_is_not_given_back_by_us(channel: Channel) -> None:
    talk = await _handed_over(channel)
    claimed = await _claimed(channel)
    talk.assignee = {"id": 5, "name": "小王"}
    await HandoffQueue(channel.services.database).resolve(channel.shop_id, claimed.handoff_id, LI, claimed.fence)
    await channel.settled()
    assert talk.status == "open"
    assert ("give_back", "skipped", "held_by_a_person") in await channel.steps()


async def test_our_operator_may_take_a_conversation_from_the_bot(channel: Channel) -> None:
    talk = channel.server.talk()
    await channel.hears(talk, ASKED)
    await Presence(channel.services.database).sign_in(channel.shop_id, LI.id, name=LI.name)
    ours = await channel.conversation_of(talk)
    await HandoffQueue(channel.services.database).take_over(channel.shop_id, ours.id, LI)
    await channel.settled()
    assert talk.status == "open"
    assert len(channel.server.shown(talk)) == 1  # nobody is told of a queue
