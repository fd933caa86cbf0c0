"""Limits on what one caller may send: bytes a body, requests a minute."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLargeError, TooManyRequestsError, response_for

log = structlog.get_logger(__name__)

_KEPT = 50_000  # callers remembered; the longest quiet one is forgotten first


@dataclass
class _Bucket:
    tokens: float
    at: float


class RateLimiter:
    """A token bucket a key: `per_minute` requests a minute, bursts up to the same number. One process's view."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._size = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def spend(self, key: str) -> None:
        """Raises: TooManyRequestsError with `retry_after_s`."""
        now = self._clock()
        bucket = self._buckets.pop(key, None) or _Bucket(self._size, now)
        bucket.tokens = min(self._size, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        self._buckets[key] = bucket
        while len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            wait_s = int((1 - bucket.tokens) / self._rate) + 1
            raise TooManyRequestsError("Too many requests; please wait a moment.", retry_after_s=wait_s)
        bucket.tokens -= 1


class BodyLimit:
    """ASGI middleware: refuses by Content-Length at once, and counts bodies that do not announce their size."""

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int] = MappingProxyType({})) -> None:
        """`larger`: limits of single paths whose bodies go to disk."""
        self._app = app
        self._limit = limit
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = self._larger.get(scope["path"], self._limit)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            return await self._refuse(limit, scope, receive, send)
        seen, answered = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLargeError("The body is too large.", limit_bytes=limit)
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            if seen > limit and not answered:
                return  # whoever read the body made an error of their own out of ours
            answered = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except BodyTooLargeError:
            log.debug("body_refused", seen=seen)
        if seen > limit and not answered:
            await self._refuse(limit, scope, receive, send)

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = response_for(BodyTooLargeError("The body is too large.", limit_bytes=limit))
        await refusal(scope, receive, send)
