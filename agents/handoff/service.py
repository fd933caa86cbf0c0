"""The queue as its operators use it: each method is one transaction, and proves ownership inside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason
from agents.handoff.views import Actor, Claimed, Enqueued, HandoffView, Note, OperatorState, Sent
from knowledge.kit.db import Database


@dataclass(frozen=True)
class Intake:
    """Work for a person. `trigger_id` with `subject_id` is the idempotency key: the message, line or candidate."""

    origin: str
    subject_id: str
    trigger_id: str
    reason: HandoffReason
    packet: Packet
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class QueueLoad:
    queued: int
    claimed: int
    oldest_wait_s: float
    by_reason: dict[str, int]
    first_response_rate: float | None
    warned: int
    breached: int
    operators: tuple[OperatorState, ...]


@dataclass(frozen=True)
class TrendDay:
    on: date
    answered: int
    within_target: int
    median_s: float | None


class HandoffQueue:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def enqueue(self, shop_id: str, request: Intake, *, actor: Actor) -> Enqueued:
        raise NotImplementedError

    async def claim_next(self, shop_id: str, actor: Actor) -> Claimed | None:
        raise NotImplementedError

    async def claim(self, shop_id: str, handoff_id: str, actor: Actor) -> Claimed:
        raise NotImplementedError

    async def take_over(self, shop_id: str, conversation_id: str, actor: Actor) -> Claimed:
        raise NotImplementedError

    async def assign(self, shop_id: str, handoff_id: str, operator_id: str, *, by: Actor) -> Claimed:
        raise NotImplementedError

    async def heartbeat(self, shop_id: str, handoff_id: str, actor: Actor, fence: int) -> datetime:
        raise NotImplementedError

    async def release(self, shop_id: str, handoff_id: str, actor: Actor, fence: int, *, why: str = "") -> None:
        raise NotImplementedError

    async def escalate(
        self, shop_id: str, handoff_id: str, actor: Actor, *, fence: int | None, why: str = "",
        skills: Sequence[str] = (), release: bool = False,
    ) -> None:  # fmt: skip
        raise NotImplementedError

    async def note(self, shop_id: str, handoff_id: str, actor: Actor, fence: int | None, text: str) -> Note:
        raise NotImplementedError

    async def reply(
        self, shop_id: str, handoff_id: str, actor: Actor, fence: int, text: str, *, client_key: str
    ) -> Sent:
        raise NotImplementedError

    async def resolve(
        self, shop_id: str, handoff_id: str, actor: Actor, fence: int, *, resolution: str = "",
        end_conversation: bool = False,
    ) -> None:  # fmt: skip
        raise NotImplementedError

    async def return_to_bot(
        self, shop_id: str, handoff_id: str, actor: Actor, fence: int | None, *, why: str = ""
    ) -> None:
        raise NotImplementedError

    async def cancel(
        self, shop_id: str, handoff_id: str, actor: Actor, *, fence: int | None = None, why: str = ""
    ) -> None:
        raise NotImplementedError

    async def read(self, shop_id: str, handoff_id: str) -> HandoffView:
        raise NotImplementedError

    async def notes(self, shop_id: str, handoff_id: str) -> list[Note]:
        raise NotImplementedError

    async def listed(
        self, shop_id: str, *, state: str | None = None, reason: str | None = None, claimed_by: str | None = None,
        origin: str | None = None, limit: int = 100,
    ) -> list[HandoffView]:  # fmt: skip
        raise NotImplementedError

    async def load(self, shop_id: str) -> QueueLoad:
        raise NotImplementedError

    async def first_response_trend(self, shop_id: str, *, days: int) -> list[TrendDay]:
        raise NotImplementedError
