"""A turn in four steps: accept (agents/conversations), gather, draft and verify without a connection held, fenced send.

A turn that was accepted is answered once, whatever dies in between: the worker holds a lease, a sweep takes over turns
whose lease ran out, and the send itself succeeds for one worker only.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from agents.conversations import proof, repository
from agents.conversations.models import Conversation, Message, Turn
from agents.conversations.service import Reply, hand_off, send_reply, stream_name
from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason
from agents.support import replies
from agents.support.answer_types import Decision, Question
from agents.support.answerer import Answerer
from agents.support.packing import packet_of, stated_orders
from agents.support.tools.orders import order_card
from agents.support.triage import triage
from agents.support.triage_types import Utterance
from knowledge.kit.db import Database, Scope
from knowledge.kit.events import append_event
from knowledge.orders import repository as orders
from knowledge.orders.assembly import whole_orders
from knowledge.orders.masked import masked
from knowledge.orders.views import ShopperView

log = structlog.get_logger(__name__)

LEASE_S = 15
_HEARTBEAT_S = 5.0
_ATTEMPTS = 3
_HISTORY = 12  # earlier messages a turn looks back on
_SWEEP_S = 5.0
_ORDERS_SHOWN = 3  # to the operator who takes over


class TurnRunner:
    """Runs the turns of this process; `kick` one after accepting it. `start` also sweeps up what others left behind."""

    def __init__(self, database: Database, answerer: Answerer) -> None:
        self._database = database
        self._answerer = answerer
        self._running: dict[str, asyncio.Task[None]] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep_forever())

    async def stop(self) -> None:
        tasks = [*self._running.values(), *([self._sweeper] if self._sweeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def kick(self, shop_id: str, turn_id: str) -> None:
        if turn_id not in self._running:
            task = asyncio.create_task(self._guarded(shop_id, turn_id))
            self._running[turn_id] = task
            task.add_done_callback(lambda _done: self._running.pop(turn_id, None))

    async def _guarded(self, shop_id: str, turn_id: str) -> None:
        try:
            await self.run(shop_id, turn_id)
        except OperationalError as error:  # the database went away; the turn is taken up again after its lease
            log.warning("turn_interrupted", turn=turn_id, reason=str(error.orig).strip().partition("\n")[0])
        except Exception:  # the turn stays claimed; the sweep tries again when its lease has run out
            log.exception("turn_failed", turn=turn_id)

    async def _sweep_forever(self) -> None:
        while True:
            with suppress(Exception):  # the database may be restarting; the next round sees it again
                await self.sweep()
            await asyncio.sleep(_SWEEP_S)

    async def sweep(self) -> int:
        """Takes up turns that nobody works on; returns how many."""
        found = 0
        for shop_id in await self._database.shop_ids():
            async with self._database.transaction(shop_id) as scope:
                waiting = await repository.unfinished_turns(scope)
            for turn_id in waiting:
                self.kick(shop_id, turn_id)
            found += len(waiting)
        return found

    async def run(self, shop_id: str, turn_id: str) -> Decision | None:
        """None when another worker has the turn, or it is no longer wanted."""
        started = time.perf_counter()
        async with self._database.transaction(shop_id) as scope:
            turn = await repository.claim_turn(scope, turn_id, LEASE_S)
            if turn is None:
                return None
            entries = await repository.messages(scope, turn.conversation_id, last=_HISTORY + 1)
            conversation = await repository.get(scope, turn.conversation_id)
            known = await proof.known(scope, conversation)
        question = _question(turn, entries, conversation, known)

        async def on_step(step: str) -> None:
            async with self._database.transaction(shop_id) as scope:
                await append_event(
                    scope, stream_name(turn.conversation_id), "status", {"turn_id": turn.id, "step": step}
                )

        async with self._lease_kept(turn):
            if turn.attempts > _ATTEMPTS:
                decision = _given_up(question)
            else:
                decision = await self._answerer.answer(question, on_step)
        record = _record(decision, ms=(time.perf_counter() - started) * 1000)
        async with self._database.transaction(shop_id) as scope:
            sent = await _deliver(scope, turn, decision, record, entries, question.shopper)
        log.info("turn_finished", turn=turn.id, outcome=decision.outcome if sent else "superseded")
        return decision if sent else None

    @asynccontextmanager
    async def _lease_kept(self, turn: Turn) -> AsyncIterator[None]:
        async def beat() -> None:
            while True:
                await asyncio.sleep(_HEARTBEAT_S)
                with suppress(Exception):  # a missed beat costs nothing while later ones arrive within the lease
                    async with self._database.transaction(turn.shop_id) as scope:
                        await repository.extend_lease(scope, turn.id, LEASE_S)

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()


def _question(
    turn: Turn, entries: Sequence[Message], conversation: Conversation, known: proof.Known | None
) -> Question:
    """The turn's own message, what came before it, and who was proven to ask."""
    at = next(index for index, entry in enumerate(entries) if entry.id == turn.message_id)
    history = tuple(
        Utterance(role="user" if entry.author == "shopper" else "bot", text=entry.text)
        for entry in entries[:at]
        if entry.author in ("shopper", "bot", "operator")
    )
    shopper = None
    if known and conversation.shopper_id:
        shopper = ShopperView(shopper_id=conversation.shopper_id, name=known.name, tier=known.tier)
    return Question(
        turn.shop_id,
        turn.id,
        entries[at].text,
        history,
        shopper=shopper,
        pictures=len(entries[at].attachment_ids),
        identity_failures=conversation.identity_failures,
    )


def _given_up(question: Question) -> Decision:
    reason = HandoffReason.TOOL_FAILURE
    return Decision("handed_off", (replies.handoff(reason),), triage(question.text, question.history), reason=reason)


async def _deliver(
    scope: Scope,
    turn: Turn,
    decision: Decision,
    record: dict[str, Any],
    entries: Sequence[Message],
    shopper: ShopperView | None,
) -> bool:
    reply = Reply(
        sentences=decision.sentences,
        citations=list(decision.citations),
        outcome=decision.outcome,
        writer=decision.writer,
        record=record,
        suggestions=decision.suggestions,
        cards=[card.model_dump(mode="json") for card in decision.cards],
    )
    if decision.reason is None:
        return await send_reply(scope, turn, reply)
    packet = await _packet(scope, decision, entries, shopper)
    return await hand_off(scope, turn, reply, decision.reason, packet) is not None


def _record(decision: Decision, ms: float) -> dict[str, Any]:
    """What the turn rested on, for audit and evals; numbers are rounded, texts are by reference."""
    gathered = decision.gathered
    return {
        "triage": decision.triage.model_dump(mode="json"),
        "query": gathered.query,
        "retrieved": [
            {"chunk_id": hit.chunk_id, "doc": hit.doc, "article": hit.article, "score": round(hit.score, 4)}
            for hit in gathered.hits
        ],
        "features": asdict(gathered.features),
        "rejected": [finding.model_dump() for finding in decision.rejected],
        "missing": list(decision.missing),
        "tools": [list(one) for one in decision.tools],
        "degraded": gathered.degraded,
        "ms": round(ms, 1),
        "embed_ms": round(gathered.embed_ms, 1),
    }


async def _packet(scope: Scope, decision: Decision, entries: Sequence[Message], shopper: ShopperView | None) -> Packet:
    """With the shopper's own orders as they stand: those spoken of, else the newest."""
    rows = []
    if shopper:
        for order_id in stated_orders(entries)[:_ORDERS_SHOWN]:
            rows += [found] if (found := await orders.order(scope, shopper.shopper_id, order_id)) else []
        rows = rows or await orders.orders(scope, shopper.shopper_id, 1)
        whole = await whole_orders(scope, shopper.shopper_id, rows)
        return packet_of(decision, entries, shopper, [order_card(masked(one)).model_dump(mode="json") for one in whole])
    return packet_of(decision, entries, None, [])
