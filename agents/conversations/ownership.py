"""Whom a conversation belongs to changes here, and every change moves the fence: what was begun before cannot end."""

from collections.abc import Collection

from agents.conversations import repository
from agents.conversations.models import Conversation, Turn
from agents.conversations.streams import stream_name
from knowledge.kit import events
from knowledge.kit.db import Scope
from knowledge.kit.ids import new_id


async def to_person(scope: Scope, conversation_id: str) -> Conversation:
    """What the bot was drafting is superseded; the row stays locked. Raises: NotFoundError."""
    conversation = await repository.get(scope, conversation_id, lock=True)
    await repository.supersede_unfinished(scope, conversation_id)
    await _give(scope, conversation, "handoff")
    return conversation


async def to_bot(
    scope: Scope, conversation_id: str, *, end: bool = False, resume_after: Collection[str] | None = None
) -> Turn | None:
    """`end` ends the conversation, which the shopper's next message opens again. With `resume_after`, ids of messages
    that people have dealt with, a later message nobody answered becomes a turn of the bot, which is returned.

    Raises: NotFoundError.
    """
    conversation = await repository.get(scope, conversation_id, lock=True)
    conversation.state = "closed" if end else "open"
    await _give(scope, conversation, "bot")
    if resume_after is None:
        return None
    newest = await repository.messages(scope, conversation_id, last=1)
    if not newest or newest[0].author != "shopper" or newest[0].id in resume_after:
        return None
    if await repository.turn_of(scope, newest[0].id) is not None:
        return None
    turn = Turn(
        id=new_id("trn"), shop_id=scope.shop_id, conversation_id=conversation_id, message_id=newest[0].id,
        fence=conversation.fence,
    )  # fmt: skip
    scope.session.add(turn)
    await scope.session.flush()
    return turn


async def _give(scope: Scope, conversation: Conversation, owner: str) -> None:
    changed = conversation.owner != owner
    conversation.owner = owner
    conversation.fence += 1
    await scope.session.flush()
    if changed:
        await events.append_event(scope, stream_name(conversation.id), "owner", {"owner": owner})
