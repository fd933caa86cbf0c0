"""Streams of events that readers resume: each carries an offset that only grows within its stream.

An append locks its stream's counter until the transaction ends, so offsets are committed in order and a reader that
has seen n can never miss an n−1 that commits later. NOTIFY wakes the readers; the table is the truth.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import psycopg
import structlog
from sqlalchemy import BigInteger, FetchedValue, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base, Database, Scope, sqlalchemy_url

log = structlog.get_logger(__name__)

_CHANNEL = "livecrew_events"
_NEXT_OFFSET = text(
    """insert into event_streams (shop_id, stream, last_offset) values (:shop_id, :stream, 1)
    on conflict (shop_id, stream) do update set last_offset = event_streams.last_offset + 1 returning last_offset"""
)


class EventStream(Base):
    __tablename__ = "event_streams"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    last_offset: Mapped[int] = mapped_column(BigInteger)


class Event(Base):
    __tablename__ = "events"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


async def append_event(scope: Scope, stream: str, kind: str, data: dict[str, Any]) -> int:
    """Returns the offset. Readers are woken when the transaction commits."""
    offset = await scope.session.scalar(_NEXT_OFFSET, {"shop_id": scope.shop_id, "stream": stream})
    scope.session.add(Event(shop_id=scope.shop_id, stream=stream, offset=offset, kind=kind, data=data))
    await scope.session.flush()
    await scope.session.execute(
        text("select pg_notify(:channel, :payload)"), {"channel": _CHANNEL, "payload": f"{scope.shop_id} {stream}"}
    )
    return int(offset or 0)


async def read_events(scope: Scope, stream: str, *, after: int, limit: int = 200) -> list[Event]:
    """Ascending by offset."""
    statement = (
        select(Event)
        .where(Event.shop_id == scope.shop_id, Event.stream == stream, Event.offset > after)
        .order_by(Event.offset)
        .limit(limit)
    )
    return list(await scope.session.scalars(statement))


async def erase_stream(scope: Scope, stream: str) -> None:
    """Its events and its counter; a reader who still follows it is told nothing more."""
    for table in (Event, EventStream):
        await scope.session.execute(delete(table).where(table.shop_id == scope.shop_id, table.stream == stream))


async def last_offset(scope: Scope, stream: str) -> int:
    counter = await scope.session.get(EventStream, (scope.shop_id, stream))
    return counter.last_offset if counter else 0


class EventListener:
    """One connection a process that LISTENs and wakes whoever waits on a stream; reconnects by itself.

    Each reader has a wake-up of its own: one that clears a shared one would swallow what another has yet to read.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readers: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        url = sqlalchemy_url(self._database.url).set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                    await connection.execute(f"listen {_CHANNEL}")
                    self._wake_all()  # something may have happened while nobody listened
                    async for notice in connection.notifies():
                        for woken in self._readers.get(notice.payload, ()):
                            woken.set()
            except psycopg.Error as error:
                log.info("event_listener_lost", error=str(error))
                await asyncio.sleep(0.5)

    def _wake_all(self) -> None:
        for readers in self._readers.values():
            for woken in readers:
                woken.set()

    async def follow(
        self, shop_id: str, stream: str, after: int, *, idle_s: float = 15.0
    ) -> AsyncIterator[Event | None]:
        """Yields events in order for ever, and None whenever `idle_s` pass without one (time for a keep-alive)."""
        key = f"{shop_id} {stream}"
        woken = asyncio.Event()
        self._readers.setdefault(key, set()).add(woken)
        try:
            while True:
                woken.clear()
                # A reader leaving in mid-query would cost a pooled connection, so the query ends by itself.
                events = await asyncio.shield(self._read(shop_id, stream, after))
                for event in events:
                    after = event.offset
                    yield event
                if not events and not await _woken_within(woken, idle_s):
                    yield None
        finally:
            readers = self._readers[key]
            readers.discard(woken)
            if not readers:
                del self._readers[key]

    async def _read(self, shop_id: str, stream: str, after: int) -> list[Event]:
        async with self._database.transaction(shop_id) as scope:
            return await read_events(scope, stream, after=after)


async def _woken_within(woken: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except TimeoutError:
        return False
    return True
