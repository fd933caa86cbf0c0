"""A guest becomes a shopper whose identity is proven, in the same conversation and under a new token.

Whoever knew the guest's token, because they planted it or looked over a shoulder, must not read on once the
conversation is somebody's: the old token opens nothing any more. It remains good for one thing, asking again when the
answer was lost on its way, and only together with a proof of the same shopper.
"""

from dataclasses import dataclass

from agents.conversations import repository
from agents.conversations.models import Conversation
from agents.conversations.streams import stream_name
from agents.conversations.tokens import new_token, opened_before, opens, token_hash
from knowledge.kit import events
from knowledge.kit.db import Scope
from knowledge.kit.errors import ConflictError, UnauthorizedError
from knowledge.orders.models import Shopper

IDENTITY_FAILURES = 3
"""So many failed proofs in a row, and the next turn goes to a person (service.md §2, floor rules)."""


@dataclass(frozen=True)
class Known:
    """The shopper as they are greeted; `tier` is empty where the shop told us none."""

    name: str
    tier: str


async def known(scope: Scope, conversation: Conversation) -> Known | None:
    """None for a guest. The shop's own record speaks first; a shopper it never gave us is called as the proof did."""
    if conversation.shopper_id is None:
        return None
    row = await scope.session.get(Shopper, (scope.shop_id, conversation.shopper_id))
    return Known(row.name or conversation.shopper_name, row.tier) if row else Known(conversation.shopper_name, "")


async def may_prove(scope: Scope, conversation_id: str, token: str) -> None:
    """The first look at the token, before any work is spent on a proof. Raises: NotFoundError, UnauthorizedError."""
    conversation = await repository.get(scope, conversation_id)
    if not opens(conversation, token) and not opened_before(conversation, token):
        raise UnauthorizedError("This token does not belong to this conversation.")


async def proof_failed(scope: Scope, conversation_id: str, token: str) -> None:
    """Counts; a token that died with an earlier proof counts nothing."""
    conversation = await repository.get(scope, conversation_id, lock=True)
    if opens(conversation, token):
        conversation.identity_failures += 1


async def identify(scope: Scope, conversation_id: str, token: str, *, shopper_id: str, name: str) -> tuple[Known, str]:
    """Binds the conversation for good and returns its new token. `shopper_id` was proven by the caller.

    Raises: UnauthorizedError; ConflictError when the conversation is another shopper's.
    """
    conversation = await repository.get(scope, conversation_id, lock=True)
    if opens(conversation, token):
        if conversation.shopper_id not in (None, shopper_id):
            raise ConflictError("This conversation belongs to another shopper; open a new one.")
        conversation.previous_token_hash = conversation.token_hash
    elif not opened_before(conversation, token) or conversation.shopper_id != shopper_id:
        raise UnauthorizedError("This token does not belong to this conversation.")
    fresh = new_token()
    conversation.token_hash = token_hash(fresh)
    found = await bind(scope, conversation, shopper_id=shopper_id, name=name)
    return found, fresh


async def bind(scope: Scope, conversation: Conversation, *, shopper_id: str, name: str) -> Known:
    """The conversation row is new or locked."""
    conversation.shopper_id = shopper_id
    conversation.shopper_name = name or conversation.shopper_name
    conversation.identified_at = await repository.now(scope)
    conversation.identity_failures = 0
    await scope.session.flush()
    found = await known(scope, conversation)
    if found is None:
        raise AssertionError("a bound conversation has a shopper")
    data = {"shopper": {"name": found.name, "tier": found.tier}}
    await events.append_event(scope, stream_name(conversation.id), "identified", data)
    return found
