"""A conversation as its shopper reads it, put together from what several services hold."""

from agents.conversations import proof, repository
from agents.conversations.attachments import described
from agents.conversations.models import Attachment, Conversation, Message
from agents.conversations.streams import stream_name
from agents.handoff import repository as handoffs
from agents.handoff.standing import standing_of
from api.schemas import (
    AttachmentOut,
    CitationOut,
    ConversationOut,
    MessageOut,
    RatingOut,
    ShopOut,
    ShopperOut,
    SourceOut,
    WaitingOut,
)
from knowledge.documents import sources
from knowledge.kit import events
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError
from knowledge.shops.models import Shop


async def own_shop(scope: Scope) -> Shop:
    """Raises: NotFoundError."""
    shop = await scope.session.get(Shop, scope.shop_id)
    if shop is None:
        raise NotFoundError("There is no such shop.", shop_id=scope.shop_id)
    return shop


async def conversation_out(scope: Scope, conversation: Conversation) -> ConversationOut:
    """Read in a snapshot, so that `last_offset` is that of what is told."""
    shop = await own_shop(scope)
    known = await proof.known(scope, conversation)
    rated = await repository.rating(scope, conversation.id)
    pictures = {one.id: one for one in await repository.attachments(scope, conversation.id)}
    messages = await repository.messages(scope, conversation.id)
    return ConversationOut.model_validate(
        {
            "id": conversation.id,
            "owner": conversation.owner,
            "state": conversation.state,
            "shop": ShopOut(id=shop.id, name=shop.name),
            "shopper": ShopperOut(name=known.name, tier=known.tier) if known else None,
            "handoff": await _waiting(scope, conversation),
            "rating": RatingOut.model_validate(rated, from_attributes=True) if rated else None,
            "messages": [_message(message, pictures) for message in messages],
            "last_offset": await events.last_offset(scope, stream_name(conversation.id)),
        }
    )


def _message(message: Message, pictures: dict[str, Attachment]) -> MessageOut:
    return MessageOut.model_validate(
        {
            "id": message.id,
            "position": message.position,
            "author": message.author,
            "text": message.text,
            "citations": [CitationOut.model_validate(item) for item in message.citations],
            "cards": message.cards,
            "attachments": [AttachmentOut.model_validate(described(pictures[one])) for one in message.attachment_ids],
            "created_at": message.created_at,
        }
    )


async def _waiting(scope: Scope, conversation: Conversation) -> WaitingOut | None:
    handoff = await handoffs.unfinished_of(scope, conversation.id, lock=False)
    if handoff is None:
        return None
    standing = await standing_of(scope, handoff)
    return WaitingOut.model_validate(
        {
            "handoff_id": handoff.id,
            "reason": handoff.reason,
            "state": handoff.state,
            "position": standing.position,
            "expected_wait_s": standing.expected_wait_s,
            "opens_in_s": standing.opens_in_s,
            "operator_name": standing.operator_name,
        }
    )


async def source_out(scope: Scope, conversation_id: str, chunk_id: str) -> SourceOut:
    """A live fact is told as it was when it was cited: its text stands in the citation itself.

    Raises: NotFoundError when the conversation does not cite it.
    """
    cited = await repository.citation(scope, conversation_id, chunk_id)
    if cited is None:
        raise NotFoundError("This conversation cites no such source.", chunk_id=chunk_id)
    if "text" in cited:
        return SourceOut.model_validate({"version": 1, **cited})
    chunk, document = await sources.chunk_with_document(scope, chunk_id)
    return SourceOut(
        chunk_id=chunk.id,
        doc=document.doc,
        title=document.title,
        section=" › ".join(chunk.path),
        article=chunk.article,
        text=chunk.text,
        version=document.version,
        effective_from=document.effective_from,
    )
