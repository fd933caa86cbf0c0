from agents.conversations import repository
from agents.conversations.streams import stream_name
from knowledge.kit import events
from knowledge.kit.db import Scope


async def rate(scope: Scope, conversation_id: str, *, score: int, solved: bool | None, comment: str) -> None:
    """The last word counts; the same again changes nothing. Raises: NotFoundError."""
    await repository.get(scope, conversation_id, lock=True)
    before = await repository.rating(scope, conversation_id)
    if before and (before.score, before.solved, before.comment) == (score, solved, comment):
        return
    await repository.save_rating(scope, conversation_id, score=score, solved=solved, comment=comment)
    if before is None or before.score != score:
        await events.append_event(scope, stream_name(conversation_id), "rated", {"score": score})
