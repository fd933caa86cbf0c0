"""What conversations hold on one shopper: handed out whole, or erased without a trace (PIPL articles 45 and 47).

A guest's conversation belongs to nobody we know, so it is in neither; it is the shop's retention that ends it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect

from agents.conversations import repository
from agents.conversations.models import Attachment, Conversation
from agents.conversations.streams import stream_name
from agents.handoff import repository as handoffs
from knowledge.candidates import repository as candidates
from knowledge.kit import events
from knowledge.kit.db import Base, Scope

_SECRET = frozenset({"token_hash", "previous_token_hash"})


@dataclass(frozen=True)
class Held:
    """One conversation with what hangs on it; rows as they are stored, without digests of tokens."""

    conversation: dict[str, Any]
    messages: list[dict[str, Any]]
    pictures: list[Attachment]
    rating: dict[str, Any] | None
    turns: list[dict[str, Any]]
    handoffs: list[dict[str, Any]]


async def held_on(scope: Scope, shopper_id: str) -> list[Held]:
    """Oldest first. Events repeat what messages and handoffs say, and are left out."""
    return [await _held(scope, one) for one in await repository.of_shopper(scope, shopper_id)]


async def _held(scope: Scope, conversation: Conversation) -> Held:
    pictures = await repository.attachments(scope, conversation.id, with_content=True)
    rated = await repository.rating(scope, conversation.id)
    return Held(
        conversation=_row(conversation),
        messages=[_row(one) for one in await repository.messages(scope, conversation.id)],
        pictures=pictures,
        rating=_row(rated) if rated else None,
        turns=[_row(one) for one in await repository.turns(scope, conversation.id)],
        handoffs=[_row(one) for one in await handoffs.of_subject(scope, conversation.id)],
    )


def _row(entity: Base) -> dict[str, Any]:
    columns = inspect(type(entity)).columns.keys()
    return {name: getattr(entity, name) for name in columns if name not in _SECRET}


async def erase(scope: Scope, shopper_id: str) -> int:
    """Returns how many conversations there were; 0 the second time. Their rows are locked first: what is being said
    meanwhile is either erased with them or finds the conversation gone."""
    conversations = await repository.of_shopper(scope, shopper_id, lock=True)
    for conversation in conversations:
        await events.erase_stream(scope, stream_name(conversation.id))
        await candidates.forget_subject(scope, conversation.id)
        await handoffs.erase_of_subject(scope, conversation.id)
        await repository.erase(scope, conversation.id)
    return len(conversations)
