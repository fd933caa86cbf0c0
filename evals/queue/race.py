"""An operator takes a conversation while the bot drafts its answer, over and over, at every distance in time."""

import asyncio
import random
from typing import Any

from agents.conversations import repository as conversations
from agents.conversations import service
from agents.conversations.service import Reply
from agents.handoff.packet import Packet
from agents.handoff.presence import Presence
from agents.handoff.reasons import HandoffReason
from agents.handoff.service import HandoffQueue, Intake
from agents.handoff.views import Actor
from knowledge.kit.db import Database
from knowledge.kit.ids import new_id

Row = dict[str, Any]
_REPLY = Reply(["可以退。"], [], "answered", "offline", {})
_APART_S = 0.004
_AT_ONCE = 8


async def interleave(database: Database, shop_id: str, times: int, seed: int) -> Row:
    """{race_interleavings, race_bot_first, race_bot_after_claim}: the last counts bot messages that stand after the
    claim, and answers that were called sent although the claim had committed before the send began."""
    dice = random.Random(seed)
    presence = Presence(database)
    outcomes: list[tuple[bool, bool]] = []
    for begin in range(0, times, _AT_ONCE):
        await presence.sign_in(shop_id, "opr_race", name="坐席", capacity=100)
        some = min(_AT_ONCE, times - begin)
        outcomes += await asyncio.gather(*(_once(database, shop_id, dice) for _ in range(some)))
    return {
        "race_interleavings": len(outcomes),
        "race_bot_first": sum(sent for sent, _ in outcomes),
        "race_bot_after_claim": sum(after for _, after in outcomes),
    }


async def _once(database: Database, shop_id: str, dice: random.Random) -> tuple[bool, bool]:
    """(the bot was first, a bot message follows the claim)."""
    queue, operator = HandoffQueue(database), Actor("opr_race")
    async with database.transaction(shop_id) as scope:
        opened, _ = await service.open_conversation(scope)
        accepted = await service.accept_message(scope, opened.id, "能退货吗")
    turn_id = accepted.turn.id if accepted.turn else ""
    async with database.transaction(shop_id) as scope:
        turn = await conversations.claim_turn(scope, turn_id, 15)
    if turn is None:
        raise AssertionError("nobody else works on this turn")
    claimed = asyncio.Event()
    bot_s, operator_s, way = dice.random() * _APART_S, dice.random() * _APART_S, dice.random()

    async def drafts() -> tuple[bool, bool]:
        await asyncio.sleep(bot_s)
        late = claimed.is_set()
        async with database.transaction(shop_id) as scope:
            return await service.send_reply(scope, turn, _REPLY), late

    async def claims() -> str:
        await asyncio.sleep(operator_s)
        if way < 0.5:
            taken = await queue.take_over(shop_id, opened.id, operator)
        else:  # a rule queues it, and the operator claims it from the queue
            packet = Packet(reason=HandoffReason.SAFETY.value, ask="能退货吗")
            asked = Intake("support", opened.id, new_id("msg"), HandoffReason.SAFETY, packet)
            made = await queue.enqueue(shop_id, asked, actor=Actor("", kind="api"))
            taken = await queue.claim(shop_id, made.handoff_id, operator)
        claimed.set()
        return taken.handoff_id

    (sent, late), handoff_id = await asyncio.gather(drafts(), claims())
    async with database.transaction(shop_id) as scope:
        row = await scope.one(
            """select count(*) as n from messages m, handoffs h
            where h.id = :handoff and m.conversation_id = h.subject_id and m.author = 'bot'
            and m.created_at > h.claimed_at""",
            handoff=handoff_id,
        )
    done = await queue.read(shop_id, handoff_id)
    await queue.resolve(shop_id, handoff_id, operator, done.fence)
    return sent, bool(row.n) or (sent and late)
