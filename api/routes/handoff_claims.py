"""Who holds a handoff: claimed, pushed, kept alive, put back."""

from fastapi import APIRouter

from agents.handoff.errors import AlreadyClaimedError
from agents.handoff.presence import Presence
from agents.handoff.views import Claimed
from api.auth.desk import DeskCaller
from api.auth.rights import Right
from api.desk_access import Caller, Wired, admit, queue_of
from api.schemas import Id
from api.schemas.handoffs import (
    AssignIn,
    ClaimedOut,
    EscalateIn,
    FenceIn,
    LeaseOut,
    NextOut,
    ReleaseIn,
    TakeOverIn,
    WhyIn,
)
from api.services import Services
from knowledge.kit.errors import ConflictError, NotFoundError

router = APIRouter(prefix="/v1/handoffs", tags=["handoffs"])
_LOOKED_AT = 50


@router.post("/claim-next")
async def claim_next(wired: Wired, caller: Caller) -> NextOut:
    """The next handoff this operator may take is theirs. 409 operator_unavailable: not signed in to the queue, or away;
    409 at_capacity."""
    caller.require(Right.DESK_WORK)
    if caller.sees_all:
        claimed = await queue_of(wired).claim_next(caller.shop_id, caller.actor)
    else:
        claimed = await _next_of_origins(wired, caller)
    return NextOut(claimed=ClaimedOut.model_validate(claimed) if claimed else None)


async def _next_of_origins(wired: Services, caller: DeskCaller) -> Claimed | None:
    """For those who see some origins only: one after the other as they stand in the queue, until one is free."""
    queue = queue_of(wired)
    waiting = [
        view
        for origin in sorted(caller.origins)
        for view in await queue.listed(caller.shop_id, state="queued", origin=origin, limit=_LOOKED_AT)
    ]
    for view in sorted(waiting, key=lambda one: one.position):
        try:
            return await queue.claim(caller.shop_id, view.id, caller.actor)
        except (AlreadyClaimedError, ConflictError):
            continue
    return None


@router.post("/take-over")
async def take_over(body: TakeOverIn, wired: Wired, caller: Caller) -> ClaimedOut:
    """A conversation the bot holds is this operator's at once, or the handoff of it that waits."""
    caller.require(Right.DESK_WORK)
    if "support" not in caller.origins:
        raise NotFoundError("There is no such conversation.", conversation_id=body.conversation_id)
    return ClaimedOut.model_validate(
        await queue_of(wired).take_over(caller.shop_id, body.conversation_id, caller.actor)
    )


@router.post("/{handoff_id}/claim")
async def claim(handoff_id: Id, wired: Wired, caller: Caller) -> ClaimedOut:
    """Chosen by hand. One's own again is the same claim; 409 already_claimed: somebody else was faster."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK)
    return ClaimedOut.model_validate(await queue_of(wired).claim(caller.shop_id, handoff_id, caller.actor))


@router.post("/{handoff_id}/assign")
async def assign(handoff_id: Id, body: AssignIn, wired: Wired, caller: Caller) -> ClaimedOut:
    """A supervisor's push to an operator who is there, also away from another one, who gets 409 stale_fence from then
    on."""
    await admit(wired, caller, handoff_id, Right.DESK_SUPERVISE)
    claimed = await queue_of(wired).assign(caller.shop_id, handoff_id, body.operator_id, by=caller.actor)
    return ClaimedOut.model_validate(claimed)


@router.post("/{handoff_id}/heartbeat")
async def heartbeat(handoff_id: Id, body: FenceIn, wired: Wired, caller: Caller) -> LeaseOut:
    """Still at it: every fifteen seconds or so. Also a sign of life of the operator, as
    `POST /v1/operators/me/presence/beat` is for all that they hold."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK)
    until = await queue_of(wired).heartbeat(caller.shop_id, handoff_id, caller.actor, body.fence)
    await Presence(wired.database).beat(caller.shop_id, caller.actor.id)
    return LeaseOut(lease_until=until)


@router.post("/{handoff_id}/release", status_code=204)
async def release(handoff_id: Id, body: ReleaseIn, wired: Wired, caller: Caller) -> None:
    """Back into the queue with its age and class."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK)
    await queue_of(wired).release(caller.shop_id, handoff_id, caller.actor, body.fence, why=body.why)


@router.post("/{handoff_id}/escalate", status_code=204)
async def escalate(handoff_id: Id, body: EscalateIn, wired: Wired, caller: Caller) -> None:
    """One class more urgent; supervisors are warned."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK)
    await queue_of(wired).escalate(
        caller.shop_id, handoff_id, caller.actor, fence=body.fence, why=body.why, skills=body.skills,
        release=body.release,
    )  # fmt: skip


@router.post("/{handoff_id}/cancel", status_code=204)
async def cancel(handoff_id: Id, body: WhyIn, wired: Wired, caller: Caller) -> None:
    """Nobody needs it any more. Without a claim of one's own this is a supervisor's."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK if body.fence is not None else Right.DESK_SUPERVISE)
    await queue_of(wired).cancel(caller.shop_id, handoff_id, caller.actor, fence=body.fence, why=body.why)
