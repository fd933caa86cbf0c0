"""Tasks that keep a page true: each begins again after a fault that passes, and ends with the page or the sign-in."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from nicegui import background_tasks

from api.console.visit import Visit
from knowledge.kit.errors import ForbiddenError, UnauthorizedError

log = structlog.get_logger(__name__)
_AGAIN_S = 1.0


def keep(visit: Visit, work: Callable[[], Awaitable[None]], name: str) -> asyncio.Task[None]:
    task = background_tasks.create(_kept(visit, work), name=name)
    visit.client.on_delete(task.cancel)
    return task


async def _kept(visit: Visit, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except (UnauthorizedError, ForbiddenError):
            return visit.leave()
        except Exception as error:  # the database may be restarting; a desk that stands still tells lies
            log.warning("desk_follower_failed", error=type(error).__name__)
        await asyncio.sleep(_AGAIN_S)
