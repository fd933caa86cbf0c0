from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import defer

from agents.conversations.models import Attachment, Conversation, Message, Rating, Turn
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError

_NOW = text("livecrew_now()")
_UNFINISHED = Turn.state.in_(["accepted", "working"])


def _in(seconds: int) -> TextClause:
    return text("livecrew_now() + make_interval(secs => :seconds)").bindparams(seconds=seconds)


async def now(scope: Scope) -> datetime:
    """The database's clock, which timers and leases go by."""
    found: datetime = (await scope.one("select livecrew_now() as now")).now
    return found


async def get(scope: Scope, conversation_id: str, *, lock: bool = False) -> Conversation:
    """Raises: NotFoundError when this shop has no such conversation."""
    statement = select(Conversation).where(Conversation.shop_id == scope.shop_id, Conversation.id == conversation_id)
    if lock:  # what was read of the row before it was locked may be stale
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = await scope.session.scalar(statement)
    if found is None:
        raise NotFoundError("There is no such conversation.", conversation_id=conversation_id)
    return found


async def messages(scope: Scope, conversation_id: str, *, after: int = 0, last: int | None = None) -> list[Message]:
    """Ascending by position; `last` keeps only that many newest."""
    statement = select(Message).where(
        Message.shop_id == scope.shop_id, Message.conversation_id == conversation_id, Message.position > after
    )
    if last is None:
        return list(await scope.session.scalars(statement.order_by(Message.position)))
    newest = await scope.session.scalars(statement.order_by(Message.position.desc()).limit(last))
    return list(newest)[::-1]


async def by_client_key(scope: Scope, conversation_id: str, client_key: str) -> Message | None:
    statement = select(Message).where(Message.conversation_id == conversation_id, Message.client_key == client_key)
    found: Message | None = await scope.session.scalar(statement)
    return found


async def next_position(scope: Scope, conversation_id: str) -> int:
    """Call only while the conversation row is locked."""
    newest = await scope.session.scalar(
        select(func.max(Message.position)).where(Message.conversation_id == conversation_id)
    )
    return (newest or 0) + 1


async def turn_of(scope: Scope, message_id: str) -> Turn | None:
    found: Turn | None = await scope.session.scalar(select(Turn).where(Turn.message_id == message_id))
    return found


async def supersede_unfinished(scope: Scope, conversation_id: str) -> int:
    result = await scope.session.execute(
        update(Turn)
        .where(Turn.conversation_id == conversation_id, _UNFINISHED)
        .values(state="superseded", finished_at=_NOW)
    )
    return int(getattr(result, "rowcount", 0))


async def claim_turn(scope: Scope, turn_id: str, lease_s: int) -> Turn | None:
    """The turn, if this call is the one that may work on it: it was waiting, or its worker's lease ran out."""
    free = (Turn.state == "accepted") | ((Turn.state == "working") & (Turn.lease_until < _NOW))
    result = await scope.session.scalars(
        update(Turn)
        .where(Turn.shop_id == scope.shop_id, Turn.id == turn_id, free)
        .values(state="working", attempts=Turn.attempts + 1, lease_until=_in(lease_s))
        .returning(Turn)
    )
    return result.first()


async def extend_lease(scope: Scope, turn_id: str, lease_s: int) -> None:
    mine = update(Turn).where(Turn.shop_id == scope.shop_id, Turn.id == turn_id, Turn.state == "working")
    await scope.session.execute(mine.values(lease_until=_in(lease_s)))


async def finish_turn(scope: Scope, turn_id: str, *, state: str, **values: object) -> bool:
    """False when the turn is no longer being worked on: somebody superseded or finished it."""
    result = await scope.session.execute(
        update(Turn)
        .where(Turn.shop_id == scope.shop_id, Turn.id == turn_id, Turn.state == "working")
        .values(state=state, finished_at=_NOW, lease_until=None, **values)
    )
    return getattr(result, "rowcount", 0) == 1


async def unfinished_turns(scope: Scope) -> list[str]:
    """Turns nobody works on: accepted but never claimed, or left by a process that died; oldest first."""
    statement = (
        select(Turn.id)
        .where(Turn.shop_id == scope.shop_id)
        .where((Turn.state == "accepted") | ((Turn.state == "working") & (Turn.lease_until < _NOW)))
        .order_by(Turn.created_at)
    )
    return list(await scope.session.scalars(statement))


async def hold_fence(scope: Scope, conversation_id: str, fence: int) -> Conversation | None:
    """The conversation, locked, if the bot still owns it under this fence: the proof every bot send needs."""
    result = await scope.session.scalars(
        update(Conversation)
        .where(Conversation.shop_id == scope.shop_id, Conversation.id == conversation_id)
        .where(Conversation.owner == "bot", Conversation.fence == fence)
        .values(updated_at=_NOW)
        .returning(Conversation)
    )
    return result.first()


async def citation(scope: Scope, conversation_id: str, chunk_id: str) -> dict[str, Any] | None:
    """The newest citation of the chunk, or of the live fact of that id, as the conversation holds it."""
    found = await scope.session.scalars(
        select(Message)
        .where(Message.shop_id == scope.shop_id, Message.conversation_id == conversation_id)
        .where(Message.citations.contains([{"chunk_id": chunk_id}]))
        .order_by(Message.position.desc())
        .limit(1)
    )
    cited = [one for message in found for one in message.citations if one["chunk_id"] == chunk_id]
    return cited[0] if cited else None


async def attachments(scope: Scope, conversation_id: str, *, with_content: bool = False) -> list[Attachment]:
    """Oldest first."""
    statement = select(Attachment).where(
        Attachment.shop_id == scope.shop_id, Attachment.conversation_id == conversation_id
    )
    ordered = statement.order_by(Attachment.created_at, Attachment.id)
    if not with_content:
        ordered = ordered.options(defer(Attachment.content, raiseload=True))
    return list(await scope.session.scalars(ordered))


async def attachment(scope: Scope, conversation_id: str, attachment_id: str) -> Attachment:
    """With its bytes. Raises: NotFoundError when this conversation has none such."""
    found: Attachment | None = await scope.session.scalar(
        select(Attachment)
        .where(Attachment.shop_id == scope.shop_id, Attachment.conversation_id == conversation_id)
        .where(Attachment.id == attachment_id)
    )
    if found is None:
        raise NotFoundError("There is no such picture.", attachment_id=attachment_id)
    return found


async def attached(scope: Scope, conversation_id: str, attachment_ids: Collection[str]) -> set[str]:
    """Those of the ids that a message already carries."""
    carrying = await scope.session.scalars(
        select(Message.attachment_ids)
        .where(Message.shop_id == scope.shop_id, Message.conversation_id == conversation_id)
        .where(Message.attachment_ids.overlap(list(attachment_ids)))
    )
    return {one for ids in carrying for one in ids} & set(attachment_ids)


async def rating(scope: Scope, conversation_id: str) -> Rating | None:
    found: Rating | None = await scope.session.scalar(
        select(Rating).where(Rating.shop_id == scope.shop_id, Rating.conversation_id == conversation_id)
    )
    return found


async def save_rating(scope: Scope, conversation_id: str, **values: object) -> None:
    made = insert(Rating).values(shop_id=scope.shop_id, conversation_id=conversation_id, **values)
    await scope.session.execute(made.on_conflict_do_update(index_elements=["conversation_id"], set_=values))


async def of_shopper(scope: Scope, shopper_id: str, *, lock: bool = False) -> list[Conversation]:
    """Oldest first."""
    statement = select(Conversation).where(Conversation.shop_id == scope.shop_id, Conversation.shopper_id == shopper_id)
    ordered = statement.order_by(Conversation.created_at, Conversation.id)
    return list(await scope.session.scalars(ordered.with_for_update() if lock else ordered))


async def turns(scope: Scope, conversation_id: str) -> list[Turn]:
    statement = select(Turn).where(Turn.shop_id == scope.shop_id, Turn.conversation_id == conversation_id)
    return list(await scope.session.scalars(statement.order_by(Turn.created_at, Turn.id)))


async def erase(scope: Scope, conversation_id: str) -> None:
    """With what refers to the row: messages, turns, pictures, the rating."""
    await scope.session.execute(
        delete(Conversation).where(Conversation.shop_id == scope.shop_id, Conversation.id == conversation_id)
    )
