"""Looks at each ended handoff once for something to learn. It follows the table, not the moment: a process that died
right after a handoff was resolved costs nothing."""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import DBAPIError

from agents.handoff.views import SYSTEM
from agents.support.learning import review_rows
from agents.support.learning.proposals import consider
from knowledge.candidates import repository
from knowledge.kit.db import Database
from knowledge.kit.errors import LiveCrewError

log = structlog.get_logger(__name__)

_PERIOD_S = 3.0
_ROUND = 50


async def learn(database: Database, shop_id: str) -> list[str]:
    """What came of each handoff looked at."""
    async with database.transaction(shop_id) as scope:
        waiting = await review_rows.unconsidered(scope, limit=_ROUND)
    outcomes = []
    for handoff_id in waiting:
        try:
            async with database.transaction(shop_id) as scope:
                outcome = await consider(scope, handoff_id, SYSTEM)
                await repository.mark_considered(scope, handoff_id, outcome)
        except DBAPIError:
            raise  # the database's trouble, not the handoff's: it is looked at again
        except Exception as error:  # one that cannot be read must not keep the others from being
            outcome = "failed"
            detail = error.detail if isinstance(error, LiveCrewError) else type(error).__name__
            log.warning("handoff_not_considered", handoff=handoff_id, reason=detail)
            async with database.transaction(shop_id) as scope:
                await repository.mark_considered(scope, handoff_id, outcome)
        outcomes.append(outcome)
    return outcomes


class LearningSweeper:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = asyncio.create_task(self._forever())

    async def stop(self) -> None:
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _forever(self) -> None:
        while True:
            with suppress(Exception):  # the database may be restarting; the next round sees it again
                for shop_id in await self._database.shop_ids():
                    await learn(self._database, shop_id)
            await asyncio.sleep(_PERIOD_S)
