"""Handoffs of one shop: looked up, and locked for a move. What a claim takes is in claim_rows.py."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from agents.handoff.lifecycle import OPEN_STATES
from agents.handoff.models import Handoff, HandoffNote, HandoffTrigger
from agents.handoff.standing import ORDER, TOPMOST, position_of
from agents.handoff.streams import QUEUE_STREAM
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError

_OPEN = Handoff.state.in_([state.value for state in OPEN_STATES])


async def now(scope: Scope) -> datetime:
    """The database's clock, which timers and leases go by."""
    found: datetime = (await scope.one("select livecrew_now() as now")).now
    return found


async def get(scope: Scope, handoff_id: str, *, lock: bool = False) -> Handoff:
    """Raises: NotFoundError when this shop has no such handoff."""
    statement = select(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.id == handoff_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = await scope.session.scalar(statement)
    if found is None:
        raise NotFoundError("There is no such handoff.", handoff_id=handoff_id)
    return found


async def get_free(scope: Scope, handoff_id: str) -> Handoff | None:
    """The row, locked, if it is still open and nobody else is changing it."""
    statement = select(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.id == handoff_id, _OPEN)
    locked = statement.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    found: Handoff | None = await scope.session.scalar(locked)
    return found


async def unfinished_of(scope: Scope, subject_id: str, *, lock: bool = True) -> Handoff | None:
    """The one open handoff of a subject, by default locked until the transaction ends."""
    statement = select(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.subject_id == subject_id, _OPEN)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: Handoff | None = await scope.session.scalar(statement)
    return found


async def trigger(scope: Scope, subject_id: str, trigger_id: str) -> HandoffTrigger | None:
    return await scope.session.get(HandoffTrigger, (scope.shop_id, subject_id, trigger_id))


async def triggers_of(scope: Scope, handoff_id: str) -> list[str]:
    statement = select(HandoffTrigger.trigger_id).where(
        HandoffTrigger.shop_id == scope.shop_id, HandoffTrigger.handoff_id == handoff_id
    )
    return list(await scope.session.scalars(statement))


async def of_subject(scope: Scope, subject_id: str) -> list[Handoff]:
    """All there ever were, oldest first."""
    statement = select(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.subject_id == subject_id)
    return list(await scope.session.scalars(statement.order_by(Handoff.created_at, Handoff.id)))


async def erase_of_subject(scope: Scope, subject_id: str) -> None:
    """With triggers, notes and drafts, and what the desk's stream and the outbox tell of it. The audit stays: it holds
    nobody's words, and its ids lead nowhere then."""
    await scope.run(
        "delete from events where shop_id = :shop_id and stream = :stream and data->>'subject_id' = :subject",
        stream=QUEUE_STREAM, subject=subject_id,
    )  # fmt: skip
    await scope.run(
        "delete from outbox where shop_id = :shop_id and payload->>'subject_id' = :subject", subject=subject_id
    )
    await scope.session.execute(
        delete(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.subject_id == subject_id)
    )


async def listed(
    scope: Scope, *, state: str | None, limit: int, reason: str | None = None, claimed_by: str | None = None,
    origin: str | None = None,
) -> list[Handoff]:  # fmt: skip
    """In the order in which they will be taken."""
    ids = await scope.all(
        f"""select h.id from handoffs h, {TOPMOST} t where h.shop_id = :shop_id
        and (cast(:state as text) is null or h.state = :state) and (cast(:reason as text) is null or h.reason = :reason)
        and (cast(:operator as text) is null or h.claimed_by = :operator)
        and (cast(:origin as text) is null or h.origin = :origin) order by {ORDER} limit :limit""",
        state=state, reason=reason, operator=claimed_by, origin=origin, limit=limit,
    )  # fmt: skip
    return await by_ids(scope, [row.id for row in ids])


async def ended_today(
    scope: Scope, *, limit: int, reason: str | None = None, claimed_by: str | None = None, origin: str | None = None
) -> list[Handoff]:
    """The latest first."""
    narrowed = {Handoff.reason: reason, Handoff.claimed_by: claimed_by, Handoff.origin: origin}
    statement = select(Handoff).where(
        Handoff.shop_id == scope.shop_id,
        Handoff.resolved_at >= func.date_trunc("day", func.livecrew_now(), "Asia/Shanghai"),
        *(column == value for column, value in narrowed.items() if value is not None),
    )
    return list(await scope.session.scalars(statement.order_by(Handoff.resolved_at.desc(), Handoff.id).limit(limit)))


async def by_ids(scope: Scope, ids: Sequence[str]) -> list[Handoff]:
    """In the order of the ids."""
    found = await scope.session.scalars(select(Handoff).where(Handoff.shop_id == scope.shop_id, Handoff.id.in_(ids)))
    known = {one.id: one for one in found}
    return [known[one] for one in ids if one in known]


async def positions(scope: Scope) -> dict[str, int]:
    """Of everything queued, by id; 1 = taken next."""
    rows = await scope.all(
        f"""select h.id, row_number() over (order by {ORDER}) as position from handoffs h, {TOPMOST} t
        where h.shop_id = :shop_id and h.state = 'queued'"""
    )
    return {row.id: row.position for row in rows}


async def position(scope: Scope, handoff: Handoff) -> int:
    """1 = next to be claimed; 0 once claimed."""
    return await position_of(scope, handoff)


async def waits_since(scope: Scope, handoffs: Sequence[Handoff]) -> dict[str, datetime]:
    """By id: when the shopper wrote what nobody has answered since the last reply. Without a reply there is none."""
    rows = await scope.all(
        """select h.id, min(m.created_at) as since from handoffs h join messages m on m.conversation_id = h.subject_id
        and m.author = 'shopper' and m.created_at > h.last_reply_at
        where h.shop_id = :shop_id and h.id = any(:ids) group by h.id""",
        ids=[one.id for one in handoffs if one.last_reply_at is not None],
    )
    return {row.id: row.since for row in rows}


async def notes_of(scope: Scope, handoff_id: str) -> list[HandoffNote]:
    """Oldest first."""
    statement = select(HandoffNote).where(HandoffNote.shop_id == scope.shop_id, HandoffNote.handoff_id == handoff_id)
    return list(await scope.session.scalars(statement.order_by(HandoffNote.created_at, HandoffNote.id)))


async def last_operator_of(scope: Scope, subject_id: str, *, days: int) -> str | None:
    """Who last ended a handoff of this conversation, or of another conversation of its proven shopper."""
    row = await scope.one(
        """select h.claimed_by from handoffs h where h.shop_id = :shop_id and h.claimed_by is not null
        and h.resolved_at > livecrew_now() - make_interval(days => :days)
        and (h.subject_id = :subject or h.subject_id in (
          select o.id from conversations c join conversations o on o.shop_id = c.shop_id and o.shopper_id = c.shopper_id
          where c.shop_id = :shop_id and c.id = :subject))
        order by h.resolved_at desc limit 1""",
        subject=subject_id, days=days,
    )  # fmt: skip
    return row.claimed_by if row else None
