"""What the queue tells: frozen values, good after their transaction ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

ClockName = Literal["first", "next", "resolution"]


@dataclass(frozen=True)
class Actor:
    """Who acts. `id` is an operator's id; `kind` tells the audit what else may act."""

    id: str
    name: str = ""
    kind: Literal["operator", "supervisor", "api", "bot", "system", "shopper"] = "operator"

    @property
    def told(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("", kind="system")
BOT = Actor("", kind="bot")


@dataclass(frozen=True)
class SlaClock:
    """`elapsed_s` counts business hours only. `level`: warned from 70 % of the target."""

    name: ClockName
    target_s: int
    elapsed_s: float
    running: bool
    level: Literal["ok", "warned", "breached"]

    @property
    def left_s(self) -> float:
        return self.target_s - self.elapsed_s


@dataclass(frozen=True)
class HandoffView:
    """One handoff as the desk reads it. `position`: 1 = taken next, 0 once claimed or ended. `shopper_waits_since`:
    when they wrote what nobody has answered since the last reply."""

    id: str
    origin: str
    subject_id: str
    reason: str
    reasons: tuple[str, ...]
    state: str
    priority: int
    vip: bool
    skills: tuple[str, ...]
    fence: int
    claimed_by: str | None
    lease_until: datetime | None
    enqueued_at: datetime
    queued_at: datetime
    claimed_at: datetime | None
    first_reply_at: datetime | None
    last_reply_at: datetime | None
    resolved_at: datetime | None
    resolution: str
    returns: int
    incident_id: str | None
    sticky_operator: str | None
    packet: dict[str, Any]
    position: int
    shopper_waits_since: datetime | None
    clocks: tuple[SlaClock, ...]


@dataclass(frozen=True)
class Claimed:
    """What every later act of this operator must carry: the id and the fence."""

    handoff_id: str
    subject_id: str
    origin: str
    fence: int
    lease_until: datetime


@dataclass(frozen=True)
class Standing:
    """A place in the queue: 1 = taken next, 0 once claimed or ended. `expected_wait_s` is of open hours; `opens_in_s`
    comes on top where the desk is closed and nobody is there. `operator_name`: who serves the shopper,
    empty while they wait."""

    position: int
    expected_wait_s: int
    opens_in_s: int = 0
    operator_name: str = ""


@dataclass(frozen=True)
class Enqueued:
    """`merged`: another trigger's open handoff took it in; `repeated`: this very trigger was here before."""

    handoff_id: str
    merged: bool
    repeated: bool
    standing: Standing


@dataclass(frozen=True)
class Sent:
    message_id: str
    position: int
    repeated: bool


@dataclass(frozen=True)
class Note:
    id: str
    handoff_id: str
    operator_id: str
    text: str
    created_at: datetime


@dataclass(frozen=True)
class OperatorState:
    """`available`: online and heard of lately; `holding`: claimed handoffs now."""

    operator_id: str
    name: str
    skills: tuple[str, ...]
    capacity: int
    status: Literal["online", "away", "offline"]
    last_seen_at: datetime
    available: bool
    holding: int


@dataclass(frozen=True)
class Swept:
    """What one round of the sweep did."""

    expired: int = 0
    warned: int = 0
    breached: int = 0
    repositioned: int = 0


@dataclass(frozen=True)
class AuditLine:
    seq: int
    at: datetime
    handoff_id: str
    subject_id: str
    order_ids: tuple[str, ...]
    action: str
    actor: str
    fence: int
    detail: dict[str, Any]
    body: str
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class Verified:
    """`broken_at` is the first entry that does not follow from the one before it; None where the chain is whole."""

    entries: int
    broken_at: int | None

    @property
    def whole(self) -> bool:
        return self.broken_at is None


@dataclass(frozen=True)
class IncidentView:
    id: str
    title: str
    cause: str
    state: Literal["open", "ended"]
    decision: str
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime
    handoff_ids: tuple[str, ...]
    drafts: int
    sent: int


@dataclass(frozen=True)
class Cluster:
    """Open handoffs that share a cause and belong to no incident yet."""

    cause: str
    handoff_ids: tuple[str, ...]
    title: str


@dataclass(frozen=True)
class Draft:
    """A prepared reply nobody was sent; sending it needs the handoff's fence."""

    handoff_id: str
    incident_id: str
    text: str
    state: Literal["draft", "sent", "dropped"]
