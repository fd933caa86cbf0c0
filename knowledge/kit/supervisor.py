"""Watches the embedded PostgreSQL and starts it again when it is gone."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from knowledge.kit.errors import ConfigurationError
from knowledge.kit.postgres import EmbeddedPostgres

log = structlog.get_logger(__name__)

_PROBE_S = 0.5


class PostgresSupervisor:
    """`on_restart` resets whatever held connections to the server that died."""

    def __init__(self, server: EmbeddedPostgres, on_restart: Callable[[], Awaitable[None]]) -> None:
        self._server = server
        self._on_restart = on_restart
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        pause = _PROBE_S
        while True:
            await asyncio.sleep(pause)
            if self._server.running():
                pause = _PROBE_S
                continue
            died = time.monotonic()
            try:
                restarted = await asyncio.to_thread(self._server.restart_if_dead)
            except (ConfigurationError, OSError) as error:
                pause = min(pause * 2, 30.0)
                log.error("postgres_restart_failed", error=str(error), next_try_s=pause)
                continue
            await self._on_restart()
            log.warning("postgres_restarted", by_us=restarted, seconds=round(time.monotonic() - died, 2))
