"""How long to wait after a failure, and when to give up: doubling from two seconds to ten minutes, for two hours."""

FIRST_S = 2.0
MOST_S = 600.0
ATTEMPTS = 20


def pause_s(attempts: int, *, asked_s: float = 0.0) -> float:
    """After so many attempts; `asked_s` is what the other side asked for."""
    return max(min(FIRST_S * 2.0 ** min(attempts - 1, 20), MOST_S), asked_s)


def is_last(attempts: int) -> bool:
    return attempts >= ATTEMPTS
