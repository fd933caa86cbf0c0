"""A shop's webhooks: made, changed, tried, removed. What is sent when is sender.py."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text

from api.webhooks import repository
from api.webhooks.models import Webhook, WebhookDelivery
from api.webhooks.targets import Targets
from api.webhooks.topics import TEST, checked
from knowledge.kit import outbox
from knowledge.kit.db import Scope
from knowledge.kit.errors import ConflictError
from knowledge.kit.ids import new_id

MOST = 20
OLD_SECRET_S = 24 * 3600


@dataclass(frozen=True)
class Counted:
    """A webhook with how many of its deliveries are in which state."""

    webhook: Webhook
    pending: int = 0
    delivered: int = 0
    dead: int = 0


def _new_secret() -> str:
    return f"whs_{secrets.token_urlsafe(32)}"


async def create(scope: Scope, targets: Targets, *, url: str, topics: Iterable[str]) -> Webhook:
    """Its secret may be shown this once. Raises: InvalidInputError, ConflictError where there are as many as may be."""
    await scope.one("select id from shops where id = :shop_id for update")  # two at once: one after the other
    if len(await repository.listed(scope)) >= MOST:
        raise ConflictError("Remove a webhook first: this shop has as many as it may.", limit=MOST)
    made = Webhook(
        id=new_id("whk"), shop_id=scope.shop_id, url=targets.checked(url), topics=checked(topics), secret=_new_secret(),
    )  # fmt: skip
    scope.session.add(made)
    await scope.session.flush()
    await scope.session.refresh(made)
    return made


async def change(
    scope: Scope, targets: Targets, webhook_id: str, *, url: str | None = None, topics: Iterable[str] | None = None,
    enabled: bool | None = None,
) -> Webhook:  # fmt: skip
    """What is None stays. While it is off, what comes is not for it; what it had not got yet waits.

    Raises: NotFoundError, InvalidInputError.
    """
    webhook = await repository.get(scope, webhook_id, lock=True)
    webhook.url = webhook.url if url is None else targets.checked(url)
    webhook.topics = webhook.topics if topics is None else checked(topics)
    webhook.enabled = webhook.enabled if enabled is None else enabled
    await scope.session.flush()
    return webhook


async def change_secret(scope: Scope, webhook_id: str) -> Webhook:
    """The old one signs too for another day. Raises: NotFoundError."""
    webhook = await repository.get(scope, webhook_id, lock=True)
    webhook.previous_secret, webhook.secret = webhook.secret, _new_secret()
    await scope.session.flush()
    await scope.session.execute(
        text(
            """update webhooks set previous_until = livecrew_now() + make_interval(secs => :seconds)
            where shop_id = :shop_id and id = :id"""
        ),
        {"seconds": OLD_SECRET_S, "shop_id": scope.shop_id, "id": webhook_id},
    )
    return webhook


async def remove(scope: Scope, webhook_id: str) -> None:
    """With the record of its deliveries; what was still to be told to it is not. Raises: NotFoundError."""
    await scope.session.delete(await repository.get(scope, webhook_id, lock=True))


async def send_test(scope: Scope, webhook_id: str) -> WebhookDelivery:
    """A delivery like any other, of a topic of its own, to this address only. Raises: NotFoundError."""
    webhook = await repository.get(scope, webhook_id)
    outbox_id = await outbox.post(scope, TEST, {"webhook_id": webhook.id})
    await scope.session.flush()
    made = WebhookDelivery(
        id=new_id("dlv"), shop_id=scope.shop_id, webhook_id=webhook.id, outbox_id=outbox_id, topic=TEST
    )
    scope.session.add(made)
    await repository.assign(scope, [outbox_id], [])
    await scope.session.refresh(made)
    return made


async def listed(scope: Scope) -> list[Counted]:
    counts = await repository.counts(scope)
    return [Counted(one, **counts.get(one.id, {})) for one in await repository.listed(scope)]
