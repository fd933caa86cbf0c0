"""The SQL of the sweep: what may be due. Whoever acts on a row looks again with the row locked."""

from typing import Any

from agents.handoff.rules import QueueRules
from agents.handoff.sla import WARN_SHARE
from agents.handoff.standing import ORDER, TOPMOST
from knowledge.kit.db import Scope

_UNANSWERED = """select min(m.created_at) from messages m where m.conversation_id = h.subject_id
    and m.author = 'shopper' and m.created_at > h.last_reply_at"""


async def due_claims(
    scope: Scope, rules: QueueRules, *, operator_id: str | None = None, handoff_id: str | None = None, limit: int
) -> list[Any]:
    """Rows (id, cause): offline, lease, first_reply or silence. With `handoff_id` the row is locked; none where
    somebody else has it locked."""
    rows = await scope.all(
        f"""with n as materialized (select livecrew_now() as now)
        select d.id, d.cause from (
          select h.id, h.claimed_at, case
            when p.operator_id is null or p.status = 'offline'
              or p.last_seen_at <= n.now - make_interval(secs => :offline_s) then 'offline'
            when h.lease_until <= n.now then 'lease'
            when h.origin = 'support' and h.claimed_at <= n.now - make_interval(secs => :t1_s)
              and (h.last_reply_at is null
                   or (h.last_reply_at < h.claimed_at and ({_UNANSWERED}) is not null)) then 'first_reply'
            when h.origin = 'support' and h.last_reply_at >= h.claimed_at
              and ({_UNANSWERED}) <= n.now - make_interval(secs => :t2_s) then 'silence' end as cause
          from n, handoffs h left join operator_presence p on p.shop_id = h.shop_id and p.operator_id = h.claimed_by
          where h.shop_id = :shop_id and h.state = 'claimed'
            and (cast(:operator as text) is null or h.claimed_by = :operator)
            and (cast(:handoff as text) is null or h.id = :handoff)
          {"for update of h skip locked" if handoff_id else ""}) d
        where d.cause is not null order by d.claimed_at limit :limit""",
        operator=operator_id, handoff=handoff_id, offline_s=rules.offline_s, t1_s=rules.t1_s, t2_s=rules.t2_s,
        limit=limit,
    )  # fmt: skip
    return rows


async def due_clocks(scope: Scope, rules: QueueRules, *, limit: int) -> list[str]:
    """Ids of open handoffs one of whose clocks may have passed a mark that nobody was told of; at random, so that those
    whose clocks stood still at night hide nobody."""
    rows = await scope.all(
        f"""with o as (
          select h.id, h.enqueued_at, h.sla_warned, h.sla_breached,
            case when h.first_reply_at is null and (h.origin = 'support' or h.claimed_at is null)
              then extract(epoch from n.now - h.enqueued_at) end as first_s,
            extract(epoch from n.now - ({_UNANSWERED})) as next_s,
            extract(epoch from n.now - h.enqueued_at) - h.paused_s as resolution_s
          from handoffs h, (select livecrew_now() as now) n
          where h.shop_id = :shop_id and h.state in ('queued', 'claimed'))
        select id from o where
          (first_s >= :share * :first_target and not 'first' = any(sla_warned))
          or (first_s >= :first_target and not 'first' = any(sla_breached))
          or (next_s >= :share * :next_target and not 'next' = any(sla_warned))
          or (next_s >= :next_target and not 'next' = any(sla_breached))
          or (resolution_s >= :share * :whole_target and not 'resolution' = any(sla_warned))
          or (resolution_s >= :whole_target and not 'resolution' = any(sla_breached))
        order by random() limit :limit""",
        share=WARN_SHARE, first_target=rules.first_s, next_target=rules.next_s, whole_target=rules.resolution_s,
        limit=limit,
    )  # fmt: skip
    return [row.id for row in rows]


async def moved_places(scope: Scope, *, limit: int) -> list[Any]:
    """Rows (id, subject_id, reason, position) of shoppers who were told another place, the nearest first; now counted
    as told. A place far back is told again only when it moved by a tenth. No handoff is locked: claims pass over what
    is."""
    return await scope.all(
        f"""with placed as (
          select h.id, h.subject_id, h.reason, h.origin, row_number() over (order by {ORDER}) as position
          from handoffs h, {TOPMOST} t where h.shop_id = :shop_id and h.state = 'queued'),
        moved as (
          select placed.* from placed left join handoff_places s on s.handoff_id = placed.id
          where origin = 'support'
            and (s.position is null or abs(placed.position - s.position) > placed.position / 10)
          order by placed.position limit :limit),
        told as (
          insert into handoff_places as s (handoff_id, shop_id, position)
          select id, :shop_id, position from moved order by id
          on conflict (handoff_id) do update set position = excluded.position
            where s.position is distinct from excluded.position
          returning handoff_id)
        select moved.* from moved join told on told.handoff_id = moved.id order by moved.position""",
        limit=limit,
    )
