"""Operators at the queue: signing in, who is there, what they can do and how much they may hold."""

from fastapi import APIRouter, Request

from agents.handoff.presence import Presence
from agents.handoff.views import OperatorState
from api.auth import operators, sign_ins
from api.auth.desk import DeskCaller
from api.auth.operators import SignedIn
from api.auth.rights import Right, origins_of
from api.desk_access import Caller, Wired
from api.schemas import Id
from api.schemas.desk import OperatorOut, SignedInOut, SignInIn
from api.schemas.handoffs import OperatorStateOut, PresenceIn
from api.services import bearer, caller
from knowledge.kit.errors import ForbiddenError, NotFoundError, UnauthorizedError

router = APIRouter(prefix="/v1", tags=["operators"])


def _told(who: SignedIn) -> OperatorOut:
    return OperatorOut(
        operator_id=who.operator_id,
        login=who.login,
        name=who.name,
        roles=list(who.roles),
        rights=sorted(right.value for right in who.rights),
        origins=list(origins_of(who.roles)),
    )


@router.post("/sign-in")
async def sign_in(body: SignInIn, request: Request, wired: Wired) -> SignedInOut:
    """Of an account of the console. Five wrong passwords lock it for a while; 401 tells nothing more."""
    wired.sign_in_limit.spend(caller(request))
    who = await operators.sign_in(wired.database, body.login, body.password)
    token, ends = sign_ins.issue_token(wired.token_secret, who, wired.clock.now())
    return SignedInOut(token=token, expires_at=ends, shop_id=who.shop_id, operator=_told(who))


@router.post("/sign-in/renew")
async def renew(request: Request, wired: Wired, desk: Caller) -> SignedInOut:
    """A fresh token for one that is still good, until twelve hours after the password was given."""
    who = _operator(desk)
    now = wired.clock.now()
    found = sign_ins.read_token(wired.token_secret, bearer(request), now)
    if found is None or now >= found[1] + sign_ins.LASTS:
        raise UnauthorizedError("This sign-in has ended; please sign in again.")
    token, ends = sign_ins.issue_token(wired.token_secret, who, now, since=found[1])
    return SignedInOut(token=token, expires_at=ends, shop_id=who.shop_id, operator=_told(who))


@router.get("/operators/me")
async def read_me(desk: Caller) -> OperatorOut:
    return _told(_operator(desk))


def _operator(desk: DeskCaller) -> SignedIn:
    """Raises: ForbiddenError for a key."""
    if desk.operator is None:
        raise ForbiddenError("This is for an operator who signed in, not for a key.", scope="none")
    return desk.operator


@router.get("/operators")
async def list_operators(wired: Wired, desk: Caller) -> list[OperatorStateOut]:
    """Whoever ever came to the queue: those who are there first, then by name."""
    desk.require(Right.HANDOFFS_READ)
    return [OperatorStateOut.model_validate(one) for one in await Presence(wired.database).listed(desk.shop_id)]


@router.put("/operators/me/presence")
async def change_presence(body: PresenceIn, wired: Wired, desk: Caller) -> OperatorStateOut:
    """`online` signs in to the queue. From then on a sign of life is needed every fifteen seconds or so; whoever is
    not heard of for a while loses what they hold to the queue, and so does, at once, whoever goes `offline`."""
    desk.require(Right.DESK_WORK)
    presence = Presence(wired.database)
    if body.status == "online":
        state = await presence.sign_in(
            desk.shop_id, desk.actor.id, name=desk.actor.name, skills=body.skills, capacity=body.capacity
        )
    else:
        state = await presence.set(
            desk.shop_id, desk.actor.id, skills=body.skills, capacity=body.capacity, status=body.status
        )
    return OperatorStateOut.model_validate(state)


@router.get("/operators/me/presence")
async def read_presence(wired: Wired, desk: Caller) -> OperatorStateOut:
    desk.require(Right.DESK_WORK)
    return OperatorStateOut.model_validate(await _state(wired, desk.shop_id, desk.actor.id))


async def _state(wired: Wired, shop_id: str, operator_id: str) -> OperatorState:
    """Raises: NotFoundError for somebody who never came to the queue."""
    for one in await Presence(wired.database).listed(shop_id):
        if one.operator_id == operator_id:
            return one
    raise NotFoundError("This operator never signed in to the queue.", operator_id=operator_id)


@router.post("/operators/me/presence/beat")
async def beat(wired: Wired, desk: Caller) -> OperatorStateOut:
    """A sign of life: all that this operator holds is theirs for another lease. 404 for who is not signed in."""
    desk.require(Right.DESK_WORK)
    if not await Presence(wired.database).beat(desk.shop_id, desk.actor.id):
        raise NotFoundError("This operator is not signed in to the queue.", operator_id=desk.actor.id)
    return OperatorStateOut.model_validate(await _state(wired, desk.shop_id, desk.actor.id))


@router.delete("/operators/me/presence", status_code=204)
async def sign_out(wired: Wired, desk: Caller) -> None:
    """Offline; what they held is queued again before this returns."""
    desk.require(Right.DESK_WORK)
    await Presence(wired.database).sign_out(desk.shop_id, desk.actor.id)


@router.put("/operators/{operator_id}/presence")
async def change_operator(operator_id: Id, body: PresenceIn, wired: Wired, desk: Caller) -> OperatorStateOut:
    """A supervisor's: the skills and capacity of an operator, or sending them off."""
    desk.require(Right.DESK_SUPERVISE)
    if body.status == "online":
        raise ForbiddenError("Only they themselves can tell that they are there.", right="self")
    state = await Presence(wired.database).set(
        desk.shop_id, operator_id, skills=body.skills, capacity=body.capacity, status=body.status
    )
    return OperatorStateOut.model_validate(state)
