"""The queue to read: what waits, what stands in one handoff, what happens now, and how the desk is doing."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from agents.handoff import audit, repository
from agents.handoff.acts import holds
from agents.handoff.incidents import Incidents
from agents.handoff.lifecycle import HandoffState
from agents.handoff.reasons import HandoffReason
from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.views import HandoffView
from api import live, sse
from api.auth.desk import DeskCaller
from api.auth.rights import Right, may_reveal
from api.desk_access import READ, Caller, Wired, admit, queue_of
from api.handoff_view import line_of, masked_packet
from api.schemas import Id, Words
from api.schemas.handoffs import (
    DraftOut,
    HandoffDetailOut,
    HandoffOut,
    NoteOut,
    OperatorStateOut,
    Origin,
    QueueLoadOut,
    RevealedOut,
    RevealIn,
    TrendDayOut,
)
from knowledge.kit.events import Event, last_offset

router = APIRouter(prefix="/v1/handoffs", tags=["handoffs"])


@router.get("")
async def list_handoffs(
    wired: Wired,
    caller: Caller,
    state: HandoffState | None = None,
    reason: HandoffReason | None = None,
    claimed_by: Annotated[Words | None, Query(max_length=64)] = None,
    origin: Origin | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[HandoffOut]:
    """In the order in which they will be taken. Merchandisers see those of selection, hosts those of narration."""
    caller.require(*READ)
    origins = caller.narrowed(origin)
    chosen: Iterable[str | None] = [None] if origins is None else sorted(origins)
    found: list[HandoffView] = []
    for one in chosen:
        found += await queue_of(wired).listed(
            caller.shop_id, state=state, reason=reason, claimed_by=claimed_by, origin=one, limit=limit
        )
    if origins is not None and len(origins) > 1:
        found.sort(key=lambda view: (view.position == 0, view.position))
    return [HandoffOut.model_validate(line_of(view)) for view in found[:limit]]


@router.get("/load")
async def read_load(wired: Wired, caller: Caller) -> QueueLoadOut:
    """How the queue stands now, and who is there."""
    caller.require(Right.HANDOFFS_READ)
    async with wired.database.transaction(caller.shop_id) as scope:
        offset = await last_offset(scope, QUEUE_STREAM)
    load = await queue_of(wired).load(caller.shop_id)
    return QueueLoadOut.model_validate({**vars(load), "last_offset": offset}, from_attributes=True)


@router.get("/first-response")
async def first_response(
    wired: Wired, caller: Caller, days: Annotated[int, Query(ge=1, le=366)] = 14
) -> list[TrendDayOut]:
    """Day by day: how many came, how many a person answered, and how many of them within the target."""
    caller.require(Right.HANDOFFS_READ)
    found = await queue_of(wired).first_response_trend(caller.shop_id, days=days)
    return [TrendDayOut.model_validate(day) for day in found]


@router.get("/events", response_class=StreamingResponse, responses=sse.RESPONSES)
async def follow_queue(
    request: Request, wired: Wired, caller: Caller, after: Annotated[int | None, Query(ge=0, le=live.LAST)] = None
) -> StreamingResponse:
    """Every move of every handoff as server-sent events, from an offset on or else from now on; `Last-Event-ID` counts
    when it is further. The stream ends when the sign-in does."""
    caller.require(*READ)

    async def still_may(again: DeskCaller) -> None:
        again.require(*READ)

    def shown(now: DeskCaller, event: Event) -> Event | None:
        return event if now.sees_all or event.data.get("origin") in now.origins else None

    return await live.respond(request, wired, caller, QUEUE_STREAM, after, shown=shown, admitted=still_may)


@router.get("/{handoff_id}")
async def read_handoff(handoff_id: Id, wired: Wired, caller: Caller) -> HandoffDetailOut:
    """With the packet, notes, and the draft of its incident's decision."""
    await admit(wired, caller, handoff_id, *READ)
    view = await queue_of(wired).read(caller.shop_id, handoff_id)
    notes = await queue_of(wired).notes(caller.shop_id, handoff_id)
    draft = await Incidents(wired.database).draft_of(caller.shop_id, handoff_id)
    return HandoffDetailOut.model_validate(
        {
            **line_of(view),
            "packet": masked_packet(view.packet),
            "notes": [NoteOut.model_validate(note) for note in notes],
            "draft": DraftOut.model_validate(draft) if draft else None,
        }
    )


@router.post("/{handoff_id}/reveal")
async def reveal_packet(handoff_id: Id, body: RevealIn, wired: Wired, caller: Caller) -> RevealedOut:
    """The packet with nothing hidden: for whoever holds the handoff, for supervisors and admins, and for keys with
    `shoppers:read`. It stands in the audit before it is answered."""
    caller.require(*READ)
    async with wired.database.transaction(caller.shop_id) as scope:
        handoff = await repository.get(scope, handoff_id, lock=True)
        caller.admit(handoff.origin, handoff_id)
        caller.require(*may_reveal(holds=holds(handoff, caller.actor)))
        await audit.revealed(scope, handoff, caller.actor, why=body.why)
        packet = dict(handoff.packet)
    return RevealedOut(handoff_id=handoff_id, packet=packet)


@router.get("/{handoff_id}/operators")
async def fitting_operators(handoff_id: Id, wired: Wired, caller: Caller) -> list[OperatorStateOut]:
    """Who is there, the best for this handoff first: for a supervisor who assigns."""
    await admit(wired, caller, handoff_id, Right.DESK_SUPERVISE)
    found = await queue_of(wired).fitting(caller.shop_id, handoff_id)
    return [OperatorStateOut.model_validate(one) for one in found]
