"""Background jobs: exist when their transaction commits, run in turn under one lock, and outlive their worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from knowledge.kit import jobs
from knowledge.kit.db import Database
from knowledge.kit.jobs import Worker, defer
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_POLL_S", 0.1)
    monkeypatch.setattr(jobs, "_STALLED_AFTER_S", 1.0)


@asynccontextmanager
async def _working(database: Database, tasks: dict[str, jobs.Task], concurrency: int = 1) -> AsyncIterator[None]:
    worker = Worker(database.url, tasks, concurrency=concurrency)
    await worker.start()
    try:
        yield
    finally:
        await worker.stop()


async def _defer(database: Database, task: str, *, lock: str = "l", **args: str) -> None:
    async with database.transaction("") as scope:
        await defer(scope, task, lock=lock, **args)


async def _count(database: Database, status: str) -> int:
    async with database.transaction("") as scope:
        found = await scope.one(
            "select count(*) as n from procrastinate_jobs where status::text = :status", status=status
        )
    return int(found.n)


async def test_a_job_exists_exactly_when_its_transaction_commits(own_database: Database) -> None:
    ran: list[str] = []

    async def note(word: str) -> None:
        ran.append(word)

    with pytest.raises(ZeroDivisionError):
        async with own_database.transaction("") as scope:
            await defer(scope, "note", lock="l", word="rolled back")
            raise ZeroDivisionError
    await _defer(own_database, "note", word="committed")
    async with _working(own_database, {"note": note}):
        await until(lambda: _count(own_database, "succeeded"))
    assert ran == ["committed"]


async def test_a_job_deferred_while_the_worker_waits_runs_at_once(own_database: Database) -> None:
    ran = asyncio.Event()

    async def note() -> None:
        ran.set()

    async with _working(own_database, {"note": note}):
        await asyncio.sleep(0.1)
        await _defer(own_database, "note")
        await asyncio.wait_for(ran.wait(), 3)


async def test_jobs_of_one_lock_take_turns(own_database: Database) -> None:
    running: list[str] = []
    together: list[str] = []
    most = {"same": 0, "other": 0}

    async def slow(name: str) -> None:
        running.append(name)
        most[name] = max(most[name], running.count(name))
        if len(set(running)) == 2:
            together.append(name)
        await asyncio.sleep(0.1)
        running.remove(name)

    for name in ("same", "same", "other", "same"):
        await _defer(own_database, "slow", lock=name, name=name)

    async def done() -> bool:
        return await _count(own_database, "succeeded") == 4

    async with _working(own_database, {"slow": slow}, concurrency=4):
        await until(done)
    assert most == {"same": 1, "other": 1}
    assert together


async def test_a_failing_job_is_tried_again(own_database: Database) -> None:
    attempts: list[int] = []

    async def flaky() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("the embedder is away")

    await _defer(own_database, "flaky")
    async with _working(own_database, {"flaky": flaky}):
        await until(lambda: _count(own_database, "succeeded"), within_s=15)
    assert len(attempts) == 2


async def test_a_job_of_a_killed_worker_runs_again(own_database: Database) -> None:
    ran: list[str] = []

    async def note(word: str) -> None:
        ran.append(word)

    await _defer(own_database, "note", word="left behind")
    async with own_database.transaction("") as scope:  # what kill -9 leaves: a running job, a heart that stopped
        await scope.run(
            "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')",
        )
        await scope.run(
            "update procrastinate_jobs set status = 'doing', worker_id = (select max(id) from procrastinate_workers)"
        )
    async with _working(own_database, {"note": note}):
        await until(lambda: _count(own_database, "succeeded"), within_s=10)
    assert ran == ["left behind"]


async def test_a_worker_goes_on_after_its_connections_were_cut(own_database: Database) -> None:
    ran: list[str] = []

    async def note(word: str) -> None:
        ran.append(word)

    async with _working(own_database, {"note": note}):
        await _defer(own_database, "note", word="before")
        await until(lambda: _count(own_database, "succeeded"))
        async with own_database.transaction("") as scope:
            cut = await scope.all(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and usename = current_user and pid <> pg_backend_pid()"
            )
        assert cut
        await _defer(own_database, "note", word="after")

        async def both() -> bool:
            return await _count(own_database, "succeeded") == 2

        await until(both, within_s=15)
    assert ran == ["before", "after"]
