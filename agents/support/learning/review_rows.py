"""SQL of the review that reaches over candidates and handoffs."""

from dataclasses import dataclass
from datetime import datetime

from agents.support.learning.points import hidden
from knowledge.kit.db import Scope

_LOOKED_BACK_DAYS = 30


@dataclass(frozen=True)
class Teachable:
    """An ended handoff with replies that no candidate was made from."""

    handoff_id: str
    subject_id: str
    reason: str
    ask: str
    resolved_at: datetime


async def teachable(scope: Scope, *, limit: int) -> list[Teachable]:
    """Newest first; those a person ended within the last month."""
    rows = await scope.all(
        """select h.id, h.subject_id, h.reason, h.packet->>'ask' as ask, h.resolved_at from handoffs h
        where h.shop_id = :shop_id and h.origin = 'support' and h.state in ('resolved', 'returned_to_bot')
        and h.first_reply_at is not null and h.resolved_at > livecrew_now() - make_interval(days => :days)
        and not exists (select from knowledge_candidates c where c.shop_id = h.shop_id and c.handoff_id = h.id)
        order by h.resolved_at desc limit :limit""",
        days=_LOOKED_BACK_DAYS, limit=limit,
    )  # fmt: skip
    return [Teachable(row.id, row.subject_id, row.reason, hidden(row.ask or ""), row.resolved_at) for row in rows]


async def unconsidered(scope: Scope, *, limit: int) -> list[str]:
    """Ended handoffs with a reply that were not looked at yet, oldest first."""
    rows = await scope.all(
        """select h.id from handoffs h where h.shop_id = :shop_id and h.origin = 'support'
        and h.state in ('resolved', 'returned_to_bot') and h.first_reply_at is not null
        and h.resolved_at > livecrew_now() - make_interval(days => :days)
        and not exists (select from handoffs_considered s where s.handoff_id = h.id)
        order by h.resolved_at, h.id limit :limit""",
        days=_LOOKED_BACK_DAYS, limit=limit,
    )  # fmt: skip
    return [row.id for row in rows]


async def operator_name(scope: Scope, operator_id: str) -> str:
    """As they signed in to the desk; the id where they never did."""
    row = await scope.one(
        "select name from operator_presence where shop_id = :shop_id and operator_id = :operator", operator=operator_id
    )
    return row.name if row and row.name else operator_id
