"""All SQL of connections."""

from typing import Any

from sqlalchemy import select

from api.chatwoot.models import ChatwootConnection
from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import NotFoundError


async def find_anywhere(database: Database, connection_id: str) -> ChatwootConnection | None:
    """Before its shop is known: by the id alone, which the address of the webhook holds."""
    async with database.transaction("") as scope:
        await scope.one("select set_config('livecrew.chatwoot_connection', :id, true)", id=connection_id)
        found: ChatwootConnection | None = await scope.session.get(ChatwootConnection, connection_id)
        return found


async def get(scope: Scope, connection_id: str) -> ChatwootConnection:
    """Raises: NotFoundError."""
    found: ChatwootConnection | None = await scope.session.scalar(
        select(ChatwootConnection).where(
            ChatwootConnection.shop_id == scope.shop_id, ChatwootConnection.id == connection_id
        )
    )
    if found is None:
        raise NotFoundError("There is no such Chatwoot connection.", connection_id=connection_id)
    return found


async def listed(scope: Scope) -> list[ChatwootConnection]:
    """Oldest first."""
    statement = select(ChatwootConnection).where(ChatwootConnection.shop_id == scope.shop_id)
    return list(await scope.session.scalars(statement.order_by(ChatwootConnection.created_at, ChatwootConnection.id)))


async def remove(scope: Scope, connection_id: str) -> int:
    """With its steps, deliveries and links; the conversations themselves stay."""
    return await scope.run(
        "delete from chatwoot_connections where shop_id = :shop_id and id = :id", id=connection_id
    )  # fmt: skip


async def figures(scope: Scope) -> dict[str, Any]:
    """By connection: rows (waiting, dead, oldest_s) over steps and deliveries."""
    rows = await scope.all(
        """select connection_id, count(*) filter (where state = 'waiting') as waiting,
        count(*) filter (where state = 'dead') as dead,
        coalesce(extract(epoch from livecrew_now() - min(at) filter (where state = 'waiting')), 0)::float as oldest_s
        from (select connection_id, state, created_at as at from chatwoot_steps
              where shop_id = :shop_id and state in ('waiting', 'dead')
              union all select connection_id, state, received_at from chatwoot_deliveries
              where shop_id = :shop_id and state in ('waiting', 'dead')) w group by connection_id"""
    )
    return {row.connection_id: row for row in rows}


async def reached(scope: Scope, connection_id: str) -> None:
    await scope.run(
        "update chatwoot_connections set reached_at = livecrew_now(), error = '' where shop_id = :shop_id and id = :id",
        id=connection_id,
    )


async def failed(scope: Scope, connection_id: str, error: str) -> None:
    await scope.run(
        """update chatwoot_connections set failed_at = livecrew_now(), error = :error
        where shop_id = :shop_id and id = :id""",
        id=connection_id, error=error,
    )  # fmt: skip


async def revive(scope: Scope, connection_id: str) -> int:
    """Gives another round to what was given up, and to what hung on it; how many. Deliveries are gone: a dead one keeps
    no body."""
    return await scope.run(
        """update chatwoot_steps set state = 'waiting', why = '', attempts = 1, next_attempt_at = livecrew_now(),
        finished_at = null where shop_id = :shop_id and connection_id = :id
        and (state = 'dead' or (state = 'skipped' and why = 'never_opened'))""",
        id=connection_id,
    )
