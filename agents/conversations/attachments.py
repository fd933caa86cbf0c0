"""Pictures of one conversation: stored before the message that carries them, each carried once."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from agents.conversations import repository
from agents.conversations.models import Attachment
from agents.conversations.pictures import Picture
from knowledge.kit.db import Scope
from knowledge.kit.errors import ConflictError, InvalidInputError
from knowledge.kit.ids import new_id

MAX_ATTACHMENTS = 20
"""Of one conversation."""


async def attach(scope: Scope, conversation_id: str, picture: Picture) -> Attachment:
    """The same picture again, while no message carries it yet, is the one already there: a retry stores nothing.

    Raises: ConflictError when the conversation holds as many as it may.
    """
    await repository.get(scope, conversation_id, lock=True)
    digest = sha256(picture.content).hexdigest()
    held = await repository.attachments(scope, conversation_id)
    same = [one for one in held if one.sha256 == digest]
    carried = await repository.attached(scope, conversation_id, [one.id for one in same])
    for one in same:
        if one.id not in carried:
            return one
    if len(held) >= MAX_ATTACHMENTS:
        raise ConflictError("This conversation holds as many pictures as it may.", limit=MAX_ATTACHMENTS)
    made = Attachment(
        id=new_id("att"),
        shop_id=scope.shop_id,
        conversation_id=conversation_id,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        sha256=digest,
        content=picture.content,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def chosen(scope: Scope, conversation_id: str, attachment_ids: Sequence[str]) -> list[Attachment]:
    """What a new message carries, in the order given; the conversation's row is locked by the caller.

    Raises: InvalidInputError for one that is unknown here, named twice, or carried by an earlier message.
    """
    if not attachment_ids:
        return []
    held = {one.id: one for one in await repository.attachments(scope, conversation_id)}
    taken = await repository.attached(scope, conversation_id, attachment_ids)
    unusable = [one for one in attachment_ids if one not in held or one in taken]
    if unusable or len(set(attachment_ids)) < len(attachment_ids):
        raise InvalidInputError(
            "A picture is not there to be sent.",
            field="attachment_ids",
            rule="pictures of this conversation, each sent once",
        )
    return [held[one] for one in attachment_ids]


def described(attachment: Attachment) -> dict[str, Any]:
    """What a reader needs to show it."""
    return {
        "attachment_id": attachment.id,
        "media_type": attachment.media_type,
        "width": attachment.width,
        "height": attachment.height,
    }
