"""The SQL of claims. What a claim picks and does is one function of the database, `livecrew_claim` in r0003_queue.sql:
a claim costs little more than a bare update does."""

import json
from typing import Any

from agents.handoff.rules import QueueRules
from agents.handoff.views import Actor
from knowledge.kit.db import Scope
from knowledge.kit.ids import new_id

_TAKE = """select * from livecrew_claim(:shop_id, :operator, :handoff, cast(:skills as text[]), :capacity, :actor,
    :kind, cast(:detail as jsonb), :out, :lease_s, :overflow_s, :sticky_s, :offline_s)"""
_NO_LIMIT = 1_000_000


async def hold_operator(scope: Scope, operator_id: str) -> Any | None:
    """Row (name, skills, capacity, status, silent_s, settings), the operator's locked: their claims take turns. None
    for somebody who never signed in to the queue."""
    return await scope.one(
        """select p.name, p.skills, p.capacity, p.status, s.settings,
        extract(epoch from livecrew_now() - p.last_seen_at)::float as silent_s
        from operator_presence p join shops s on s.id = p.shop_id
        where p.shop_id = :shop_id and p.operator_id = :operator for update of p""",
        operator=operator_id,
    )


async def holding(scope: Scope, operator_id: str) -> int:
    row = await scope.one(
        "select count(*) as n from handoffs where shop_id = :shop_id and claimed_by = :operator and state = 'claimed'",
        operator=operator_id,
    )
    return int(row.n)


async def take(
    scope: Scope, operator: Any, operator_id: str, rules: QueueRules, actor: Actor, *, handoff_id: str = "",
    unlimited: bool = False, kind: str = "claimed", detail: dict[str, Any] | None = None,
) -> Any | None:  # fmt: skip
    """Row (id, subject_id, origin, fence, lease_until) of the next one, or of `handoff_id`; None where there is none to
    take or the operator holds as many as they may. `operator` is the row of `hold_operator`."""
    return await scope.one(
        _TAKE,
        handoff=handoff_id or None, skills=operator.skills, operator=operator_id,
        capacity=_NO_LIMIT if unlimited else operator.capacity, actor=actor.told, kind=kind,
        detail=json.dumps(detail or {}), out=new_id("out"), lease_s=rules.lease_s, overflow_s=rules.t3_s,
        sticky_s=rules.sticky_s, offline_s=rules.offline_s,
    )  # fmt: skip


async def extend_leases(scope: Scope, operator_id: str, lease_s: int) -> None:
    """Skips what is being taken away at this moment: whoever does that decides."""
    await scope.run(
        """update handoffs h set lease_until = livecrew_now() + make_interval(secs => :lease_s)
        where h.shop_id = :shop_id and h.id in (
          select id from handoffs where shop_id = :shop_id and claimed_by = :operator and state = 'claimed'
          for update skip locked)""",
        operator=operator_id, lease_s=lease_s,
    )  # fmt: skip
