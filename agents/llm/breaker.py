"""After enough failures in a row the endpoint is left alone for a while, then tried by one call at a time."""

from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.kit.clock import Clock


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Breaker:
    """Every `allow()` that says yes is followed by exactly one of `succeeded`, `failed`, `abandoned`."""

    def __init__(self, threshold: int, cooldown_s: float, clock: Clock) -> None:
        self._threshold = threshold
        self._cooldown = timedelta(seconds=cooldown_s)
        self._clock = clock
        self._failures = 0
        self._opened_at: datetime | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.PROBING if self._probing else BreakerState.OPEN

    def allow(self) -> bool:
        if self._opened_at is None:
            return True
        if self._probing or self._clock.now() - self._opened_at < self._cooldown:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        self._failures = 0
        self._opened_at = None
        self._probing = False

    def failed(self) -> None:
        self._failures += 1
        if self._probing or self._failures >= self._threshold:
            self._opened_at = self._clock.now()
        self._probing = False

    def abandoned(self) -> None:
        """The caller went away before an answer: nothing was learnt, the next call may probe."""
        self._probing = False
