"""Background work on the same PostgreSQL (procrastinate). A job is deferred on our own connection, so it exists exactly
when the transaction that wants it commits; every task must be idempotent, because a killed worker's job runs again."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import procrastinate
import structlog
from sqlalchemy import text

from knowledge.kit.db import Scope, sqlalchemy_url

log = structlog.get_logger(__name__)

Task = Callable[..., Awaitable[None]]

_DEFER = text(
    """select procrastinate_defer_jobs_v1(array[
    row('default', :task, 0, :lock, null, cast(:args as jsonb), null)::procrastinate_job_to_defer_v1])"""
)
_STALLED_AFTER_S = 30.0
_POLL_S = 5.0  # a new job is notified; a retry, or a job whose lock is free again, is found by polling
_RETRIES = 5


async def defer(scope: Scope, task: str, *, lock: str, **args: str) -> None:
    """Jobs with the same `lock` run one after the other."""
    await scope.session.execute(_DEFER, {"task": task, "lock": lock, "args": json.dumps(args)})


class Worker:
    """Runs deferred jobs until stopped; survives restarts of the database and takes up jobs of killed workers."""

    def __init__(self, url: str, tasks: Mapping[str, Task], *, concurrency: int = 1) -> None:
        conninfo = sqlalchemy_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=3)
        self._app = procrastinate.App(connector=connector)
        self._concurrency = concurrency
        self._running: asyncio.Task[None] | None = None
        for name, task in tasks.items():
            self._app.task(name=name, retry=procrastinate.RetryStrategy(max_attempts=_RETRIES, exponential_wait=2))(
                task
            )

    async def start(self) -> None:
        self._running = asyncio.create_task(self.run())

    async def stop(self) -> None:
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def run(self) -> None:
        while True:
            try:
                async with self._app.open_async():
                    await self._work()
            except Exception as error:  # the database went away; everything queued is still there
                log.warning("worker_interrupted", error=str(error))
                await asyncio.sleep(1.0)

    async def _work(self) -> None:
        rescuer = asyncio.create_task(self._rescue_stalled())
        try:
            await self._app.run_worker_async(
                concurrency=self._concurrency,
                install_signal_handlers=False,
                fetch_job_polling_interval=_POLL_S,
                shutdown_graceful_timeout=1.0,
            )
        finally:
            rescuer.cancel()

    async def _rescue_stalled(self) -> None:
        while True:
            with suppress(procrastinate.exceptions.ConnectorException):
                jobs = self._app.job_manager
                for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_S):
                    log.warning("job_rescued", task=job.task_name, id=job.id)
                    await jobs.retry_job(job)
            await asyncio.sleep(_STALLED_AFTER_S / 2)
