"""Streams of the desk over server-sent events: resumable by offset, and over as soon as their caller's sign-in is."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress

from fastapi import Request
from fastapi.responses import StreamingResponse

from api import sse
from api.auth import operators
from api.auth.desk import DeskCaller
from api.services import Services, desk_caller
from knowledge.kit.errors import LiveCrewError
from knowledge.kit.events import Event, last_offset

LAST = 2**53  # offsets beyond it no JavaScript reader could tell apart
_LOOK_AGAIN_S = 15.0  # a revoked key tells nobody

Shown = Callable[[DeskCaller, Event], Event | None]


def resumed_at(request: Request, after: int | None) -> int | None:
    """`Last-Event-ID` counts when it is further than `after`; None where neither is given."""
    last = request.headers.get("Last-Event-ID", "")
    if re.fullmatch(r"[0-9]{1,18}", last):
        return max(after or 0, min(int(last), LAST))
    return after


async def respond(
    request: Request, wired: Services, caller: DeskCaller, stream: str, after: int | None, *, shown: Shown,
    admitted: Callable[[DeskCaller], Awaitable[None]] | None = None,
) -> StreamingResponse:  # fmt: skip
    """Follows `stream` from an offset, or from now on. `admitted` asks again whether the caller may, and raises where
    not; `shown` gives what the caller is told of an event, None for nothing."""
    async with wired.database.transaction(caller.shop_id) as scope:
        start = resumed_at(request, after)
        start = await last_offset(scope, stream) if start is None else start
        seen = await last_offset(scope, operators.STREAM)
    return sse.response(_lines(request, wired, caller, stream, start, seen, shown, admitted))


async def _lines(
    request: Request, wired: Services, caller: DeskCaller, stream: str, start: int, seen: int, shown: Shown,
    admitted: Callable[[DeskCaller], Awaitable[None]] | None,
) -> AsyncIterator[str]:  # fmt: skip
    told: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=100)
    ended = asyncio.Event()
    current = caller

    async def watch() -> None:
        nonlocal current
        try:
            async for _ in wired.listener.follow(caller.shop_id, operators.STREAM, seen, idle_s=_LOOK_AGAIN_S):
                current = await desk_caller(request)
                if admitted:
                    await admitted(current)
        except LiveCrewError:
            ended.set()

    async def pump() -> None:
        async for event in wired.listener.follow(caller.shop_id, stream, start):
            await told.put(event)

    tasks = [asyncio.create_task(watch()), asyncio.create_task(pump())]
    try:
        async with aclosing(_until(ended, told, tasks)) as events:
            async for event in events:
                if event is None:
                    yield sse.line(None)
                elif (line := shown(current, event)) is not None:
                    yield sse.line(line)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until(
    ended: asyncio.Event, told: "asyncio.Queue[Event | None]", tasks: list[asyncio.Task[None]]
) -> AsyncGenerator[Event | None, None]:
    """What is told, until `ended` or until one of the tasks fails: then the reader reconnects where it was."""
    over = asyncio.create_task(ended.wait())
    try:
        while True:
            coming = asyncio.create_task(told.get())
            await asyncio.wait({coming, over, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            if over.done() or any(task.done() for task in tasks):
                coming.cancel()
                return
            yield coming.result()
    finally:
        over.cancel()
        with suppress(asyncio.CancelledError):
            await over
