"""All SQL of webhooks and of what they were sent."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from api.webhooks.models import Webhook, WebhookDelivery
from api.webhooks.topics import FAMILIES
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError
from knowledge.kit.outbox import OutboxRow


async def get(scope: Scope, webhook_id: str, *, lock: bool = False) -> Webhook:
    """Raises: NotFoundError."""
    statement = select(Webhook).where(Webhook.shop_id == scope.shop_id, Webhook.id == webhook_id)
    found = await scope.session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFoundError("There is no such webhook.", webhook_id=webhook_id)
    return found


async def listed(scope: Scope, *, enabled_only: bool = False) -> list[Webhook]:
    """Oldest first."""
    statement = select(Webhook).where(Webhook.shop_id == scope.shop_id)
    if enabled_only:
        statement = statement.where(Webhook.enabled)
    return list(await scope.session.scalars(statement.order_by(Webhook.created_at, Webhook.id)))


async def counts(scope: Scope) -> dict[str, dict[str, int]]:
    """Deliveries by webhook and state."""
    rows = await scope.all(
        """select webhook_id, state, count(*) as n from webhook_deliveries where shop_id = :shop_id
        group by webhook_id, state"""
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.webhook_id, {})[row.state] = row.n
    return found


async def deliveries(scope: Scope, webhook_id: str, *, state: str | None, limit: int) -> list[WebhookDelivery]:
    """Newest first."""
    statement = select(WebhookDelivery).where(
        WebhookDelivery.shop_id == scope.shop_id, WebhookDelivery.webhook_id == webhook_id
    )
    if state:
        statement = statement.where(WebhookDelivery.state == state)
    order = (WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc())
    return list(await scope.session.scalars(statement.order_by(*order).limit(limit)))


async def try_again(scope: Scope, webhook_id: str, delivery_id: str) -> WebhookDelivery:
    """From the first try on, now. Raises: NotFoundError unless it is dead."""
    row = await scope.one(
        """update webhook_deliveries set state = 'pending', attempts = 0, next_attempt_at = livecrew_now(),
        finished_at = null where shop_id = :shop_id and webhook_id = :webhook and id = :id and state = 'dead'
        returning id""",
        webhook=webhook_id, id=delivery_id,
    )  # fmt: skip
    if row is None:
        raise NotFoundError("There is no such dead delivery.", delivery_id=delivery_id)
    return await scope.session.get_one(WebhookDelivery, delivery_id)


async def untold(scope: Scope, limit: int) -> list[OutboxRow]:
    """Outbox rows nobody was assigned yet, oldest first, locked; another worker's are passed over."""
    statement = (
        select(OutboxRow)
        .where(OutboxRow.shop_id == scope.shop_id, OutboxRow.sent_at.is_(None))
        .where(func.split_part(OutboxRow.topic, ".", 1).in_(FAMILIES))
        .order_by(OutboxRow.created_at, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(await scope.session.scalars(statement))


async def assign(scope: Scope, told: list[str], rows: list[dict[str, Any]]) -> None:
    """The outbox rows of these ids are told to these addresses, or to none."""
    if rows:
        await scope.session.execute(insert(WebhookDelivery).values(rows).on_conflict_do_nothing())
    await scope.run("update outbox set sent_at = livecrew_now() where shop_id = :shop_id and id = any(:ids)", ids=told)


async def take_due(scope: Scope, *, limit: int, held_s: int) -> list[Any]:
    """Each is counted as tried, and nobody else's for `held_s`: whoever dies with it leaves it to be tried again."""
    return await scope.all(
        """update webhook_deliveries d
        set attempts = d.attempts + 1, next_attempt_at = livecrew_now() + make_interval(secs => :held_s)
        from webhooks w, outbox o
        where d.shop_id = :shop_id and w.id = d.webhook_id and o.id = d.outbox_id and d.id in (
          select p.id from webhook_deliveries p join webhooks e on e.id = p.webhook_id and e.enabled
          where p.shop_id = :shop_id and p.state = 'pending' and p.next_attempt_at <= livecrew_now()
          order by p.next_attempt_at, p.id limit :limit for update of p skip locked)
        returning d.id, d.webhook_id, d.attempts, d.topic, o.payload, o.created_at as told_at, w.url, w.secret,
          case when w.previous_until > livecrew_now() then w.previous_secret end as previous_secret,
          livecrew_now() as now""",
        limit=limit, held_s=held_s,
    )  # fmt: skip


async def delivered(scope: Scope, delivery_id: str, status: int) -> None:
    await scope.run(
        """update webhook_deliveries set state = 'delivered', finished_at = livecrew_now(), last_status = :status,
        error = '' where shop_id = :shop_id and id = :id and state = 'pending'""",
        id=delivery_id, status=status,
    )  # fmt: skip


async def failed(
    scope: Scope, delivery_id: str, attempt: int, *, status: int | None, error: str, again_in_s: int | None
) -> None:
    """`again_in_s` None: no more. Nothing changes where another worker has it by now."""
    await scope.run(
        """update webhook_deliveries set last_status = :status, error = :error,
        state = case when cast(:again as integer) is null then 'dead' else state end,
        finished_at = case when cast(:again as integer) is null then livecrew_now() end,
        next_attempt_at = livecrew_now() + make_interval(secs => coalesce(cast(:again as integer), 0))
        where shop_id = :shop_id and id = :id and state = 'pending' and attempts = :attempt""",
        id=delivery_id, attempt=attempt, status=status, error=error, again=again_in_s,
    )  # fmt: skip


async def forget_old(scope: Scope, *, days: int) -> int:
    """What was told so long ago, with the record of its deliveries."""
    return await scope.run(
        """delete from outbox o where o.shop_id = :shop_id and o.sent_at < livecrew_now() - make_interval(days => :days)
        and not exists (select from webhook_deliveries d where d.outbox_id = o.id and d.state = 'pending')""",
        days=days,
    )
