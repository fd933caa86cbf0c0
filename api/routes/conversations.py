"""What a shopper does in a conversation, from opening it to rating it. Limits are spent by whoever may speak in it:
a stranger who knows its id uses nothing up."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from agents.conversations import proof, ratings, service, statistics
from agents.conversations.proof import Known
from agents.conversations.streams import stream_name
from api import sse
from api.auth import identity
from api.auth.conversation_token import ConversationToken, Token
from api.auth.keys import Principal
from api.reading import conversation_out, own_shop, source_out
from api.schemas import (
    ConversationLineOut,
    ConversationOpened,
    ConversationOut,
    Id,
    IdentityProven,
    MessageAccepted,
    OpenConversation,
    PostMessage,
    ProveIdentity,
    RatingIn,
    ShopOut,
    ShopperOut,
    SourceOut,
    Words,
)
from api.services import Services, caller, principal, services
from knowledge.kit.errors import NotFoundError, UnauthorizedError

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
Wired = Annotated[Services, Depends(services)]
Caller = Annotated[Principal, Depends(principal)]
_LAST = 2**53  # offsets beyond it no JavaScript reader could tell apart


def _shopper(known: Known) -> ShopperOut:
    return ShopperOut(name=known.name, tier=known.tier)


@router.post("", status_code=201)
async def open_conversation(body: OpenConversation, request: Request, wired: Wired) -> ConversationOpened:
    """Starts a conversation: of a guest, or with an identity token of the shopper it proves."""
    wired.conversation_limit.spend(caller(request))
    claims = None
    if body.identity_token:
        claims = await identity.verify(wired.database, body.shop_id, body.identity_token, wired.clock.now())
    known = None
    async with wired.database.transaction(body.shop_id) as scope:
        shop = await own_shop(scope)
        conversation, secret = await service.open_conversation(scope)
        if claims:
            known = await proof.bind(scope, conversation, shopper_id=claims.shopper_id, name=claims.name)
    return ConversationOpened(
        conversation_id=conversation.id,
        token=str(ConversationToken(shop.id, secret)),
        shop=ShopOut(id=shop.id, name=shop.name),
        greeting=str(shop.settings.get("greeting", "")),
        suggestions=list(shop.settings.get("suggestions", [])),
        shopper=_shopper(known) if known else None,
    )


@router.get("")
async def list_conversations(
    wired: Wired,
    caller: Caller,
    shopper_id: Annotated[Words, Query(max_length=128)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[ConversationLineOut]:
    """For the shop's own systems: latest activity first, of one shopper where `shopper_id` is given."""
    caller.require("conversations:read")
    async with wired.database.transaction(caller.shop_id) as scope:
        found, _ = await statistics.listed(scope, shopper_id=shopper_id, limit=limit, offset=offset)
    return [ConversationLineOut.model_validate(line, from_attributes=True) for line in found]


@router.post("/{conversation_id}/identity")
async def prove_identity(conversation_id: Id, body: ProveIdentity, wired: Wired, token: Token) -> IdentityProven:
    """Makes a guest's conversation the proven shopper's, for good. The token of the call dies; where the answer was
    lost, the same call with the same token and a proof of the same shopper gets a fresh one."""
    async with wired.database.transaction(token.shop_id) as scope:
        await proof.may_prove(scope, conversation_id, token.secret)
    wired.message_limit.spend(f"identity:{conversation_id}")
    try:
        claims = await identity.verify(wired.database, token.shop_id, body.identity_token, wired.clock.now())
    except UnauthorizedError:
        async with wired.database.transaction(token.shop_id) as scope:
            await proof.proof_failed(scope, conversation_id, token.secret)
        raise
    async with wired.database.transaction(token.shop_id) as scope:
        known, secret = await proof.identify(
            scope, conversation_id, token.secret, shopper_id=claims.shopper_id, name=claims.name
        )
    return IdentityProven(token=str(ConversationToken(token.shop_id, secret)), shopper=_shopper(known))


@router.post("/{conversation_id}/messages", status_code=202)
async def post_message(conversation_id: Id, body: PostMessage, wired: Wired, token: Token) -> MessageAccepted:
    """Accepts a message; its answer arrives as events."""
    async with wired.database.transaction(token.shop_id) as scope:
        conversation = await service.authorised(scope, conversation_id, token.secret, lock=True)
        wired.message_limit.spend(conversation_id)
        accepted = await service.accept_message(scope, conversation_id, body.text, body.client_key, body.attachment_ids)
    if accepted.turn and not accepted.repeated:
        wired.turns.kick(token.shop_id, accepted.turn.id)
    return MessageAccepted(
        message_id=accepted.message.id,
        position=accepted.message.position,
        turn_id=accepted.turn.id if accepted.turn else None,
        owner="handoff" if conversation.owner == "handoff" else "bot",
    )


@router.get("/{conversation_id}")
async def read_conversation(conversation_id: Id, wired: Wired, token: Token) -> ConversationOut:
    async with wired.database.transaction(token.shop_id, snapshot=True) as scope:
        conversation = await service.authorised(scope, conversation_id, token.secret)
        return await conversation_out(scope, conversation)


@router.put("/{conversation_id}/rating", status_code=204)
async def rate_conversation(conversation_id: Id, body: RatingIn, wired: Wired, token: Token) -> None:
    """The last rating counts."""
    async with wired.database.transaction(token.shop_id) as scope:
        await service.authorised(scope, conversation_id, token.secret, lock=True)
        wired.message_limit.spend(conversation_id)
        await ratings.rate(scope, conversation_id, score=body.score, solved=body.solved, comment=body.comment)


@router.get("/{conversation_id}/events", response_class=StreamingResponse, responses=sse.RESPONSES)
async def follow_events(
    conversation_id: Id, request: Request, wired: Wired, token: Token, after: Annotated[int, Query(ge=0, le=_LAST)] = 0
) -> StreamingResponse:
    """Server-sent events from an offset on; `Last-Event-ID` counts when it is further than `after`. The stream ends
    when its token does."""

    async def authorise() -> None:
        async with wired.database.transaction(token.shop_id) as scope:
            await service.authorised(scope, conversation_id, token.secret)

    await authorise()
    resumed = request.headers.get("Last-Event-ID", "")
    start = max(after, min(int(resumed), _LAST)) if re.fullmatch(r"[0-9]{1,18}", resumed) else after

    async def lines() -> AsyncIterator[str]:
        async for event in wired.listener.follow(token.shop_id, stream_name(conversation_id), start):
            if (
                event is None or event.kind == "identified"
            ):  # what replaces a token is told by this event, before all else
                try:
                    await authorise()
                except (UnauthorizedError, NotFoundError):
                    return
            yield sse.line(event)

    return sse.response(lines())


@router.get("/{conversation_id}/citations/{chunk_id}")
async def open_citation(conversation_id: Id, chunk_id: Id, wired: Wired, token: Token) -> SourceOut:
    """The clause, or the fact of an order or product, behind a citation of this conversation."""
    async with wired.database.transaction(token.shop_id) as scope:
        await service.authorised(scope, conversation_id, token.secret)
        return await source_out(scope, conversation_id, chunk_id)
