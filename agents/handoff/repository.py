from sqlalchemy import delete, func, select

from agents.handoff.lifecycle import OPEN_STATES
from agents.handoff.priority import base_priority
from agents.handoff.models import Handoff
from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason, most_urgent
from knowledge.kit.db import Scope
from knowledge.kit.ids import new_id

_OPEN = Handoff.state.in_([state.value for state in OPEN_STATES])


async def unfinished_of(scope: Scope, subject_id: str, *, lock: bool = True) -> Handoff | None:
    """The one open handoff of a subject, by default locked until the transaction ends."""
    statement = select(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.subject_id == subject_id, _OPEN)
    return (await scope.session.scalars(statement.with_for_update() if lock else statement)).first()


async def enqueue(
    scope: Scope, *, origin: str, subject_id: str, trigger_id: str, reason: HandoffReason, packet: Packet
) -> Handoff:
    """One open handoff a subject: a new trigger merges into it, raising its priority and adding its reason.
    The same trigger twice changes nothing."""
    seen = await scope.session.scalar(
        select(Handoff).where(
            Handoff.shop_id == scope.shop_id, Handoff.subject_id == subject_id, Handoff.trigger_id == trigger_id
        )
    )
    if seen is not None:
        return seen
    if (current := await unfinished_of(scope, subject_id)) is not None:
        return await _merge(scope, current, reason)
    created = Handoff(
        id=new_id("hnd"),
        shop_id=scope.shop_id,
        origin=origin,
        subject_id=subject_id,
        trigger_id=trigger_id,
        reason=reason.value,
        reasons=[reason.value],
        priority=base_priority(reason),
        packet=packet.model_dump(mode="json"),
    )
    scope.session.add(created)
    await scope.session.flush()
    return created


async def _merge(scope: Scope, current: Handoff, reason: HandoffReason) -> Handoff:
    known = [HandoffReason(name) for name in current.reasons]
    if reason not in known:
        known.append(reason)
    leading = most_urgent(known) or reason
    current.reasons = [item.value for item in known]
    current.reason = leading.value
    current.priority = max(current.priority, base_priority(leading))
    await scope.session.flush()
    return current


async def of_subject(scope: Scope, subject_id: str) -> list[Handoff]:
    """All there ever were, oldest first."""
    statement = select(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.subject_id == subject_id)
    return list(await scope.session.scalars(statement.order_by(Handoff.created_at, Handoff.id)))


async def erase_of_subject(scope: Scope, subject_id: str) -> None:
    await scope.session.execute(
        delete(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.subject_id == subject_id)
    )


async def listed(scope: Scope, *, state: str | None, limit: int) -> list[Handoff]:
    """Most urgent first, then longest waiting."""
    statement = select(Handoff).where(Handoff.shop_id == scope.shop_id)
    if state:
        statement = statement.where(Handoff.state == state)
    return list(
        await scope.session.scalars(statement.order_by(Handoff.priority.desc(), Handoff.enqueued_at).limit(limit))
    )


async def position(scope: Scope, handoff: Handoff) -> int:
    """1 = next to be claimed; 0 once claimed."""
    if handoff.state != "queued":
        return 0
    ahead = await scope.session.scalar(
        select(func.count())
        .select_from(Handoff)
        .where(Handoff.shop_id == scope.shop_id, Handoff.state == "queued", Handoff.id != handoff.id)
        .where(
            (Handoff.priority > handoff.priority)
            | ((Handoff.priority == handoff.priority) & (Handoff.enqueued_at < handoff.enqueued_at))
        )
    )
    return int(ahead or 0) + 1
