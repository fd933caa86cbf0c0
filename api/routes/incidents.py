"""Burst: many handoffs with one cause, one decision, a draft for each, still sent one by one."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from agents.handoff.incidents import Incidents
from api.auth.rights import Right
from api.desk_access import Caller, Wired, admit
from api.schemas import Id
from api.schemas.desk import ClusterOut, DecisionIn, FenceIn, IncidentIn, IncidentOut
from api.schemas.handoffs import DraftOut, SentOut

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])


@router.get("")
async def list_incidents(
    wired: Wired, caller: Caller, state: Literal["open", "ended"] | None = None
) -> list[IncidentOut]:
    """Newest first."""
    caller.require(Right.HANDOFFS_READ)
    found = await Incidents(wired.database).listed(caller.shop_id, state=state)
    return [IncidentOut.model_validate(one) for one in found]


@router.get("/clusters")
async def list_clusters(
    wired: Wired,
    caller: Caller,
    least: Annotated[int, Query(ge=2, le=1000)] = 3,
    within_s: Annotated[int, Query(ge=60, le=86_400)] = 1800,
) -> list[ClusterOut]:
    """Causes that so many open handoffs share and that are no incident yet, the largest first."""
    caller.require(Right.HANDOFFS_READ)
    found = await Incidents(wired.database).clusters(caller.shop_id, least=least, within_s=within_s)
    return [ClusterOut.model_validate(one) for one in found]


@router.post("", status_code=201)
async def group(body: IncidentIn, wired: Wired, caller: Caller) -> IncidentOut:
    """Opens the cause's incident, or adds to the one that is open."""
    caller.require(Right.DESK_SUPERVISE)
    made = await Incidents(wired.database).group(
        caller.shop_id, caller.actor, cause=body.cause, title=body.title, handoff_ids=body.handoff_ids
    )
    return IncidentOut.model_validate(made)


@router.get("/{incident_id}")
async def read_incident(incident_id: Id, wired: Wired, caller: Caller) -> IncidentOut:
    caller.require(Right.HANDOFFS_READ)
    return IncidentOut.model_validate(await Incidents(wired.database).read(caller.shop_id, incident_id))


@router.post("/{incident_id}/decision")
async def decide(incident_id: Id, body: DecisionIn, wired: Wired, caller: Caller) -> list[DraftOut]:
    """The drafts it makes. A later decision replaces what was not sent yet."""
    caller.require(Right.DESK_SUPERVISE)
    drafts = await Incidents(wired.database).decide(caller.shop_id, incident_id, caller.actor, body.text)
    return [DraftOut.model_validate(one) for one in drafts]


@router.post("/{incident_id}/drafts/{handoff_id}/send", status_code=201)
async def send_draft(incident_id: Id, handoff_id: Id, body: FenceIn, wired: Wired, caller: Caller) -> SentOut:
    """As the reply of whoever holds the handoff, once: the same call again returns what was sent."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK)
    sent = await Incidents(wired.database).send(caller.shop_id, incident_id, handoff_id, caller.actor, body.fence)
    return SentOut.model_validate(sent)


@router.post("/{incident_id}/end")
async def end(incident_id: Id, wired: Wired, caller: Caller) -> IncidentOut:
    """Unsent drafts are dropped; the handoffs go on by themselves."""
    caller.require(Right.DESK_SUPERVISE)
    return IncidentOut.model_validate(await Incidents(wired.database).end(caller.shop_id, incident_id, caller.actor))
