"""Where a handoff stands in the queue, in the order in which it will be taken."""

from collections.abc import Mapping
from typing import Any

from agents.handoff.models import Handoff
from agents.handoff.priority import TOP
from agents.handoff.rules import QueueRules, rules_of
from agents.handoff.views import Standing
from agents.handoff.waiting import average_handling_s, expected_wait_s
from knowledge.kit.db import Scope

ORDER = "greatest(h.rank, t.top), (h.rank > t.top and not h.vip), h.enqueued_at, h.id"
"""priority.order_key as SQL; `t` is TOPMOST."""
TOPMOST = f"(select livecrew_rank({TOP}, n.now) as top, n.now from (select livecrew_now() as now) n)"
_LATEST = 20  # resolved handoffs whose handling time is averaged


async def settings_of(scope: Scope) -> dict[str, Any]:
    row = await scope.one("select settings from shops where id = :shop_id")
    return dict(row.settings) if row else {}


async def rules_for(scope: Scope) -> QueueRules:
    return rules_of(await settings_of(scope))


async def position_of(scope: Scope, handoff: Handoff) -> int:
    """1 = next to be claimed; 0 once claimed or ended."""
    if handoff.state != "queued":
        return 0
    row = await scope.one(
        f"""with t as materialized {TOPMOST},
        mine as (select greatest(h.rank, t.top) as a, (h.rank > t.top and not h.vip) as b, h.enqueued_at as c, h.id as d
                 from handoffs h, t where h.shop_id = :shop_id and h.id = :id)
        select count(*) as ahead from handoffs h, t, mine
        where h.shop_id = :shop_id and h.state = 'queued' and ({ORDER}) < (mine.a, mine.b, mine.c, mine.d)""",
        id=handoff.id,
    )
    return int(row.ahead) + 1


async def standing_of(scope: Scope, handoff: Handoff) -> Standing:
    position = await position_of(scope, handoff)
    if not position:
        return Standing(0, 0, operator_name=await _holder(scope, handoff))
    settings = await settings_of(scope)
    return standing_at(position, await capacity_of(scope, settings), settings)


async def _holder(scope: Scope, handoff: Handoff) -> str:
    """The name under which whoever holds it signed in to the queue; empty once it has ended."""
    if handoff.state != "claimed":
        return ""
    row = await scope.one(
        "select name from operator_presence where shop_id = :shop_id and operator_id = :operator",
        operator=handoff.claimed_by,
    )
    return row.name if row else ""


async def capacity_of(scope: Scope, settings: Mapping[str, Any]) -> Any:
    """Row (now, operators, handled_s): who is there, and what the latest handoffs took; None where there were none."""
    return await scope.one(
        """select livecrew_now() as now,
        (select count(*) from operator_presence where shop_id = :shop_id and status = 'online'
         and last_seen_at > livecrew_now() - make_interval(secs => :offline_s)) as operators,
        (select avg(extract(epoch from resolved_at - claimed_at))::float from (
           select resolved_at, claimed_at from handoffs where shop_id = :shop_id and resolved_at is not null
           and state = 'resolved' and claimed_at is not null order by resolved_at desc limit :latest) l
        ) as handled_s""",
        offline_s=rules_of(settings).offline_s, latest=_LATEST,
    )  # fmt: skip


def standing_at(position: int, capacity: Any, settings: Mapping[str, Any]) -> Standing:
    average_s = average_handling_s(settings, capacity.handled_s)
    opens_in_s = 0 if capacity.operators else rules_of(settings).hours.opens_in_s(capacity.now)
    return Standing(position, expected_wait_s(position, average_s, capacity.operators), opens_in_s)


async def remember_place(scope: Scope, handoff_id: str, position: int) -> None:
    """What the shopper is told now."""
    await scope.run(
        """insert into handoff_places (handoff_id, shop_id, position) values (:id, :shop_id, :position)
        on conflict (handoff_id) do update set position = excluded.position""",
        id=handoff_id, position=position,
    )  # fmt: skip
