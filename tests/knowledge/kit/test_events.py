"""Offsets without gaps, and readers that miss nothing whatever happens to their connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen

from knowledge.kit.db import Database, Scope
from knowledge.kit.events import Event, EventListener, append_event, last_offset, read_events
from tests.support.desk import new_shop
from tests.support.waiting import until


@pytest.fixture
async def listener(database: Database) -> AsyncIterator[EventListener]:
    listener = EventListener(database)
    await listener.start()
    yield listener
    await listener.stop()


async def _append(database: Database, shop_id: str, count: int, *, stream: str = "s", tag: str = "") -> None:
    for number in range(count):
        async with database.transaction(shop_id) as scope:
            await append_event(scope, stream, "tick", {"tag": tag, "n": number})


async def _collect(listener: EventListener, shop_id: str, after: int, seen: list[int], *, stream: str = "s") -> None:
    async for event in listener.follow(shop_id, stream, after, idle_s=60):
        if event:
            seen.append(event.offset)


async def _stop(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _all(database: Database, shop_id: str) -> list[Event]:
    async with database.transaction(shop_id) as scope:
        return await read_events(scope, "s", after=0, limit=10_000)


async def test_offsets_have_no_gap_under_twenty_concurrent_writers(database: Database, shop_id: str) -> None:
    await asyncio.gather(*(_append(database, shop_id, 10, tag=str(writer)) for writer in range(20)))
    events = await _all(database, shop_id)
    assert [event.offset for event in events] == list(range(1, 201))
    for writer in range(20):
        assert [event.data["n"] for event in events if event.data["tag"] == str(writer)] == list(range(10))
    async with database.transaction(shop_id) as scope:
        assert await last_offset(scope, "s") == 200


async def test_a_rolled_back_append_leaves_no_gap(database: Database, shop_id: str) -> None:
    await _append(database, shop_id, 1)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(shop_id) as scope:
            await append_event(scope, "s", "tick", {})
            raise ZeroDivisionError
    await _append(database, shop_id, 1)
    assert [event.offset for event in await _all(database, shop_id)] == [1, 2]


async def test_streams_and_shops_count_for_themselves(database: Database, shop_id: str) -> None:
    other = await new_shop(database)
    await _append(database, shop_id, 3)
    await _append(database, shop_id, 2, stream="t")
    await _append(database, other, 1)
    assert [event.offset for event in await _all(database, other)] == [1]
    async with database.transaction(shop_id) as scope:
        assert [event.offset for event in await read_events(scope, "t", after=0)] == [1, 2]


@pytest.mark.parametrize("after", [0, 7, 20])
async def test_a_reader_from_any_offset_sees_each_event_once_across_a_reconnect(
    database: Database, shop_id: str, listener: EventListener, after: int
) -> None:
    seen: list[int] = []
    await _append(database, shop_id, 10)
    reader = asyncio.create_task(_collect(listener, shop_id, after, seen))
    await _append(database, shop_id, 10)

    async def has(last: int) -> bool:
        return last <= after or bool(seen and seen[-1] >= last)

    await until(lambda: has(20))
    await _cut_listeners(database)
    await _append(database, shop_id, 10)  # while nobody listens, or just after
    await until(lambda: has(30))
    assert seen == list(range(after + 1, 31))
    await _stop(reader)


async def _cut_listeners(database: Database) -> None:
    """The application role may end its own connections."""
    async with database.transaction("") as scope:
        cut = await scope.all(
            "select pg_terminate_backend(pid) as gone from pg_stat_activity "
            "where usename = current_user and query like 'listen livecrew%'"
        )
    assert cut


async def test_every_one_of_many_readers_is_woken(database: Database, shop_id: str, listener: EventListener) -> None:
    """Each reader's wake-up is its own: one that reads at the same moment must not swallow another's."""
    readers = [[] for _ in range(6)]  # type: list[list[int]]
    tasks = [asyncio.create_task(_collect(listener, shop_id, 0, seen)) for seen in readers]

    async def level(last: int) -> bool:
        return all(seen and seen[-1] == last for seen in readers)

    for number in range(1, 61):
        await _append(database, shop_id, 1)
        if number % 3 == 0:
            await until(lambda: level(number), within_s=3)  # noqa: B023
    assert readers == [list(range(1, 61))] * 6
    await _stop(*tasks)


async def test_silence_is_told_and_listening_goes_on(database: Database, shop_id: str, listener: EventListener) -> None:
    following = listener.follow(shop_id, "s", 0, idle_s=0.05)
    assert await anext(following) is None
    await _append(database, shop_id, 1)
    async for event in following:
        if event:
            assert event.offset == 1
            break


async def test_more_than_one_page_of_events_arrives_whole(
    database: Database, shop_id: str, listener: EventListener
) -> None:
    async with database.transaction(shop_id) as scope:
        for number in range(450):
            await append_event(scope, "s", "tick", {"n": number})
    seen: list[int] = []
    reader = asyncio.create_task(_collect(listener, shop_id, 0, seen))

    async def done() -> bool:
        return len(seen) >= 450

    await until(done)
    assert seen == list(range(1, 451))
    await _stop(reader)


async def test_a_reader_who_leaves_in_mid_query_costs_no_connection(
    own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_id, pool = await new_shop(own_database), own_database.engine.sync_engine.pool
    asked = asyncio.Event()

    async def slow(scope: Scope, *_: object, **__: object) -> list[Event]:
        asked.set()
        await scope.session.execute(text("select pg_sleep(0.2)"))
        return []

    monkeypatch.setattr("knowledge.kit.events.read_events", slow)
    closed: list[object] = []
    for lost in ("invalidate", "close"):
        listen(pool, lost, lambda *told: closed.append(told))
    reader = asyncio.create_task(_collect(EventListener(own_database), shop_id, 0, []))
    await asyncio.wait_for(asked.wait(), 5)
    await _stop(reader)

    async def returned() -> bool:
        return int(pool.checkedout()) == 0  # type: ignore[attr-defined]

    await until(returned)
    assert closed == []
