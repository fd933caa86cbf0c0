"""What an operator does with what they hold: read the conversation, write, note, end it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from agents.conversations import repository as conversations
from agents.conversations.attachments import described
from agents.conversations.streams import stream_name
from agents.handoff.errors import NotAConversationError
from agents.handoff.repository import get
from api import live, sse
from api.auth.desk import DeskCaller
from api.auth.rights import Right
from api.desk_access import READ, Caller, Wired, admit, queue_of
from api.handoff_view import masked_event
from api.routes.attachments import HEADERS, PICTURE
from api.schemas import AttachmentOut, Id
from api.schemas.handoffs import (
    DeskConversationOut,
    DeskMessageOut,
    NoteIn,
    NoteOut,
    ReplyIn,
    ResolveIn,
    SentOut,
    WhyIn,
)
from api.services import Services
from knowledge.kit.events import Event, last_offset

router = APIRouter(prefix="/v1/handoffs/{handoff_id}", tags=["handoffs"])


async def _conversation(wired: Services, caller: DeskCaller, handoff_id: str) -> str:
    """Raises: NotFoundError, ForbiddenError, NotAConversationError."""
    caller.require(Right.CONVERSATIONS_READ)
    subject_id = await admit(wired, caller, handoff_id, *READ)
    async with wired.database.transaction(caller.shop_id) as scope:
        origin = (await get(scope, handoff_id)).origin
    if origin != "support":
        raise NotAConversationError("There is no conversation behind this handoff.", origin=origin)
    return subject_id


@router.get("/conversation")
async def read_handoff_conversation(handoff_id: Id, wired: Wired, caller: Caller) -> DeskConversationOut:
    """All of it, before and after the handoff."""
    conversation_id = await _conversation(wired, caller, handoff_id)
    async with wired.database.transaction(caller.shop_id, snapshot=True) as scope:
        conversation = await conversations.get(scope, conversation_id)
        pictures = {one.id: one for one in await conversations.attachments(scope, conversation_id)}
        messages = [
            DeskMessageOut.model_validate(
                {
                    **masked_event("message", {"author": one.author, "text": one.text}),
                    "id": one.id,
                    "position": one.position,
                    "citations": one.citations,
                    "cards": one.cards,
                    "attachments": [AttachmentOut.model_validate(described(pictures[at])) for at in one.attachment_ids],
                    "created_at": one.created_at,
                }
            )
            for one in await conversations.messages(scope, conversation_id)
        ]
        return DeskConversationOut.model_validate(
            {
                "conversation_id": conversation_id,
                "owner": conversation.owner,
                "state": conversation.state,
                "messages": messages,
                "last_offset": await last_offset(scope, stream_name(conversation_id)),
            }
        )


@router.get("/events", response_class=StreamingResponse, responses=sse.RESPONSES)
async def follow_conversation(
    handoff_id: Id, request: Request, wired: Wired, caller: Caller,
    after: Annotated[int | None, Query(ge=0, le=live.LAST)] = None,
) -> StreamingResponse:  # fmt: skip
    """The conversation's events as its shopper gets them, personal data hidden; as `/v1/handoffs/events` otherwise."""
    conversation_id = await _conversation(wired, caller, handoff_id)

    async def still_may(again: DeskCaller) -> None:
        await _conversation(wired, again, handoff_id)

    def shown(_now: DeskCaller, event: Event) -> Event:
        return Event(offset=event.offset, kind=event.kind, data=masked_event(event.kind, event.data))

    stream = stream_name(conversation_id)
    return await live.respond(request, wired, caller, stream, after, shown=shown, admitted=still_may)


@router.get("/attachments/{attachment_id}", response_class=Response, responses={200: PICTURE})
async def read_picture(handoff_id: Id, attachment_id: Id, wired: Wired, caller: Caller) -> Response:
    """A picture of the conversation."""
    conversation_id = await _conversation(wired, caller, handoff_id)
    async with wired.database.transaction(caller.shop_id) as scope:
        found = await conversations.attachment(scope, conversation_id, attachment_id)
    return Response(found.content, media_type=found.media_type, headers=HEADERS)


@router.get("/notes")
async def list_notes(handoff_id: Id, wired: Wired, caller: Caller) -> list[NoteOut]:
    """Oldest first."""
    await admit(wired, caller, handoff_id, *READ)
    return [NoteOut.model_validate(one) for one in await queue_of(wired).notes(caller.shop_id, handoff_id)]


@router.post("/notes", status_code=201)
async def add_note(handoff_id: Id, body: NoteIn, wired: Wired, caller: Caller) -> NoteOut:
    """For colleagues only."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK)
    made = await queue_of(wired).note(caller.shop_id, handoff_id, caller.actor, body.fence, body.text)
    return NoteOut.model_validate(made)


@router.post("/replies", status_code=201)
async def reply(handoff_id: Id, body: ReplyIn, wired: Wired, caller: Caller) -> SentOut:
    """To the shopper, once a `client_key`, by whoever holds the handoff and nobody else."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK)
    sent = await queue_of(wired).reply(
        caller.shop_id, handoff_id, caller.actor, body.fence, body.text, client_key=body.client_key
    )
    return SentOut.model_validate(sent)


@router.post("/resolve", status_code=204)
async def resolve(handoff_id: Id, body: ResolveIn, wired: Wired, caller: Caller) -> None:
    """Done. The same call again changes nothing."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK)
    await queue_of(wired).resolve(
        caller.shop_id, handoff_id, caller.actor, body.fence, resolution=body.resolution,
        end_conversation=body.end_conversation,
    )  # fmt: skip


@router.post("/return-to-bot", status_code=204)
async def return_to_bot(handoff_id: Id, body: WhyIn, wired: Wired, caller: Caller) -> None:
    """The bot goes on, and answers what the shopper wrote meanwhile. Without a claim of one's own a supervisor's."""
    await admit(wired, caller, handoff_id, Right.DESK_WORK if body.fence is not None else Right.DESK_SUPERVISE)
    turn_id = await queue_of(wired).return_to_bot(caller.shop_id, handoff_id, caller.actor, body.fence, why=body.why)
    if turn_id:
        wired.turns.kick(caller.shop_id, turn_id)
