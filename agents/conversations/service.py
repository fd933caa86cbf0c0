"""A conversation has one owner at a time, and every send proves ownership inside its own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.conversations import repository
from agents.conversations.attachments import chosen, described
from agents.conversations.models import Attachment, Conversation, Message, Turn
from agents.conversations.streams import stream_name as stream_name
from agents.conversations.tokens import new_token, opens, token_hash
from agents.handoff import intake
from agents.handoff.bots import made_by
from agents.handoff.lifecycle import OPEN_STATES
from agents.handoff.models import Handoff
from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason
from knowledge.kit import events
from knowledge.kit.db import Scope, check_storable
from knowledge.kit.errors import InvalidInputError, UnauthorizedError
from knowledge.kit.ids import new_id

MAX_MESSAGE_CHARACTERS = 2000


@dataclass(frozen=True)
class Accepted:
    """`turn` is None when a person owns the conversation: the message waits for them, not for the bot."""

    message: Message
    turn: Turn | None
    repeated: bool = False


@dataclass(frozen=True)
class Reply:
    """What the bot says: verified sentences in order, each with its citation markers, the sources they open, and the
    cards (agents/support/cards.py) that stand beside them."""

    sentences: Sequence[str]
    citations: list[dict[str, Any]]
    outcome: str
    writer: str
    record: dict[str, Any]
    suggestions: Sequence[str] = ()
    cards: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.sentences)


async def open_conversation(scope: Scope, *, channel: str = "web") -> tuple[Conversation, str]:
    """Returns the conversation and the shopper's token, which is stored as a hash and cannot be shown again."""
    token = new_token()
    conversation = Conversation(
        id=new_id("cnv"), shop_id=scope.shop_id, token_hash=token_hash(token), channel=channel, owner="bot", fence=0
    )
    scope.session.add(conversation)
    await scope.session.flush()
    return conversation, token


async def authorised(scope: Scope, conversation_id: str, token: str, *, lock: bool = False) -> Conversation:
    """With `lock` the token stays good until the transaction ends. Raises: NotFoundError, UnauthorizedError."""
    conversation = await repository.get(scope, conversation_id, lock=lock)
    if not opens(conversation, token):
        raise UnauthorizedError("This token does not belong to this conversation.")
    return conversation


async def accept_message(
    scope: Scope, conversation_id: str, text: str, client_key: str | None = None, attachment_ids: Sequence[str] = ()
) -> Accepted:
    """Step 1 of a turn. The same `client_key` again returns what it returned before and stores nothing.
    A new question supersedes the one still being answered."""
    _check_text(text, pictures=bool(attachment_ids))
    conversation = await repository.get(scope, conversation_id, lock=True)
    if client_key and (known := await repository.by_client_key(scope, conversation_id, client_key)):
        if known.text != text or known.attachment_ids != list(attachment_ids):
            raise InvalidInputError(
                "This client_key was used for another message.", field="client_key", rule="one key, one message"
            )
        return Accepted(known, await repository.turn_of(scope, known.id), repeated=True)
    message = await add_message(
        scope,
        conversation_id,
        author="shopper",
        text=text,
        client_key=client_key,
        attachments=await chosen(scope, conversation_id, attachment_ids),
    )
    conversation.state = "open"
    if conversation.owner != "bot":
        await intake.shopper_wrote(scope, conversation_id)
        return Accepted(message, None)
    await repository.supersede_unfinished(scope, conversation_id)
    conversation.fence += 1
    turn = Turn(
        id=new_id("trn"),
        shop_id=scope.shop_id,
        conversation_id=conversation_id,
        message_id=message.id,
        fence=conversation.fence,
    )
    scope.session.add(turn)
    await scope.session.flush()
    return Accepted(message, turn)


def _check_text(text: str, *, pictures: bool) -> None:
    if not text.strip() and not pictures:
        raise InvalidInputError("The message is empty.", field="text", rule="at least one character")
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise InvalidInputError(
            f"The message has {len(text)} characters.",
            field="text",
            rule=f"at most {MAX_MESSAGE_CHARACTERS} characters",
        )
    check_storable("text", text)


async def add_message(
    scope: Scope,
    conversation_id: str,
    *,
    author: str,
    text: str,
    attachments: Sequence[Attachment] = (),
    **more: Any,
) -> Message:
    """The conversation row must be locked by the caller's transaction."""
    message = Message(
        id=new_id("msg"),
        shop_id=scope.shop_id,
        conversation_id=conversation_id,
        position=await repository.next_position(scope, conversation_id),
        author=author,
        text=text,
        attachment_ids=[one.id for one in attachments],
        **{"citations": [], "cards": [], **more},
    )
    scope.session.add(message)
    await scope.session.flush()
    await events.append_event(
        scope,
        stream_name(conversation_id),
        "message",
        {
            "id": message.id,
            "position": message.position,
            "author": author,
            "text": text,
            "citations": message.citations,
            "cards": message.cards,
            "attachments": [described(one) for one in attachments],
        },
    )
    return message


async def send_reply(scope: Scope, turn: Turn, reply: Reply) -> bool:
    """Step 4 of a turn: the fenced send. False, with nothing shown, when the bot no longer owns the question."""
    if not await _still_ours(scope, turn, reply, state="sent"):
        return False
    await _say(scope, turn, reply)
    if reply.suggestions:
        await events.append_event(
            scope, stream_name(turn.conversation_id), "suggestions", {"items": list(reply.suggestions)}
        )
    return True


async def hand_off(scope: Scope, turn: Turn, reply: Reply, reason: HandoffReason, packet: Packet) -> Handoff | None:
    """Ends the bot's ownership, queues the work and tells the shopper, all in one transaction; None when stale."""
    if not await _still_ours(scope, turn, reply, state="handed_off"):
        return None
    conversation = await repository.get(scope, turn.conversation_id)
    conversation.owner = "handoff"
    conversation.fence += 1
    if reason is HandoffReason.IDENTITY:
        conversation.identity_failures = 0  # a person looks into it; the bot starts afresh when it comes back
    await _say(scope, turn, reply)
    asked = intake.Intake("support", conversation.id, turn.message_id, reason, packet)
    made = await made_by(scope, turn.id, reply.writer)
    taken = await intake.enqueue(scope, asked, made_by=made)
    if taken.repeated and taken.handoff.state not in OPEN_STATES:  # dealt with once, and yet the bot cannot go on
        taken = await intake.enqueue(scope, replace(asked, trigger_id=turn.id), made_by=made)
    return taken.handoff


async def _still_ours(scope: Scope, turn: Turn, reply: Reply, *, state: str) -> bool:
    if await repository.hold_fence(scope, turn.conversation_id, turn.fence) is None:
        await repository.finish_turn(scope, turn.id, state="superseded", outcome="superseded")
        return False
    return await repository.finish_turn(
        scope, turn.id, state=state, outcome=reply.outcome, writer=reply.writer, record=reply.record
    )


async def _say(scope: Scope, turn: Turn, reply: Reply) -> None:
    for index, sentence in enumerate(reply.sentences):
        data = {"turn_id": turn.id, "index": index, "text": sentence}
        await events.append_event(scope, stream_name(turn.conversation_id), "sentence", data)
    await add_message(
        scope,
        turn.conversation_id,
        author="bot",
        text=reply.text,
        citations=reply.citations,
        cards=reply.cards,
        turn_id=turn.id,
    )
