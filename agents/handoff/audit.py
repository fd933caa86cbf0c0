"""The queue's memory: append-only, chained by hash within a shop, without any shopper's words.

The database appends (livecrew_audit) and refuses change; here it is read, proven and exported. A chain proves that no
entry was altered, removed or put in between; that none was cut from its end is proven by comparing `head` with one kept
elsewhere, which is what exports are for.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, select

from agents.handoff.acts import checked, digest
from agents.handoff.models import AuditEntry, Handoff, HandoffMove
from agents.handoff.moves import order_ids
from agents.handoff.views import Actor, AuditLine, Verified
from knowledge.kit.db import Scope
from knowledge.kit.errors import InvalidInputError

GENESIS = "0" * 64
_BATCH = 2000


async def record(
    scope: Scope, *, handoff_id: str, subject_id: str, action: str, actor: Actor, fence: int,
    order_ids: Iterable[str] = (), **detail: Any,
) -> None:  # fmt: skip
    """For acts that move no handoff: appended at commit. `detail` holds ids and codes
    only."""
    scope.session.add(
        HandoffMove(
            shop_id=scope.shop_id, handoff_id=handoff_id, subject_id=subject_id, order_ids=list(order_ids),
            action=action, actor=actor.told, fence=fence, detail=detail,
        )
    )  # fmt: skip
    await scope.session.flush()


async def revealed(scope: Scope, handoff: Handoff, actor: Actor, *, why: str) -> None:
    """Before its masked personal data is shown. Raises: InvalidInputError without a reason, kept as a digest."""
    await record(
        scope, handoff_id=handoff.id, subject_id=handoff.subject_id, action="revealed", actor=actor,
        fence=handoff.fence, order_ids=order_ids(handoff.packet),
        why_sha256=digest(checked("why", why, required=True)),
    )  # fmt: skip


async def entries(
    scope: Scope, *, handoff_id: str = "", subject_id: str = "", order_id: str = "", after: int = 0, limit: int = 1000
) -> list[AuditLine]:
    """Oldest first; what is given narrows."""
    statement = select(AuditEntry).where(AuditEntry.shop_id == scope.shop_id, AuditEntry.seq > after)
    if handoff_id:
        statement = statement.where(AuditEntry.handoff_id == handoff_id)
    if subject_id:
        statement = statement.where(AuditEntry.subject_id == subject_id)
    if order_id:
        statement = statement.where(AuditEntry.order_ids.contains([order_id]))
    return [_line(one) for one in await scope.session.scalars(statement.order_by(AuditEntry.seq).limit(limit))]


async def head(scope: Scope) -> tuple[int, str]:
    """(number, hash) of the newest entry; (0, 64 zeros) before the first."""
    row = await scope.one("select seq, hash from handoff_audit where shop_id = :shop_id order by seq desc limit 1")
    return (row.seq, row.hash) if row else (0, GENESIS)


async def verify(scope: Scope) -> Verified:
    """The shop's whole chain, computed anew. Read in a snapshot where others write."""
    seen, previous = 0, GENESIS
    while batch := list(await scope.session.scalars(_chain(scope, after=seen))):
        for entry in batch:
            if entry.seq != seen + 1 or not follows(entry, previous):
                return Verified(seen, broken_at=seen + 1)
            seen, previous = entry.seq, entry.hash
        scope.session.expunge_all()
    return Verified(seen, broken_at=None)


def _chain(scope: Scope, *, after: int) -> Select[AuditEntry]:
    mine = select(AuditEntry).where(AuditEntry.shop_id == scope.shop_id, AuditEntry.seq > after)
    return mine.order_by(AuditEntry.seq).limit(_BATCH)


def hash_of(previous: str, body: str) -> str:
    return sha256((previous + body).encode()).hexdigest()


def follows(entry: AuditEntry, previous: str) -> bool:
    """Whether the entry's hash is its own, and the columns tell what its hashed body tells."""
    body = json.loads(entry.body)
    told = {
        "shop": entry.shop_id, "seq": entry.seq, "handoff": entry.handoff_id, "subject": entry.subject_id,
        "orders": entry.order_ids, "action": entry.action, "actor": entry.actor, "fence": entry.fence,
        "at": entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }  # fmt: skip
    return (
        entry.prev_hash == previous
        and entry.hash == hash_of(previous, entry.body)
        and {key: body.get(key) for key in told} == told
    )


async def export(scope: Scope, *, handoff_id: str = "", subject_id: str = "", order_id: str = "") -> dict[str, Any]:
    """JSON ready: the entries asked for with their hashed bodies, so that each can be proven by itself, and the head of
    the chain they stand in. Raises: InvalidInputError without a choice."""
    if not (handoff_id or subject_id or order_id):
        raise InvalidInputError("Tell whose entries.", field="order_id", rule="a handoff, a subject or an order")
    found = await entries(scope, handoff_id=handoff_id, subject_id=subject_id, order_id=order_id, limit=1_000_000)
    seq, newest = await head(scope)
    rows = [{**asdict(one), "at": one.at.isoformat(), "order_ids": list(one.order_ids)} for one in found]
    return {"shop_id": scope.shop_id, "head": {"seq": seq, "hash": newest}, "entries": rows}


def _line(entry: AuditEntry) -> AuditLine:
    return AuditLine(
        seq=entry.seq,
        at=entry.at,
        handoff_id=entry.handoff_id,
        subject_id=entry.subject_id,
        order_ids=tuple(entry.order_ids),
        action=entry.action,
        actor=entry.actor,
        fence=entry.fence,
        detail=json.loads(entry.body)["detail"],
        body=entry.body,
        prev_hash=entry.prev_hash,
        hash=entry.hash,
    )
