"""How an operator comes to hold a handoff: the next in line, a certain one, one pushed by a supervisor, or straight
from the bot. Each makes a new fence, and moves the conversation's, so that no bot message can follow it."""

from typing import Any

from agents.conversations import ownership
from agents.handoff import claim_rows, intake, repository
from agents.handoff.errors import AlreadyClaimedError, AtCapacityError, OperatorUnavailableError
from agents.handoff.lifecycle import HandoffAction, HandoffState, next_state
from agents.handoff.models import Handoff
from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason
from agents.handoff.views import Actor, Claimed
from knowledge.kit.db import Scope
from knowledge.kit.ids import new_id


async def claim_next(scope: Scope, actor: Actor) -> Claimed | None:
    """None when nothing waits that this operator may take. Raises: OperatorUnavailableError, AtCapacityError."""
    row = await claim_rows.take(scope, actor.id, actor)
    _check(row, actor.id)
    return _claimed(row) if row.outcome == "claimed" else None


async def claim(scope: Scope, handoff_id: str, actor: Actor) -> Claimed:
    """Chosen by hand: capacity counts, skills are the operator's own judgement. One's own again is the same claim.

    Raises: NotFoundError, OperatorUnavailableError, AtCapacityError, AlreadyClaimedError, ConflictError.
    """
    row = await claim_rows.take(scope, actor.id, actor, handoff_id=handoff_id, chosen=True)
    if row.outcome == "claimed":
        return _claimed(row)
    handoff = await repository.get(scope, handoff_id)
    if handoff.state == HandoffState.CLAIMED and handoff.claimed_by == actor.id:
        return _as_held(handoff)
    if handoff.state == HandoffState.CLAIMED:
        raise AlreadyClaimedError("Somebody else was faster.", handoff_id=handoff.id, claimed_by=handoff.claimed_by)
    next_state(HandoffState(handoff.state), HandoffAction.CLAIM)
    _check(row, actor.id)
    raise AlreadyClaimedError("Somebody else was faster.", handoff_id=handoff.id, claimed_by=handoff.claimed_by)


async def assign(scope: Scope, handoff_id: str, operator_id: str, by: Actor) -> Claimed:
    """Pushed to an operator, from the queue or from another operator, whatever they hold and can.

    Raises: NotFoundError, OperatorUnavailableError, ConflictError when it has ended.
    """
    handoff = await repository.get(scope, handoff_id, lock=True)
    if handoff.state == HandoffState.CLAIMED and handoff.claimed_by == operator_id:
        return _as_held(handoff)
    next_state(HandoffState(handoff.state), HandoffAction.ASSIGN)
    before = handoff.claimed_by if handoff.state == HandoffState.CLAIMED else None
    handoff.state = HandoffState.QUEUED.value  # within this transaction only: the claim below takes it from there
    await scope.session.flush()
    row = await claim_rows.take(
        scope, operator_id, by, handoff_id=handoff_id, pushed=True, kind="assigned", to=operator_id, **{"from": before}
    )  # fmt: skip
    _check(row, operator_id)
    scope.session.expire(handoff)
    return _claimed(row)


async def take_over(scope: Scope, conversation_id: str, actor: Actor) -> Claimed:
    """A conversation the bot holds goes to this operator at once, or the queued handoff it already has.

    Raises: NotFoundError, OperatorUnavailableError, AtCapacityError, AlreadyClaimedError.
    """
    current = await repository.unfinished_of(scope, conversation_id)
    if current is None:
        await ownership.to_person(scope, conversation_id)
        current = (await repository.unfinished_of(scope, conversation_id)) or await _intervene(
            scope, conversation_id, actor
        )
    return await claim(scope, current.id, actor)


async def _intervene(scope: Scope, conversation_id: str, actor: Actor) -> Handoff:
    reason = HandoffReason.CUSTOMER_REQUEST
    packet = Packet(reason=reason.value, ask="坐席主动接入", tried=("operator_intervened",))
    asked = intake.Intake("support", conversation_id, new_id("tko"), reason, packet)
    return (await intake.enqueue(scope, asked, actor=actor)).handoff


def _check(row: Any, operator_id: str) -> None:
    if row.outcome == "at_capacity":
        raise AtCapacityError("This operator holds as many as they may.", capacity=row.capacity)
    if row.outcome not in ("claimed", "empty"):
        raise OperatorUnavailableError("This operator is not there.", operator_id=operator_id, status=row.outcome)


def _claimed(row: Any) -> Claimed:
    return Claimed(row.id, row.subject_id, row.origin, row.fence, row.lease_until)


def _as_held(handoff: Handoff) -> Claimed:
    if handoff.lease_until is None:
        raise AssertionError("a claimed handoff has a lease")
    return Claimed(handoff.id, handoff.subject_id, handoff.origin, handoff.fence, handoff.lease_until)
