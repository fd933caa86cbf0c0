"""The queue's memory: who did what, when, under which fence; provable entry by entry."""

from typing import Annotated

from fastapi import APIRouter, Query

from agents.handoff import audit
from api.auth.rights import Right
from api.desk_access import Caller, Wired
from api.schemas import Words
from api.schemas.desk import AuditExportOut, AuditLineOut, AuditVerifiedOut, ChainHeadOut

router = APIRouter(prefix="/v1/audit", tags=["audit"])
About = Annotated[Words, Query(max_length=128)]
_LAST = 2**53


@router.get("")
async def list_entries(
    wired: Wired, caller: Caller, handoff_id: About = "", subject_id: About = "", order_id: About = "",
    after: Annotated[int, Query(ge=0, le=_LAST)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AuditLineOut]:  # fmt: skip
    """Oldest first; go on with `after` the last `seq`. Holds ids, codes and digests, never words of a shopper."""
    caller.require(Right.AUDIT_READ)
    async with wired.database.transaction(caller.shop_id) as scope:
        found = await audit.entries(
            scope, handoff_id=handoff_id, subject_id=subject_id, order_id=order_id, after=after, limit=limit
        )
    return [AuditLineOut.model_validate(one) for one in found]


@router.get("/verify")
async def verify(wired: Wired, caller: Caller) -> AuditVerifiedOut:
    """Computes the shop's whole chain anew."""
    caller.require(Right.AUDIT_READ)
    async with wired.database.transaction(caller.shop_id, snapshot=True) as scope:
        found = await audit.verify(scope)
        seq, newest = await audit.head(scope)
    return AuditVerifiedOut(
        entries=found.entries, broken_at=found.broken_at, whole=found.whole, head=ChainHeadOut(seq=seq, hash=newest)
    )


@router.get("/export")
async def export(
    wired: Wired, caller: Caller, handoff_id: About = "", subject_id: About = "", order_id: About = ""
) -> AuditExportOut:
    """Of one handoff, one conversation, line or candidate, or one order: the entries with what proves them."""
    caller.require(Right.AUDIT_READ)
    async with wired.database.transaction(caller.shop_id, snapshot=True) as scope:
        found = await audit.export(scope, handoff_id=handoff_id, subject_id=subject_id, order_id=order_id)
    return AuditExportOut.model_validate(found)
