"""Takes in what Chatwoot delivered and does there what follows from it, for as long as the process lives.

Any number of processes may pump: a delivery and a conversation are each held by a lease, and every move is a
transaction of its own, so that whoever is killed leaves nothing half told.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from agents.support.turns import TurnRunner
from api.chatwoot import backoff, connection_rows, delivery_rows, step_rows
from api.chatwoot.client import ChatwootApi
from api.chatwoot.errors import ChatwootError
from api.chatwoot.models import ChatwootConnection, ChatwootStep
from api.chatwoot.payload import read_event
from api.chatwoot.plan import plan
from api.chatwoot.receive import Reception
from api.chatwoot.steps import Outcome, Work, skipped
from knowledge.kit.db import Database
from knowledge.kit.errors import LiveCrewError, NotFoundError
from knowledge.kit.ids import new_id

log = structlog.get_logger(__name__)

PERIOD_S = 1.0
_LOOK_FOR_SHOPS_S = 15.0
_KEEP_DAYS = 7
_PRUNE_S = 3600.0
_AT_ONCE = 4  # conversations of one shop


class ChatwootPump:
    """`kick` a shop when something came in, or a connection was made; others' work is found within a period."""

    def __init__(self, database: Database, turns: TurnRunner) -> None:
        self._database = database
        self._turns = turns
        self._shops: set[str] = set()
        self._kicked: set[str] = set()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._pruned: dict[str, float] = {}
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._forever())

    async def stop(self) -> None:
        tasks = [*self._working.values(), *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def kick(self, shop_id: str) -> None:
        self._shops.add(shop_id)
        self._kicked.add(shop_id)
        self._woken.set()

    async def _forever(self) -> None:
        looked = 0.0
        while True:
            self._woken.clear()
            if time.monotonic() - looked > _LOOK_FOR_SHOPS_S or not looked:
                with suppress(Exception):  # the database may be restarting; the next round sees it again
                    await self._look_for_shops()
                    looked = time.monotonic()
            for shop_id in self._shops - self._working.keys():
                task = asyncio.create_task(self._guarded(shop_id))
                self._working[shop_id] = task
                task.add_done_callback(partial(self._done, shop_id))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), PERIOD_S)

    def _done(self, shop_id: str, _task: asyncio.Task[None]) -> None:
        self._working.pop(shop_id, None)

    async def _look_for_shops(self) -> None:
        for shop_id in await self._database.shop_ids():
            async with self._database.transaction(shop_id) as scope:
                if await connection_rows.listed(scope):
                    self._shops.add(shop_id)

    async def _guarded(self, shop_id: str) -> None:
        try:
            await self.work(shop_id)
        except Exception as error:  # the database went away; leases run out and the work is found again
            log.warning("chatwoot_interrupted", shop=shop_id, error=type(error).__name__)

    async def work(self, shop_id: str) -> None:
        """Until nothing of this shop is due. A shop that has no connection any more is left alone from now on."""
        self._kicked.discard(shop_id)
        async with self._database.transaction(shop_id) as scope:
            connected = bool(await connection_rows.listed(scope))
            deliveries = await delivery_rows.due(scope, _AT_ONCE) if connected else 0
        if not connected:
            if shop_id not in self._kicked:  # by a connection made while we looked
                self._shops.discard(shop_id)
            return
        await _until_idle(self._take_delivery, shop_id, deliveries)
        async with self._database.transaction(shop_id) as scope:
            conversations = await step_rows.due_conversations(scope, _AT_ONCE)
        await _until_idle(self._serve_conversation, shop_id, conversations)
        await self._prune(shop_id)

    async def _prune(self, shop_id: str) -> None:
        if time.monotonic() - self._pruned.get(shop_id, -_PRUNE_S) >= _PRUNE_S:
            self._pruned[shop_id] = time.monotonic()
            async with self._database.transaction(shop_id) as scope:
                await delivery_rows.prune(scope, _KEEP_DAYS)

    # in -------------------------------------------------------------------------------------------------------------

    async def _take_delivery(self, shop_id: str) -> bool:
        async with self._database.transaction(shop_id) as scope:
            row = await delivery_rows.take_next(scope)
            connection = await connection_rows.get(scope, row.connection_id) if row else None
        if row is None or connection is None:
            return False
        api = _api_of(connection)
        try:
            reception = Reception(self._database, api, connection, signed=row.signed)
            taken = await reception.take(read_event(row.payload or {}))
        except ChatwootError as error:
            await self._delivery_failed(shop_id, row, error.reason, after_s=error.after_s, lasting=error.lasting)
        except LiveCrewError as error:  # somebody else moved it meanwhile; looked at afresh
            await self._delivery_failed(shop_id, row, error.code)
        except Exception as error:
            log.exception("chatwoot_delivery_broke", delivery=row.seq)
            await self._delivery_failed(shop_id, row, type(error).__name__)
        else:
            async with self._database.transaction(shop_id) as scope:
                await delivery_rows.finish(scope, row.seq, "ignored" if taken.why else "taken", taken.why)
            if taken.turn_id:
                self._turns.kick(shop_id, taken.turn_id)
        finally:
            await api.aclose()
        return True

    async def _delivery_failed(
        self, shop_id: str, row: Any, why: str, *, after_s: float = 0.0, lasting: bool = False
    ) -> None:  # fmt: skip
        dead = lasting or backoff.is_last(row.attempts)
        tell = log.error if dead else log.warning
        tell("chatwoot_delivery_dead" if dead else "chatwoot_delivery_put_off", delivery=row.seq, why=why,
             connection=row.connection_id, attempts=row.attempts)  # fmt: skip
        async with self._database.transaction(shop_id) as scope:
            await connection_rows.failed(scope, row.connection_id, why)
            if dead:
                await delivery_rows.finish(scope, row.seq, "dead", why)
            else:
                await delivery_rows.put_off(scope, row.seq, why, backoff.pause_s(row.attempts, asked_s=after_s))

    # out ------------------------------------------------------------------------------------------------------------

    async def _serve_conversation(self, shop_id: str) -> bool:
        worker = new_id("wrk")
        async with self._database.transaction(shop_id) as scope:
            row = await step_rows.claim_conversation(scope, worker)
            connection = await connection_rows.get(scope, row.connection_id) if row else None
        if row is None or connection is None:
            return False
        api = _api_of(connection)
        try:
            while await self._plan(shop_id, connection, row.conversation_id):
                pass
            await self._make_steps(api, connection, row, worker)
        finally:
            await api.aclose()
            await asyncio.shield(self._let_go(shop_id, row.conversation_id, worker))
        return True

    async def _plan(self, shop_id: str, connection: ChatwootConnection, conversation_id: str) -> bool:
        async with self._database.transaction(shop_id) as scope:
            return await plan(scope, connection, conversation_id)

    async def _let_go(self, shop_id: str, conversation_id: str, worker: str) -> None:
        with suppress(Exception):  # the lease runs out by itself
            async with self._database.transaction(shop_id) as scope:
                await step_rows.let_go(scope, conversation_id, worker)

    async def _make_steps(self, api: ChatwootApi, connection: ChatwootConnection, row: Any, worker: str) -> None:
        async with self._database.transaction(connection.shop_id) as scope:
            due = await step_rows.due(scope, row.conversation_id)
        line = step_rows.Line()
        for one in due:
            if not line.admits(one):
                line.leave_waiting(one)
                continue
            async with self._database.transaction(connection.shop_id) as scope:
                if not await step_rows.hold(scope, row.conversation_id, worker):
                    return
                step = await step_rows.start(scope, one.seq)
            if step is not None:
                made = await self._make(Work(self._database, api, connection, step, row.chatwoot_id))
                if not made:
                    line.leave_waiting(one)

    async def _make(self, work: Work) -> bool:
        """False where the step has yet to be made."""
        step = work.step
        try:
            outcome = await work.make()
        except ChatwootError as error:
            return await self._step_failed(step, error)
        except NotFoundError:  # erased meanwhile
            outcome = skipped("erased")
        async with self._database.transaction(step.shop_id) as scope:
            await step_rows.finish(scope, step.seq, outcome.state, outcome.why, outcome.message_id)
            await connection_rows.reached(scope, step.connection_id)
        _tell(step, outcome)
        return True

    async def _step_failed(self, step: ChatwootStep, error: ChatwootError) -> bool:
        dead = error.lasting or backoff.is_last(step.attempts)
        tell = log.error if dead else log.warning
        tell("chatwoot_step_dead" if dead else "chatwoot_step_put_off", step=step.seq, kind=step.kind,
             subject=step.subject_id, why=error.reason, attempts=step.attempts)  # fmt: skip
        async with self._database.transaction(step.shop_id) as scope:
            await connection_rows.failed(scope, step.connection_id, error.reason)
            if dead:
                await step_rows.finish(scope, step.seq, "dead", error.reason)
            else:
                pause_s = backoff.pause_s(step.attempts, asked_s=error.after_s)
                await step_rows.put_off(scope, step.seq, error.reason, pause_s)
        return dead


def _tell(step: ChatwootStep, outcome: Outcome) -> None:
    log.info("chatwoot_step", step=step.seq, kind=step.kind, subject=step.subject_id, state=outcome.state,
             why=outcome.why)  # fmt: skip


def _api_of(connection: ChatwootConnection) -> ChatwootApi:
    return ChatwootApi(connection.base_url, connection.account_id, connection.bot_token)


async def _until_idle(work: Callable[[str], Awaitable[bool]], shop_id: str, workers: int) -> None:
    async def one_after_the_other() -> None:
        while await work(shop_id):
            pass

    await asyncio.gather(*(one_after_the_other() for _ in range(workers)))
