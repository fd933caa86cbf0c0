"""All SQL of what Chatwoot delivered: each delivery is stored once, those of one conversation are taken in order."""

import json
from typing import Any

from api.chatwoot.models import ChatwootMessage
from knowledge.kit.db import Scope

LEASE_S = 60


async def store(
    scope: Scope, connection_id: str, delivery_id: str, *, event: str, chatwoot_id: int | None, signed: bool,
    payload: dict[str, Any],
) -> bool:  # fmt: skip
    """False when this delivery was here before."""
    stored = await scope.run(
        """insert into chatwoot_deliveries (shop_id, connection_id, delivery_id, event, chatwoot_id, signed, payload)
        values (:shop_id, :connection, :delivery, :event, :chatwoot, :signed, cast(:payload as jsonb))
        on conflict (connection_id, delivery_id) do nothing""",
        connection=connection_id, delivery=delivery_id, event=event, chatwoot=chatwoot_id, signed=signed,
        payload=json.dumps(payload),
    )  # fmt: skip
    await scope.run(
        "update chatwoot_connections set received_at = livecrew_now() where shop_id = :shop_id and id = :connection",
        connection=connection_id,
    )
    return bool(stored)


_DUE_DELIVERIES = """from chatwoot_deliveries d
    where d.shop_id = :shop_id and d.state = 'waiting' and d.next_attempt_at <= livecrew_now()
    and not exists (select from chatwoot_deliveries e where e.shop_id = d.shop_id and e.state = 'waiting'
      and e.connection_id = d.connection_id and e.chatwoot_id = d.chatwoot_id and e.seq < d.seq)"""


async def due(scope: Scope, limit: int) -> int:
    """How many may be taken now, counted up to `limit`."""
    return len(await scope.all(f"select 1 {_DUE_DELIVERIES} limit :limit", limit=limit))


async def take_next(scope: Scope) -> Any | None:
    """Row (seq, connection_id, signed, payload, attempts) of the next that is due, ours for a lease: the first of its
    conversation. None where nothing is due."""
    return await scope.one(
        f"""update chatwoot_deliveries set attempts = attempts + 1,
        next_attempt_at = livecrew_now() + make_interval(secs => :lease)
        where seq = (select d.seq {_DUE_DELIVERIES} order by d.seq limit 1 for update skip locked)
        returning seq, connection_id, signed, payload, attempts""",
        lease=LEASE_S,
    )


async def finish(scope: Scope, seq: int, state: str, why: str) -> None:
    """Its body is forgotten: what was worth keeping is in the conversation now."""
    await scope.run(
        """update chatwoot_deliveries set state = :state, why = :why, payload = null
        where shop_id = :shop_id and seq = :seq and state = 'waiting'""",
        seq=seq, state=state, why=why,
    )  # fmt: skip


async def put_off(scope: Scope, seq: int, why: str, after_s: float) -> None:
    await scope.run(
        """update chatwoot_deliveries set why = :why, next_attempt_at = livecrew_now() + make_interval(secs => :after)
        where shop_id = :shop_id and seq = :seq and state = 'waiting'""",
        seq=seq, why=why, after=after_s,
    )  # fmt: skip


async def is_taken(scope: Scope, connection_id: str, chatwoot_message_id: int) -> bool:
    return await scope.session.get(ChatwootMessage, (connection_id, chatwoot_message_id)) is not None


async def remember(scope: Scope, connection_id: str, chatwoot_message_id: int, message_id: str) -> None:
    scope.session.add(
        ChatwootMessage(
            connection_id=connection_id, chatwoot_message_id=chatwoot_message_id, shop_id=scope.shop_id,
            message_id=message_id,
        )
    )  # fmt: skip
    await scope.session.flush()


async def prune(scope: Scope, days: int) -> int:
    """What nobody will ask after. Ids of messages stay, they are what dedupes for good; so do the steps of a handoff,
    which later events of it must find done."""
    gone = await scope.run(
        """delete from chatwoot_deliveries where shop_id = :shop_id and state <> 'waiting'
        and received_at < livecrew_now() - make_interval(days => :days)""",
        days=days,
    )
    return gone + await scope.run(
        """delete from chatwoot_steps where shop_id = :shop_id and state <> 'waiting'
        and kind in ('reply', 'operator', 'give_back')
        and finished_at < livecrew_now() - make_interval(days => :days)""",
        days=days,
    )
