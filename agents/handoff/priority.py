"""Who goes first: effective = base(class) + wait/τ, capped, so that urgent work leads and nothing waits for ever.

With τ = 6 s a point, e the instant an item came and slot(t) = ⌊t/τ⌋:

    effective(t) = min(base + slot(t) − slot(e), TOP)        higher goes first

Below TOP, the difference between two items never changes while both wait, so the order is kept by one number,
`rank = slot(e) − base`, lower first, and an index on it. Equal ranks: a VIP first, then who came first. At TOP nobody
outranks anybody: who came first goes first, VIP or not.

**Bound.** Let x and y be items that one operator may both take, x enqueued at e(x). If y was enqueued at
e(y) ≥ e(x) + (TOP − base(x))·τ, then y is never taken while x waits: at e(y) x stands at TOP already, y cannot stand
above TOP, and at TOP the earlier goes first. So an item is overtaken only by what was enqueued before it, and by what
was enqueued within

    overtaken_within_s(base) = (TOP − base)·τ

after it (70 minutes for the least urgent class, 10 for safety) — whatever arrives later, however urgent. With n(x) of
these ahead and operators taking μ items a second, x waits at most n(x)/μ plus the time until the rules of routing let
any operator take it (T3). Raising an item keeps its e: x only goes forward, and what overtakes x obeys the bound as it
holds for every base up to TOP.
"""

from datetime import datetime
from types import MappingProxyType

from agents.handoff.reasons import HandoffReason

TAU_S = 6
"""Seconds of waiting that weigh as much as one point; the migration's `livecrew_rank` counts with the same."""
TOP = 800
NEAR_SLA = 350
"""Between an explicit request and a complaint: what is about to miss its first response."""
RAISE_STEP = 100

_BASE = MappingProxyType(
    {
        HandoffReason.SAFETY: 700,
        HandoffReason.FRAUD: 600,
        HandoffReason.IDENTITY: 600,
        HandoffReason.LEGAL: 500,
        HandoffReason.CUSTOMER_REQUEST: 400,
        HandoffReason.COMPLAINT: 300,
        HandoffReason.POLICY_DISCRETION: 300,
        HandoffReason.REPEATED_FAILURE: 300,
        HandoffReason.TOOL_FAILURE: 200,
        HandoffReason.KNOWLEDGE_GAP: 100,
        HandoffReason.LINE_HOLD: 100,
        HandoffReason.CANDIDATE_CONFLICT: 100,
    }
)
MOST = max(_BASE.values())


def base_priority(reason: HandoffReason) -> int:
    """Class of the reason, before ageing."""
    return _BASE[reason]


def raised(priority: int) -> int:
    """One class up; the most urgent class is the ceiling."""
    return min(max(priority, MOST), priority + RAISE_STEP)


def slot(instant: datetime) -> int:
    return int(instant.timestamp() // TAU_S)


def rank(priority: int, enqueued_at: datetime) -> int:
    """Lower goes first."""
    return slot(enqueued_at) - priority


def top_rank(now: datetime) -> int:
    """Items of this rank or a lower one stand at TOP."""
    return slot(now) - TOP


def effective(priority: int, enqueued_at: datetime, now: datetime) -> int:
    return min(priority + slot(now) - slot(enqueued_at), TOP)


def order_key(
    priority: int, enqueued_at: datetime, now: datetime, *, vip: bool, id: str
) -> tuple[int, bool, datetime, str]:
    """Ascending: the first is taken next."""
    own, top = rank(priority, enqueued_at), top_rank(now)
    return (top, False, enqueued_at, id) if own <= top else (own, not vip, enqueued_at, id)


def overtaken_within_s(priority: int) -> int:
    """What is enqueued later than this after an item is never taken before it (module's docstring)."""
    return (TOP - priority) * TAU_S
