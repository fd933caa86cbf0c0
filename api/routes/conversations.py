import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from agents.conversations import repository, service
from api import sse
from api.schemas import (
    CitationOut,
    ConversationOpened,
    ConversationOut,
    Id,
    MessageAccepted,
    MessageOut,
    OpenConversation,
    PostMessage,
    ShopOut,
    SourceOut,
)
from api.services import Services, bearer, caller, services
from knowledge.documents import sources
from knowledge.kit import events
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError
from knowledge.shops.models import Shop

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
Wired = Annotated[Services, Depends(services)]
Token = Annotated[str, Depends(bearer)]
_LAST = 2**53  # offsets beyond it no JavaScript reader could tell apart


async def _shop(scope: Scope) -> Shop:
    shop = await scope.session.get(Shop, scope.shop_id)
    if shop is None:
        raise NotFoundError("There is no such shop.", shop_id=scope.shop_id)
    return shop


@router.post("", status_code=201)
async def open_conversation(body: OpenConversation, request: Request, wired: Wired) -> ConversationOpened:
    """Starts a conversation of an anonymous shopper."""
    wired.conversation_limit.spend(caller(request))
    async with wired.database.transaction(body.shop_id) as scope:
        shop = await _shop(scope)
        conversation, token = await service.open_conversation(scope)
    return ConversationOpened(
        conversation_id=conversation.id,
        token=f"{shop.id}.{token}",
        shop=ShopOut(id=shop.id, name=shop.name),
        greeting=str(shop.settings.get("greeting", "")),
        suggestions=list(shop.settings.get("suggestions", [])),
    )


def _split(token: str) -> tuple[str, str]:
    """A shopper's token starts with its shop, so that row-level security is set before anything is looked up."""
    shop_id, _, secret = token.partition(".")
    return shop_id, secret


@router.post("/{conversation_id}/messages", status_code=202)
async def post_message(conversation_id: Id, body: PostMessage, wired: Wired, token: Token) -> MessageAccepted:
    """Accepts a message; its answer arrives as events."""
    wired.message_limit.spend(conversation_id)
    shop_id, secret = _split(token)
    async with wired.database.transaction(shop_id) as scope:
        conversation = await service.authorised(scope, conversation_id, secret)
        accepted = await service.accept_message(scope, conversation_id, body.text, body.client_key)
    if accepted.turn and not accepted.repeated:
        wired.turns.kick(shop_id, accepted.turn.id)
    return MessageAccepted(
        message_id=accepted.message.id,
        position=accepted.message.position,
        turn_id=accepted.turn.id if accepted.turn else None,
        owner="handoff" if conversation.owner == "handoff" else "bot",
    )


@router.get("/{conversation_id}")
async def read_conversation(conversation_id: Id, wired: Wired, token: Token) -> ConversationOut:
    shop_id, secret = _split(token)
    async with wired.database.transaction(shop_id, snapshot=True) as scope:
        conversation = await service.authorised(scope, conversation_id, secret)
        offset = await events.last_offset(scope, service.stream_name(conversation_id))
        messages = await repository.messages(scope, conversation_id)
        shop = await _shop(scope)
    return ConversationOut.model_validate(
        {
            "id": conversation.id,
            "owner": conversation.owner,
            "state": conversation.state,
            "shop": {"id": shop.id, "name": shop.name},
            "messages": [
                MessageOut(
                    id=message.id,
                    position=message.position,
                    author=message.author,
                    text=message.text,
                    citations=[CitationOut.model_validate(item) for item in message.citations],
                    created_at=message.created_at,
                )
                for message in messages
            ],
            "last_offset": offset,
        }
    )


@router.get("/{conversation_id}/events", response_class=StreamingResponse, responses=sse.RESPONSES)
async def follow_events(
    conversation_id: Id, request: Request, wired: Wired, token: Token, after: Annotated[int, Query(ge=0, le=_LAST)] = 0
) -> StreamingResponse:
    """Server-sent events from an offset on; `Last-Event-ID` counts when it is further than `after`."""
    shop_id, secret = _split(token)
    async with wired.database.transaction(shop_id) as scope:
        await service.authorised(scope, conversation_id, secret)
    resumed = request.headers.get("Last-Event-ID", "")
    start = max(after, min(int(resumed), _LAST)) if re.fullmatch(r"[0-9]{1,18}", resumed) else after

    async def lines() -> AsyncIterator[str]:
        async for event in wired.listener.follow(shop_id, service.stream_name(conversation_id), start):
            yield sse.line(event)

    return sse.response(lines())


@router.get("/{conversation_id}/citations/{chunk_id}")
async def open_citation(conversation_id: Id, chunk_id: Id, wired: Wired, token: Token) -> SourceOut:
    """The clause behind a citation of this conversation."""
    shop_id, secret = _split(token)
    async with wired.database.transaction(shop_id) as scope:
        await service.authorised(scope, conversation_id, secret)
        if not await repository.cites(scope, conversation_id, chunk_id):
            raise NotFoundError("This conversation cites no such source.", chunk_id=chunk_id)
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
