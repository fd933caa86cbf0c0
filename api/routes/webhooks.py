"""Where a shop is told of what happens; how each telling is signed stands in api/webhooks/signing.py."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.auth.rights import Right
from api.desk_access import Caller, Wired
from api.schemas import Id
from api.schemas.desk import DeliveryOut, WebhookChangeIn, WebhookIn, WebhookLineOut, WebhookMadeOut, WebhookOut
from api.webhooks import repository, service

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


@router.post("", status_code=201)
async def create_webhook(body: WebhookIn, wired: Wired, caller: Caller) -> WebhookMadeOut:
    """An https address to which events are posted as `{id, topic, shop_id, at, data}`, signed in `LiveCrew-Signature`:
    `v1=` and the hex of HMAC-SHA256(secret, `LiveCrew-Timestamp` + "." + body). Anything but a 2xx within ten seconds
    is tried again for about a day and a half under the same `LiveCrew-Delivery`; 410 ends it at once. Deliveries may
    come twice and out of order: `data.fence` and `at` tell which is newer."""
    caller.require(Right.WEBHOOKS_WRITE)
    await wired.webhook_targets.admitted(body.url)
    async with wired.database.transaction(caller.shop_id) as scope:
        made = await service.create(scope, wired.webhook_targets, url=body.url, topics=body.topics)
    return WebhookMadeOut.model_validate(made, from_attributes=True)


@router.get("")
async def list_webhooks(wired: Wired, caller: Caller) -> list[WebhookLineOut]:
    """Oldest first. `dead` above 0: the address did not take something, see its deliveries."""
    caller.require(Right.WEBHOOKS_WRITE)
    async with wired.database.transaction(caller.shop_id) as scope:
        found = await service.listed(scope)
    return [
        WebhookLineOut.model_validate(
            {**WebhookOut.model_validate(one.webhook).model_dump(), "pending": one.pending, "delivered": one.delivered,
             "dead": one.dead}
        )
        for one in found
    ]  # fmt: skip


@router.patch("/{webhook_id}")
async def change_webhook(webhook_id: Id, body: WebhookChangeIn, wired: Wired, caller: Caller) -> WebhookOut:
    """While it is off nothing new is kept for it; what waited then waits on."""
    caller.require(Right.WEBHOOKS_WRITE)
    if body.url is not None:
        await wired.webhook_targets.admitted(body.url)
    async with wired.database.transaction(caller.shop_id) as scope:
        changed = await service.change(
            scope, wired.webhook_targets, webhook_id, url=body.url, topics=body.topics, enabled=body.enabled
        )
    return WebhookOut.model_validate(changed)


@router.post("/{webhook_id}/secret")
async def change_secret(webhook_id: Id, wired: Wired, caller: Caller) -> WebhookMadeOut:
    """A new secret; for another day what is sent is signed with the old one too."""
    caller.require(Right.WEBHOOKS_WRITE)
    async with wired.database.transaction(caller.shop_id) as scope:
        changed = await service.change_secret(scope, webhook_id)
    return WebhookMadeOut.model_validate(changed, from_attributes=True)


@router.post("/{webhook_id}/test", status_code=202)
async def send_test(webhook_id: Id, wired: Wired, caller: Caller) -> DeliveryOut:
    """Sends a `webhook.test` there; its delivery tells what became of it."""
    caller.require(Right.WEBHOOKS_WRITE)
    async with wired.database.transaction(caller.shop_id) as scope:
        made = await service.send_test(scope, webhook_id)
    return DeliveryOut.model_validate(made)


@router.delete("/{webhook_id}", status_code=204)
async def remove_webhook(webhook_id: Id, wired: Wired, caller: Caller) -> None:
    """With the record of its deliveries; what still waited for it is dropped."""
    caller.require(Right.WEBHOOKS_WRITE)
    async with wired.database.transaction(caller.shop_id) as scope:
        await service.remove(scope, webhook_id)


@router.get("/{webhook_id}/deliveries")
async def list_deliveries(
    webhook_id: Id, wired: Wired, caller: Caller, state: Literal["pending", "delivered", "dead"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[DeliveryOut]:  # fmt: skip
    """Newest first; kept for thirty days."""
    caller.require(Right.WEBHOOKS_WRITE)
    async with wired.database.transaction(caller.shop_id) as scope:
        await repository.get(scope, webhook_id)
        found = await repository.deliveries(scope, webhook_id, state=state, limit=limit)
    return [DeliveryOut.model_validate(one) for one in found]


@router.post("/{webhook_id}/deliveries/{delivery_id}/retry", status_code=202)
async def retry(webhook_id: Id, delivery_id: Id, wired: Wired, caller: Caller) -> DeliveryOut:
    """A dead delivery is tried again from the start, under the same id."""
    caller.require(Right.WEBHOOKS_WRITE)
    async with wired.database.transaction(caller.shop_id) as scope:
        again = await repository.try_again(scope, webhook_id, delivery_id)
    return DeliveryOut.model_validate(again)
