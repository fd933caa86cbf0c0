"""What whoever holds a handoff does with it; every act proves the fence on the locked row (service.md §4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from agents.conversations import ownership
from agents.handoff import moves, repository
from agents.handoff.errors import StaleFenceError
from agents.handoff.lifecycle import HandoffAction, HandoffState, next_state
from agents.handoff.models import Handoff, HandoffNote
from agents.handoff.priority import raised
from agents.handoff.standing import rules_for
from agents.handoff.views import Actor
from knowledge.kit.db import Scope, check_storable
from knowledge.kit.errors import InvalidInputError
from knowledge.kit.ids import new_id

MAX_WORDS = 2000
_ENDS = {
    HandoffAction.RESOLVE: "resolved",
    HandoffAction.RETURN: "returned_to_bot",
    HandoffAction.CANCEL: "cancelled",
}


def holds(handoff: Handoff, actor: Actor) -> bool:
    return handoff.state == HandoffState.CLAIMED and handoff.claimed_by == actor.id


def prove(handoff: Handoff, actor: Actor, fence: int) -> None:
    """Raises: StaleFenceError unless the handoff is claimed by this operator under this very claim."""
    if not holds(handoff, actor) or handoff.fence != fence:
        raise StaleFenceError(
            "You no longer hold this handoff.", handoff_id=handoff.id, state=handoff.state, fence=handoff.fence,
            claimed_by=handoff.claimed_by,
        )  # fmt: skip


def permit(handoff: Handoff, actor: Actor, fence: int | None) -> None:
    """`fence` None is for work nobody holds, and for supervisors and shops, who need no claim of their own.

    Raises: StaleFenceError.
    """
    if fence is not None:
        prove(handoff, actor, fence)
    elif handoff.state == HandoffState.CLAIMED and actor.kind == "operator":
        raise StaleFenceError(
            "Somebody holds this handoff.", handoff_id=handoff.id, state=handoff.state, fence=handoff.fence,
            claimed_by=handoff.claimed_by,
        )  # fmt: skip


async def held(scope: Scope, handoff_id: str, actor: Actor, fence: int | None) -> Handoff:
    """The row, locked. Raises: NotFoundError, StaleFenceError."""
    handoff = await repository.get(scope, handoff_id, lock=True)
    permit(handoff, actor, fence)
    return handoff


def checked(field: str, words: str, *, required: bool = False) -> str:
    """Raises: InvalidInputError."""
    check_storable(field, words)
    if required and not words.strip():
        raise InvalidInputError("Nothing was written.", field=field, rule="at least one character")
    if len(words) > MAX_WORDS:
        raise InvalidInputError("This is too long.", field=field, rule=f"at most {MAX_WORDS} characters")
    return words


def digest(words: str) -> str:
    """How the audit remembers words without keeping them."""
    return sha256(words.encode()).hexdigest()


async def requeue(scope: Scope, handoff: Handoff) -> None:
    """Back into the queue with its age; the row is locked and the move was checked."""
    handoff.state = HandoffState.QUEUED.value
    handoff.claimed_by = None
    handoff.lease_until = None
    handoff.sticky_operator = None
    handoff.queued_at = await repository.now(scope)
    await scope.session.flush()


async def release(scope: Scope, handoff: Handoff, actor: Actor, why: str) -> None:
    next_state(HandoffState(handoff.state), HandoffAction.RELEASE)
    await requeue(scope, handoff)
    await moves.tell_shopper(scope, handoff)
    await moves.tell(scope, handoff, "released", actor, why_sha256=digest(why))


async def escalate(
    scope: Scope, handoff: Handoff, actor: Actor, *, why: str, skills: Sequence[str], release: bool
) -> None:
    next_state(HandoffState(handoff.state), HandoffAction.ESCALATE)
    handoff.priority = raised(handoff.priority)
    handoff.skills = list(dict.fromkeys((*handoff.skills, *skills)))
    if release and handoff.state == HandoffState.CLAIMED:
        await requeue(scope, handoff)
    await scope.session.flush()
    await moves.tell_shopper(scope, handoff)
    await moves.tell(scope, handoff, "escalated", actor, warn=True, why_sha256=digest(why))


async def note(scope: Scope, handoff: Handoff, actor: Actor, text: str) -> HandoffNote:
    next_state(HandoffState(handoff.state), HandoffAction.NOTE)
    made = HandoffNote(
        id=new_id("nte"), shop_id=scope.shop_id, handoff_id=handoff.id, operator_id=actor.id, fence=handoff.fence,
        text=text,
    )  # fmt: skip
    scope.session.add(made)
    await scope.session.flush()
    await moves.tell(scope, handoff, "noted", actor, note_id=made.id, words_sha256=digest(text))
    return made


async def finish(
    scope: Scope, handoff: Handoff, actor: Actor, action: HandoffAction, *, words: str, end_conversation: bool = False
) -> str | None:
    """Resolve, return or cancel: the conversation is the bot's again. Returns the id of the turn in which the bot takes
    up what the shopper wrote meanwhile, where it is to."""
    handoff.state = next_state(HandoffState(handoff.state), action).value
    handoff.resolution = words
    handoff.resolved_at = await repository.now(scope)
    handoff.lease_until = None
    await scope.session.flush()
    turn = None
    if handoff.origin == "support":
        resumes = action is HandoffAction.RETURN
        triggers = await repository.triggers_of(scope, handoff.id) if resumes else None
        turn = await ownership.to_bot(scope, handoff.subject_id, end=end_conversation, resume_after=triggers)
    detail = {"turn_id": turn.id} if turn else {}
    await moves.tell(scope, handoff, _ENDS[action], actor, words_sha256=digest(words), **detail)
    return turn.id if turn else None


def already(handoff: Handoff, actor: Actor, fence: int | None, action: HandoffAction) -> bool:
    """Whether this very act was done before: a retry whose first answer was lost is no conflict."""
    done = {HandoffAction.RESOLVE: HandoffState.RESOLVED, HandoffAction.RETURN: HandoffState.RETURNED_TO_BOT}
    mine = handoff.claimed_by == actor.id and handoff.fence == fence
    return mine and handoff.state == done.get(action)


async def extended(scope: Scope, handoff: Handoff) -> datetime:
    """Whoever acts is there: a new lease, until the instant returned."""
    rules = await rules_for(scope)
    until = await repository.now(scope) + timedelta(seconds=rules.lease_s)
    handoff.lease_until = until
    await scope.session.flush()
    return until
