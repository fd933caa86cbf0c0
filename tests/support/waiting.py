"""Polling, so that no test sleeps longer than what it waits for."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

ValueT = TypeVar("ValueT")


async def until(probe: Callable[[], Awaitable[ValueT]], *, within_s: float = 10.0) -> ValueT:
    """The first truthy answer. Raises: TimeoutError with the last one."""
    deadline = time.monotonic() + within_s
    while not (found := await probe()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {found!r} after {within_s} s")
        await asyncio.sleep(0.02)
    return found
