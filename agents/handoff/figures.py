"""All SQL of figures over the queue, for supervisors; days are Asia/Shanghai."""

from dataclasses import dataclass
from datetime import date

from agents.handoff.presence import states
from agents.handoff.standing import rules_for
from agents.handoff.views import OperatorState
from knowledge.kit.db import Scope

_DAY = "(enqueued_at at time zone 'Asia/Shanghai')::date"


@dataclass(frozen=True)
class QueueLoad:
    """Now; `first_response_rate` of the last 24 hours: answered within the target, of those answered or overdue, None
    where there was none. `warned` and `breached` count what is open."""

    queued: int
    claimed: int
    oldest_wait_s: float
    by_reason: dict[str, int]
    first_response_rate: float | None
    warned: int
    breached: int
    operators: tuple[OperatorState, ...]


@dataclass(frozen=True)
class TrendDay:
    """Handoffs by the day they came; `median_s` from coming to the first word of a person."""

    on: date
    came: int
    answered: int
    within_target: int
    median_s: float | None


async def load(scope: Scope) -> QueueLoad:
    rules = await rules_for(scope)
    row = await scope.one(
        """select count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'claimed') as held,
        coalesce(extract(epoch from livecrew_now() - min(queued_at) filter (where state = 'queued')), 0)::float
          as oldest,
        count(*) filter (where sla_warned <> '{}' and sla_breached = '{}') as warned,
        count(*) filter (where sla_breached <> '{}') as breached
        from handoffs where shop_id = :shop_id and state in ('queued', 'claimed')"""
    )
    reasons = await scope.all(
        """select reason, count(*) as n from handoffs where shop_id = :shop_id and state in ('queued', 'claimed')
        group by reason order by n desc, reason"""
    )
    rate = await scope.one(
        """select count(*) filter (where answered <= :target) as within,
        count(*) filter (where answered is not null or open_s > :target) as counted
        from (select extract(epoch from first_reply_at - enqueued_at) as answered,
              extract(epoch from coalesce(resolved_at, livecrew_now()) - enqueued_at) as open_s
              from handoffs where shop_id = :shop_id and origin = 'support'
              and enqueued_at > livecrew_now() - interval '1 day') f""",
        target=rules.first_s,
    )
    return QueueLoad(
        queued=row.queued,
        claimed=row.held,
        oldest_wait_s=row.oldest,
        by_reason={one.reason: one.n for one in reasons},
        first_response_rate=rate.within / rate.counted if rate.counted else None,
        warned=row.warned,
        breached=row.breached,
        operators=tuple(await states(scope)),
    )


async def first_response_trend(scope: Scope, *, days: int) -> list[TrendDay]:
    """Ascending; days without a handoff are absent."""
    rules = await rules_for(scope)
    rows = await scope.all(
        f"""select {_DAY} as day, count(*) as came, count(first_reply_at) as answered,
        count(*) filter (where first_reply_at - enqueued_at <= make_interval(secs => :target)) as within,
        (percentile_cont(0.5) within group (order by extract(epoch from first_reply_at - enqueued_at)))::float as median
        from handoffs where shop_id = :shop_id and origin = 'support'
        and enqueued_at > livecrew_now() - make_interval(days => :days) group by 1 order by 1""",
        target=rules.first_s, days=days,
    )  # fmt: skip
    return [TrendDay(row.day, row.came, row.answered, row.within, row.median) for row in rows]
