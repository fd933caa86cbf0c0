"""The SQL of claims. What a claim picks and does is one function of the database, `livecrew_claim` in r0003_queue.sql:
a claim costs little more than a bare update does."""

import json
from typing import Any

from agents.handoff.rules import QueueRules
from agents.handoff.views import Actor
from knowledge.kit.db import Scope
from knowledge.kit.ids import new_id

_TAKE = """select * from livecrew_claim(:shop_id, :operator, :handoff, :pushed, :actor, :kind, cast(:detail as jsonb),
    :out, cast(:defaults as jsonb))"""
_DEFAULTS = QueueRules().model_dump_json(include={"lease_s", "t3_s", "sticky_s", "offline_s"})
"""Under what the shop's own settings say; the function lays those over these."""


async def take(
    scope: Scope, operator_id: str, actor: Actor, *, handoff_id: str | None = None, pushed: bool = False,
    kind: str = "claimed", **detail: Any,
) -> Any:  # fmt: skip
    """Row (outcome, capacity, id, subject_id, origin, fence, lease_until): the next one, or `handoff_id`. `outcome` is
    claimed, empty, at_capacity, or why this operator cannot claim. `pushed` asks for no room."""
    return await scope.one(
        _TAKE,
        operator=operator_id, handoff=handoff_id, pushed=pushed, actor=actor.told, kind=kind,
        detail=json.dumps(detail), out=new_id("out"), defaults=_DEFAULTS,
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
