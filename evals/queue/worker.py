"""One process that works at the queue at random until it is killed: `python -m evals.queue.worker URL SHOP N SEED LOG`.

It uses nothing but the product's services. Each operation is logged before it begins and after it ended; what has no
end may or may not have happened.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.exc import DBAPIError

from agents.conversations import repository as conversations
from agents.conversations import service
from agents.conversations.service import Reply
from agents.handoff.packet import Packet
from agents.handoff.presence import Presence
from agents.handoff.reasons import HandoffReason
from agents.handoff.service import HandoffQueue, Intake
from agents.handoff.sweep import sweep_shop
from agents.handoff.views import Actor, Claimed
from knowledge.kit.db import Database
from knowledge.kit.errors import LiveCrewError
from knowledge.kit.ids import new_id

_REASONS = tuple(HandoffReason)[:10]
_BEAT_S = 0.25  # of the real clock; the queue's own may run faster
_SKILLS = ((), (), (), ("refund",), ("english",))
_WEIGHTS = {
    "enqueue": 15, "merge": 4, "repeat": 3, "line": 2, "claim_next": 20, "claim": 3, "take_over": 2, "assign": 2,
    "reply": 20, "retry_reply": 4, "stale_reply": 6, "stale_resolve": 2, "note": 2, "release": 3, "escalate": 2,
    "resolve": 14, "return_to_bot": 3, "cancel": 1, "say": 8, "bot_turn": 6, "sweep": 3,
}  # fmt: skip


class Skip(Exception):  # noqa: N818 - nothing went wrong: the operation has nothing to work on yet
    pass


class Worker:
    def __init__(self, database: Database, shop_id: str, number: int, seed: int, log: int) -> None:
        self.database, self.shop_id, self.log = database, shop_id, log
        self.dice = random.Random(seed)
        self.me = Actor(f"opr_{number}", f"坐席{number}")
        self.boss = Actor("opr_boss", kind="supervisor")
        self.queue, self.presence = HandoffQueue(database), Presence(database)
        self.held: list[Claimed] = []
        self.past: deque[Claimed] = deque(maxlen=50)
        self.subjects: deque[str] = deque(maxlen=400)
        self.asked: deque[Intake] = deque(maxlen=100)
        self.sent: deque[tuple[Claimed, str, str]] = deque(maxlen=50)
        self.beaten = 0.0

    async def run(self) -> None:
        names, weights = list(_WEIGHTS), list(_WEIGHTS.values())
        await self._settle()
        while True:
            (name,) = self.dice.choices(names, weights)
            await self._one(name, getattr(self, f"do_{name}"))

    async def _settle(self) -> None:
        """As a page that is loaded again: signed in, and what one holds is there."""
        skills = self.dice.sample(["refund", "english"], k=self.dice.randint(0, 2))
        await self.presence.sign_in(self.shop_id, self.me.id, name=self.me.name, skills=skills, capacity=6)
        for view in await self.queue.listed(self.shop_id, state="claimed", claimed_by=self.me.id):
            if view.lease_until is not None:
                self.held.append(Claimed(view.id, view.subject_id, view.origin, view.fence, view.lease_until))

    async def _one(self, name: str, act: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]) -> None:
        told: dict[str, Any] = {"id": new_id("opn"), "op": name}
        begun = time.perf_counter()
        try:
            if time.monotonic() > self.beaten + _BEAT_S:
                self.beaten = time.monotonic()
                if not await self.presence.beat(self.shop_id, self.me.id):
                    await self._settle()
            end = await act(told)
        except Skip:
            return
        except LiveCrewError as refused:
            end = {"refused": refused.code}
        except (DBAPIError, OSError) as broken:
            end = {"broken": type(getattr(broken, "orig", broken)).__name__}
            await asyncio.sleep(0.05)
        self._write({**told, "end": end, "ms": round((time.perf_counter() - begun) * 1000, 2)})

    def begin(self, told: dict[str, Any], **more: Any) -> None:
        """Written before anything is asked for."""
        told.update(more)
        self._write({**told, "begin": True})

    def _write(self, line: dict[str, Any]) -> None:
        os.write(self.log, (json.dumps(line, ensure_ascii=False) + "\n").encode())

    def _any(self, items: Any) -> Any:
        if not items:
            raise Skip
        return self.dice.choice(items)

    # entering ---------------------------------------------------------------------------------------------------------

    async def _ask(self, told: dict[str, Any], asked: Intake) -> dict[str, Any]:
        self.begin(told, subject=asked.subject_id, trigger=asked.trigger_id)
        done = await self.queue.enqueue(self.shop_id, asked, actor=Actor("", kind="api"))
        self.asked.append(asked)
        return {"handoff": done.handoff_id, "merged": done.merged, "repeated": done.repeated}

    def _intake(self, subject: str, origin: str = "support") -> Intake:
        reason = self.dice.choice(_REASONS)
        packet = Packet(reason=reason.value, ask=f"第{self.dice.randint(1, 9)}件事")
        return Intake(origin, subject, new_id("msg"), reason, packet, self.dice.choice(_SKILLS))

    async def do_enqueue(self, told: dict[str, Any]) -> dict[str, Any]:
        async with self.database.transaction(self.shop_id) as scope:
            opened, _ = await service.open_conversation(scope)
        self.subjects.append(opened.id)
        return await self._ask(told, self._intake(opened.id))

    async def do_merge(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._ask(told, self._intake(self._any(self.subjects)))

    async def do_repeat(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._ask(told, self._any(self.asked))

    async def do_line(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._ask(told, self._intake(new_id("lin"), "narration"))

    # taking -----------------------------------------------------------------------------------------------------------

    def _took(self, claimed: Claimed | None) -> dict[str, Any]:
        if claimed is None:
            return {"empty": True}
        self.held = [one for one in self.held if one.handoff_id != claimed.handoff_id] + [claimed]
        return {"handoff": claimed.handoff_id, "fence": claimed.fence, "operator": self.me.id}

    async def do_claim_next(self, told: dict[str, Any]) -> dict[str, Any]:
        self.begin(told)
        return self._took(await self.queue.claim_next(self.shop_id, self.me))

    async def do_claim(self, told: dict[str, Any]) -> dict[str, Any]:
        waiting = await self.queue.listed(self.shop_id, state="queued", limit=20)
        one = self._any(waiting)
        self.begin(told, handoff=one.id)
        return self._took(await self.queue.claim(self.shop_id, one.id, self.me))

    async def do_take_over(self, told: dict[str, Any]) -> dict[str, Any]:
        subject = self._any(self.subjects)
        self.begin(told, subject=subject)
        return self._took(await self.queue.take_over(self.shop_id, subject, self.me))

    async def do_assign(self, told: dict[str, Any]) -> dict[str, Any]:
        one = self._any(await self.queue.listed(self.shop_id, limit=20))
        self.begin(told, handoff=one.id)
        return self._took(await self.queue.assign(self.shop_id, one.id, self.me.id, by=self.boss))

    # holding ----------------------------------------------------------------------------------------------------------

    async def _send(self, told: dict[str, Any], claimed: Claimed, text: str, key: str) -> dict[str, Any]:
        self.begin(told, handoff=claimed.handoff_id, fence=claimed.fence, text=text)
        sent = await self.queue.reply(self.shop_id, claimed.handoff_id, self.me, claimed.fence, text, client_key=key)
        self.sent.append((claimed, text, key))
        return {"message": sent.message_id, "repeated": sent.repeated}

    async def do_reply(self, told: dict[str, Any]) -> dict[str, Any]:
        key = new_id("key")
        return await self._send(told, self._any(self.held), f"回复 {key}", key)

    async def do_retry_reply(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._send(told, *self._any(self.sent))

    async def do_stale_reply(self, told: dict[str, Any]) -> dict[str, Any]:
        key = new_id("key")
        return await self._send(told, self._any(self.past), f"过期 {key}", key)

    async def do_stale_resolve(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._end(told, self._any(self.past), "resolve")

    async def _end(self, told: dict[str, Any], claimed: Claimed, name: str, **more: Any) -> dict[str, Any]:
        self.begin(told, handoff=claimed.handoff_id, fence=claimed.fence)
        act = getattr(self.queue, name)
        self.held = [one for one in self.held if one != claimed]
        self.past.append(claimed)
        await act(self.shop_id, claimed.handoff_id, self.me, **{"fence": claimed.fence, **more})
        return {"done": True}

    async def do_note(self, told: dict[str, Any]) -> dict[str, Any]:
        claimed = self._any(self.held)
        self.begin(told, handoff=claimed.handoff_id, fence=claimed.fence)
        await self.queue.note(self.shop_id, claimed.handoff_id, self.me, claimed.fence, "记一笔")
        return {"done": True}

    async def do_release(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._end(told, self._any(self.held), "release")

    async def do_escalate(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._end(told, self._any(self.held), "escalate", release=True)

    async def do_resolve(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._end(told, self._any(self.held), "resolve", end_conversation=self.dice.random() < 0.3)

    async def do_return_to_bot(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._end(told, self._any(self.held), "return_to_bot")

    async def do_cancel(self, told: dict[str, Any]) -> dict[str, Any]:
        return await self._end(told, self._any(self.held), "cancel")

    # the shopper, the bot and time ------------------------------------------------------------------------------------

    async def do_say(self, told: dict[str, Any]) -> dict[str, Any]:
        subject = self._any(self.subjects)
        self.begin(told, subject=subject)
        async with self.database.transaction(self.shop_id) as scope:
            accepted = await service.accept_message(scope, subject, f"在吗 {new_id('say')}")
        return {"turn": accepted.turn.id if accepted.turn else None}

    async def do_bot_turn(self, told: dict[str, Any]) -> dict[str, Any]:
        """A question, a moment of drafting, and the fenced send, or a handoff."""
        subject = self._any(self.subjects)
        self.begin(told, subject=subject)
        async with self.database.transaction(self.shop_id) as scope:
            accepted = await service.accept_message(scope, subject, f"能退吗 {new_id('say')}")
            turn = accepted.turn and await conversations.claim_turn(scope, accepted.turn.id, 15)
        if turn is None:
            return {"waits": True}
        await asyncio.sleep(self.dice.random() * 0.02)
        reply = Reply(["可以。"], [], "answered", "offline", {})
        async with self.database.transaction(self.shop_id) as scope:
            if self.dice.random() < 0.2:
                packet = Packet(reason="complaint", ask="能退吗")
                made = await service.hand_off(scope, turn, reply, HandoffReason.COMPLAINT, packet)
                return {"handoff": made.id if made else None}
            return {"sent": await service.send_reply(scope, turn, reply)}

    async def do_sweep(self, told: dict[str, Any]) -> dict[str, Any]:
        self.begin(told)
        swept = await sweep_shop(self.database, self.shop_id)
        return {"expired": swept.expired, "breached": swept.breached}


async def main(url: str, shop_id: str, number: int, seed: int, log: str) -> None:
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    database = Database(url, pool_size=2)
    while True:
        try:
            await Worker(database, shop_id, number, seed, target).run()
        except (DBAPIError, OSError):  # the database restarts while this signs in
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
