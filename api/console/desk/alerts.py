"""Which moves an operator must hear of, in words that name nobody. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from api.console.wording import REASONS, Pair, named

_ARRIVED = frozenset({"enqueued", "released", "expired"})
_SLA: dict[str, Pair] = {
    "sla_warned": ("时限将至", "A deadline is near"),
    "sla_breached": ("已超时", "A deadline has passed"),
}


@dataclass(frozen=True)
class Alert:
    tone: Literal["new", "warn"]
    title: str
    body: str


def alert_of(
    kind: str, data: Mapping[str, Any], *, me: str, origins: Collection[str], supervises: bool, english: bool
) -> Alert | None:
    """None for what this operator did, may not see, or that somebody else has in hand."""
    if data.get("origin") not in origins or data.get("actor") in (f"operator:{me}", f"supervisor:{me}"):
        return None
    reason = named(REASONS, str(data.get("reason")), english=english)
    holder = data.get("claimed_by")
    if kind in _ARRIVED and holder is None:
        return Alert("new", ("有新的待处理", "New in the queue")[english], reason)
    if kind == "assigned" and holder == me:
        return Alert("new", ("主管派给你一条", "Assigned to you")[english], reason)
    if kind in _SLA and (supervises or holder in (None, me)):
        return Alert("warn", _SLA[kind][english], reason)
    return None
