"""The SQL of claims: one statement picks, takes, fences and tells, so that a claim costs about what a bare one does."""

import json
from typing import Any

from agents.handoff.priority import MOST, TAU_S, TOP
from agents.handoff.rules import QueueRules
from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.views import Actor
from knowledge.kit.db import Scope
from knowledge.kit.ids import new_id

# Skills and stickiness hold for a while only: after T3 anybody may take it (routing.may_take says the same in Python).
_ELIGIBLE = """h.shop_id = :shop_id and h.state = 'queued'
  and (h.skills <@ cast(:skills as text[]) or h.queued_at <= (select overflow from t))
  and (h.sticky_operator is null or h.sticky_operator = :operator or h.queued_at <= (select unstuck from t)
       or not exists (select from operator_presence p where p.shop_id = :shop_id and p.operator_id = h.sticky_operator
                      and p.status = 'online' and p.last_seen_at > (select seen from t)))"""
_FREE = (
    "(select count(*) from handoffs b where b.shop_id = :shop_id and b.claimed_by = :operator and b.state = 'claimed')"
)
# What stands at TOP goes by age alone; only where there is any is it worth looking for.
_NEXT = f"""select case when {_FREE} < :capacity then coalesce(
    (select case when exists (select from handoffs h where h.shop_id = :shop_id and h.state = 'queued'
                              and h.rank <= (select top from t)) then
      (select h.id from handoffs h where {_ELIGIBLE} and h.rank <= (select top from t)
         and h.enqueued_at <= (select oldest from t) order by h.enqueued_at, h.id limit 1 for update skip locked) end),
    (select h.id from handoffs h where {_ELIGIBLE}
       order by h.rank, (not h.vip), h.enqueued_at, h.id limit 1 for update skip locked)) end as id"""
_THIS = f"""select case when {_FREE} < :capacity then
    (select h.id from handoffs h where h.shop_id = :shop_id and h.id = :handoff and h.state = 'queued'
       for update) end as id"""


_TAKE = """taken as (
      update handoffs h set state = 'claimed', fence = h.fence + 1, claimed_by = :operator, claimed_at = t.now,
        lease_until = t.now + make_interval(secs => :lease_s)
      from picked, t where h.shop_id = :shop_id and h.id = picked.id returning h.*),
    owned as (
      update conversations c set owner = 'handoff', fence = c.fence + 1, updated_at = taken.claimed_at
      from taken where taken.origin = 'support' and c.shop_id = :shop_id and c.id = taken.subject_id returning c.id),
    facts as (
      select id, jsonb_build_object('handoff_id', id, 'subject_id', subject_id, 'origin', origin, 'state', state,
        'reason', reason, 'priority', priority, 'fence', fence, 'claimed_by', claimed_by) as data from taken),
    posted as (
      insert into outbox (id, shop_id, topic, payload) select :out, :shop_id, 'handoff.claimed', data from facts)"""
# The conversation's row is joined, so that it is locked before the shop's audit is: moves.py tells why.
_TELL = """select taken.id, taken.subject_id, taken.origin, taken.fence, taken.lease_until,
      livecrew_audit(:shop_id, taken.id, taken.subject_id,
        array(select jsonb_array_elements_text(coalesce(taken.packet->'order_ids', '[]'))), :kind, :actor, taken.fence,
        jsonb_build_object('state', taken.state, 'reason', taken.reason, 'priority', taken.priority)
          || cast(:detail as jsonb)) as audited,
      case when taken.origin = 'support' then livecrew_append_event(:shop_id, 'conversation:' || taken.subject_id,
        'handoff', jsonb_build_object('id', taken.id, 'state', 'claimed', 'reason', taken.reason, 'position', 0,
          'expected_wait_s', 0, 'opens_in_s', 0)) end as shown,
      livecrew_append_event(:shop_id, :stream, :kind,
        facts.data || jsonb_build_object('actor', cast(:actor as text)) || cast(:detail as jsonb)) as told
    from taken join facts on facts.id = taken.id left join owned on owned.id = taken.subject_id"""


def _statement(picked: str) -> str:
    return f"""with t as materialized (
      select n.now, livecrew_rank({TOP}, n.now) as top, n.now - interval '{(TOP - MOST) * TAU_S} seconds' as oldest,
        n.now - make_interval(secs => :t3_s) as overflow, n.now - make_interval(secs => :sticky_s) as unstuck,
        n.now - make_interval(secs => :offline_s) as seen
      from (select livecrew_now() as now) n),
    picked as materialized ({picked}),
    {_TAKE}
    {_TELL}"""


_CLAIM_NEXT, _CLAIM_THIS = _statement(_NEXT), _statement(_THIS)


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
        _CLAIM_THIS if handoff_id else _CLAIM_NEXT,
        **({"handoff": handoff_id} if handoff_id else {"skills": operator.skills}),
        operator=operator_id, capacity=_NO_LIMIT if unlimited else operator.capacity, actor=actor.told, kind=kind,
        detail=json.dumps(detail or {}), out=new_id("out"), stream=QUEUE_STREAM, lease_s=rules.lease_s,
        t3_s=rules.t3_s, sticky_s=rules.sticky_s, offline_s=rules.offline_s,
    )  # fmt: skip


_NO_LIMIT = 1_000_000


async def extend_leases(scope: Scope, operator_id: str, lease_s: int) -> None:
    """Skips what is being taken away at this moment: whoever does that decides."""
    await scope.run(
        """update handoffs h set lease_until = livecrew_now() + make_interval(secs => :lease_s)
        where h.shop_id = :shop_id and h.id in (
          select id from handoffs where shop_id = :shop_id and claimed_by = :operator and state = 'claimed'
          for update skip locked)""",
        operator=operator_id, lease_s=lease_s,
    )  # fmt: skip
