"""An operator's words to the shopper: fenced, sent once a key, the owner proven inside the transaction that sends."""

from agents.conversations import repository as conversations
from agents.conversations.service import add_message
from agents.handoff import acts, moves, repository
from agents.handoff.errors import KeyReusedError, NotAConversationError, StaleFenceError
from agents.handoff.lifecycle import HandoffAction, HandoffState, next_state
from agents.handoff.models import Handoff
from agents.handoff.sla import course_of, pause_s
from agents.handoff.standing import rules_for
from agents.handoff.views import Actor, Sent
from knowledge.kit.db import Scope

_KEYS = "operator:"
"""Before an operator's key, so that it never meets a shopper's in the same conversation."""


async def reply(
    scope: Scope, handoff_id: str, actor: Actor, fence: int, text: str, *, client_key: str, **told: str
) -> Sent:
    """The same key and text again is the message that was sent, whoever holds the handoff by now: a retry asks what
    became of it. `told` goes to the audit beside the message.

    Raises: NotFoundError, StaleFenceError, NotAConversationError, KeyReusedError, InvalidInputError.
    """
    acts.checked("text", text, required=True)
    acts.checked("client_key", client_key, required=True)
    handoff = await repository.get(scope, handoff_id, lock=True)
    if handoff.origin != "support":
        raise NotAConversationError("There is no shopper to write to.", origin=handoff.origin)
    conversation = await conversations.get(scope, handoff.subject_id, lock=True)
    key = f"{_KEYS}{client_key}"
    if (known := await conversations.by_client_key(scope, conversation.id, key)) is not None:
        if known.text != text:
            raise KeyReusedError("This client_key was used for another message.", client_key=client_key)
        return Sent(known.id, known.position, repeated=True)
    acts.prove(handoff, actor, fence)
    if conversation.owner != "handoff":
        raise StaleFenceError(
            "The conversation is not with the people now.", handoff_id=handoff.id, state=handoff.state,
            fence=handoff.fence, claimed_by=handoff.claimed_by,
        )  # fmt: skip
    next_state(HandoffState(handoff.state), HandoffAction.REPLY)
    message = await add_message(scope, conversation.id, author="operator", text=text, client_key=key)
    await _answered(scope, handoff)
    detail = {"message_id": message.id, "words_sha256": acts.digest(text), **told}
    await moves.tell(scope, handoff, "replied", actor, **detail)
    return Sent(message.id, message.position, repeated=False)


async def _answered(scope: Scope, handoff: Handoff) -> None:
    """Clocks: what of the time since our last reply was the shopper's turn, then a new reply and a new lease."""
    rules = await rules_for(scope)
    now = await repository.now(scope)
    waiting = await repository.waits_since(scope, [handoff])
    handoff.paused_s += round(pause_s(course_of(handoff, waiting.get(handoff.id)), now, rules.hours))
    handoff.first_reply_at = handoff.first_reply_at or now
    handoff.last_reply_at = now
    handoff.sla_warned = [one for one in handoff.sla_warned if one != "next"]
    handoff.sla_breached = [one for one in handoff.sla_breached if one != "next"]
    await acts.extended(scope, handoff)
