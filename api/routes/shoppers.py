import base64
from typing import Annotated

from fastapi import APIRouter, Depends

from agents.conversations import attachments, privacy
from agents.conversations.models import Attachment
from agents.conversations.privacy import Held
from api.auth.keys import Principal
from api.schemas import ExportedAttachment, ExportedConversation, OwnId, ShopperExport
from api.services import Services, principal, services
from knowledge.kit.errors import NotFoundError
from knowledge.orders.service import OrderStore

router = APIRouter(prefix="/v1/shoppers", tags=["shoppers"])
Wired = Annotated[Services, Depends(services)]
Caller = Annotated[Principal, Depends(principal)]


@router.get("/{shopper_id}/export")
async def export_shopper(shopper_id: OwnId, wired: Wired, caller: Caller) -> ShopperExport:
    """Everything held on one shopper, pictures included, as of one instant."""
    caller.require("shoppers:read")
    async with wired.database.transaction(caller.shop_id, snapshot=True) as scope:
        own = await OrderStore(wired.database).export_shopper(scope, shopper_id)
        held = await privacy.held_on(scope, shopper_id)
    if not (own["shopper"] or own["orders"] or held):
        raise NotFoundError("Nothing is held on such a shopper.", shopper_id=shopper_id)
    return ShopperExport(
        shopper_id=shopper_id,
        exported_at=wired.clock.now(),
        shopper=own["shopper"],
        orders=own["orders"],
        conversations=[_conversation(one) for one in held],
    )


def _conversation(held: Held) -> ExportedConversation:
    return ExportedConversation(
        conversation=held.conversation,
        messages=held.messages,
        attachments=[_attachment(one) for one in held.pictures],
        rating=held.rating,
        turns=held.turns,
        handoffs=held.handoffs,
    )


def _attachment(picture: Attachment) -> ExportedAttachment:
    return ExportedAttachment.model_validate(
        {
            **attachments.described(picture),
            "created_at": picture.created_at,
            "content_base64": base64.b64encode(picture.content).decode(),
        }
    )


@router.delete("/{shopper_id}", status_code=204)
async def erase_shopper(shopper_id: OwnId, wired: Wired, caller: Caller) -> None:
    """Erases their conversations with everything in them, and the person from their orders; what the shop's books need
    stays under its own id. May be repeated. Where the shop's systems still hold the person, an import brings them back:
    erase there first."""
    caller.require("shoppers:erase")
    async with wired.database.transaction(caller.shop_id) as scope:
        await privacy.erase(scope, shopper_id)
        await OrderStore(wired.database).erase_shopper(scope, shopper_id)
