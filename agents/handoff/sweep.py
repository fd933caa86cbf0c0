"""What time does to the queue: claims that nobody honours go back, clocks warn and breach, places are told anew.

Any number of processes may sweep: each change is one transaction that looks again at the row it locked, and skips rows
that somebody else is changing.
"""

import asyncio
from contextlib import suppress

import structlog

from agents.conversations.streams import stream_name
from agents.handoff import acts, moves, repository
from agents.handoff.lifecycle import HandoffAction, HandoffState, next_state
from agents.handoff.models import Handoff
from agents.handoff.priority import NEAR_SLA, raised
from agents.handoff.rules import QueueRules
from agents.handoff.sla import clocks, course_of
from agents.handoff.standing import capacity_of, rules_for, settings_of, standing_at
from agents.handoff.sweep_rows import due_claims, due_clocks, moved_places
from agents.handoff.views import SYSTEM, SlaClock, Swept
from knowledge.kit.db import Database, Scope
from knowledge.kit.events import append_event

log = structlog.get_logger(__name__)

_PERIOD_S = 2.0
_ROUND = 200  # of each kind in one round; the rest comes with the next


async def sweep_shop(database: Database, shop_id: str) -> Swept:
    expired = await expire_held(database, shop_id)
    warned, breached = await _mind_clocks(database, shop_id)
    return Swept(expired, warned, breached, await _tell_places(database, shop_id))


async def expire_held(database: Database, shop_id: str, *, operator_id: str | None = None) -> int:
    """Queues again what its operator does not honour: gone, lease run out, no first reply in T1, silent for T2. Each
    goes one class up, is audited, and supervisors are warned. Returns how many."""
    async with database.transaction(shop_id) as scope:
        rules = await rules_for(scope)
        due = await due_claims(scope, rules, operator_id=operator_id, limit=_ROUND)
    done = 0
    for row in due:
        async with database.transaction(shop_id) as scope:
            again = await due_claims(scope, rules, handoff_id=row.id, limit=1)
            if again:
                await _expire(scope, row.id, again[0].cause)
                done += 1
    return done


async def _expire(scope: Scope, handoff_id: str, cause: str) -> None:
    handoff = await repository.get(scope, handoff_id, lock=True)
    next_state(HandoffState(handoff.state), HandoffAction.EXPIRE)
    left_by = handoff.claimed_by
    handoff.priority = raised(handoff.priority)
    handoff.returns += 1
    await acts.requeue(scope, handoff)
    await moves.tell_shopper(scope, handoff)
    await moves.tell(scope, handoff, "expired", SYSTEM, cause=cause, left_by=left_by, warn=True)


async def _mind_clocks(database: Database, shop_id: str) -> tuple[int, int]:
    """(warned, breached). What nears its first response goes before complaints; what breaches goes one class up."""
    async with database.transaction(shop_id) as scope:
        rules = await rules_for(scope)
        if not rules.hours.are_open(await repository.now(scope)):
            return 0, 0
        due = await due_clocks(scope, rules, limit=_ROUND)
    warned = breached = 0
    for handoff_id in due:
        async with database.transaction(shop_id) as scope:
            told = await _judge(scope, handoff_id, rules)
        warned += told == "warned"
        breached += told == "breached"
    return warned, breached


async def _judge(scope: Scope, handoff_id: str, rules: QueueRules) -> str:
    """One mark a transaction; the worst first. Empty where the clocks, which know business hours, see none."""
    handoff = await repository.get_free(scope, handoff_id)
    if handoff is None:
        return ""
    waiting = await repository.waits_since(scope, [handoff])
    running = clocks(course_of(handoff, waiting.get(handoff.id)), await repository.now(scope), rules)
    for clock in running:
        if clock.running and clock.level == "breached" and clock.name not in handoff.sla_breached:
            handoff.sla_breached = [*handoff.sla_breached, clock.name]
            handoff.sla_warned = list(dict.fromkeys((*handoff.sla_warned, clock.name)))
            handoff.priority = raised(handoff.priority)
            return await _tell_mark(scope, handoff, clock, "breached")
    for clock in running:
        if clock.running and clock.level == "warned" and clock.name not in handoff.sla_warned:
            handoff.sla_warned = [*handoff.sla_warned, clock.name]
            if clock.name == "first":
                handoff.priority = max(handoff.priority, NEAR_SLA)
            return await _tell_mark(scope, handoff, clock, "warned")
    return ""


async def _tell_mark(scope: Scope, handoff: Handoff, clock: SlaClock, mark: str) -> str:
    await scope.session.flush()
    detail = {"clock": clock.name, "target_s": clock.target_s, "elapsed_s": round(clock.elapsed_s)}
    await moves.tell(scope, handoff, f"sla_{mark}", SYSTEM, warn=True, **detail)
    return mark


async def _tell_places(database: Database, shop_id: str) -> int:
    """Shoppers whose place moved since they were last told hear the new one; how many."""
    async with database.transaction(shop_id) as scope:
        settings = await settings_of(scope)
        rows = await moved_places(scope, limit=_ROUND)
        capacity = await capacity_of(scope, settings) if rows else None
        for row in rows:
            standing = standing_at(row.position, capacity, settings)
            data = {"id": row.id, "state": "queued", "reason": row.reason, "position": standing.position,
                    "expected_wait_s": standing.expected_wait_s, "opens_in_s": standing.opens_in_s,
                    "operator_name": standing.operator_name}  # fmt: skip
            await append_event(scope, stream_name(row.subject_id), "handoff", data)
    return len(rows)


class QueueSweeper:
    """Sweeps all shops for as long as the process lives."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._forever())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def sweep(self) -> dict[str, Swept]:
        return {shop_id: await sweep_shop(self._database, shop_id) for shop_id in await self._database.shop_ids()}

    async def _forever(self) -> None:
        while True:
            for shop_id in await self._shops():
                try:
                    await sweep_shop(self._database, shop_id)
                except Exception as error:  # one shop's trouble, or a database that restarts, must not end the rest
                    log.warning("queue_sweep_failed", shop=shop_id, error=type(error).__name__)
            await asyncio.sleep(_PERIOD_S)

    async def _shops(self) -> list[str]:
        with suppress(Exception):  # the database may be restarting; the next round sees it again
            return await self._database.shop_ids()
        return []
