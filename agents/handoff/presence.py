"""Operators in the queue: who is there, what they can do, how much they hold. The ids are those of their accounts."""

from collections.abc import Sequence
from typing import Any, Literal

from agents.handoff import claim_rows, sweep
from agents.handoff.routing import is_available
from agents.handoff.rules import QueueRules, rules_of
from agents.handoff.standing import settings_of
from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.views import OperatorState
from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import InvalidInputError, NotFoundError
from knowledge.kit.events import append_event

Status = Literal["online", "away", "offline"]
MOST_CAPACITY = 100
_STATES = """select p.*, extract(epoch from livecrew_now() - p.last_seen_at)::float as silent_s,
    (select count(*) from handoffs h where h.shop_id = p.shop_id and h.claimed_by = p.operator_id
     and h.state = 'claimed') as holding
    from operator_presence p where p.shop_id = :shop_id"""


class Presence:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def sign_in(
        self, shop_id: str, operator_id: str, *, name: str, skills: Sequence[str] | None = None,
        capacity: int | None = None,
    ) -> OperatorState:  # fmt: skip
        """Online from now on; what is None stays as it was. Raises: InvalidInputError."""
        async with self._database.transaction(shop_id) as scope:
            await scope.run(
                """insert into operator_presence (shop_id, operator_id, name) values (:shop_id, :operator, :name)
                on conflict (shop_id, operator_id)
                do update set name = excluded.name, status = 'online', last_seen_at = livecrew_now()""",
                operator=operator_id, name=name,
            )  # fmt: skip
            return await _change(scope, operator_id, skills, capacity, "online")

    async def set(
        self, shop_id: str, operator_id: str, *, skills: Sequence[str] | None = None, capacity: int | None = None,
        status: Status | None = None,
    ) -> OperatorState:  # fmt: skip
        """Raises: NotFoundError for somebody who never signed in, InvalidInputError."""
        async with self._database.transaction(shop_id) as scope:
            changed = await _change(scope, operator_id, skills, capacity, status)
        if status == "offline":
            await sweep.expire_held(self._database, shop_id, operator_id=operator_id)
        return changed

    async def beat(self, shop_id: str, operator_id: str) -> bool:
        """Still there: their claims are theirs for another lease. False for somebody who is not signed in."""
        async with self._database.transaction(shop_id) as scope:
            rules = rules_of(await settings_of(scope))
            seen = await scope.run(
                """update operator_presence set last_seen_at = livecrew_now()
                where shop_id = :shop_id and operator_id = :operator and status <> 'offline'""",
                operator=operator_id,
            )
            if seen:
                await claim_rows.extend_leases(scope, operator_id, rules.lease_s)
        return bool(seen)

    async def sign_out(self, shop_id: str, operator_id: str) -> None:
        """Offline at once; what they held is queued again before this returns."""
        async with self._database.transaction(shop_id) as scope:
            if await scope.run(
                """update operator_presence set status = 'offline'
                where shop_id = :shop_id and operator_id = :operator and status <> 'offline'""",
                operator=operator_id,
            ):
                await append_event(scope, QUEUE_STREAM, "presence", {"operator_id": operator_id, "status": "offline"})
        await sweep.expire_held(self._database, shop_id, operator_id=operator_id)

    async def listed(self, shop_id: str) -> list[OperatorState]:
        """Those who are there first, then by name."""
        async with self._database.transaction(shop_id) as scope:
            return await states(scope)


async def states(scope: Scope) -> list[OperatorState]:
    rules = rules_of(await settings_of(scope))
    found = [_state(row, rules) for row in await scope.all(_STATES)]
    return sorted(found, key=lambda one: (not one.available, one.name, one.operator_id))


async def _change(
    scope: Scope, operator_id: str, skills: Sequence[str] | None, capacity: int | None, status: Status | None
) -> OperatorState:
    if capacity is not None and not 0 <= capacity <= MOST_CAPACITY:
        raise InvalidInputError("The capacity is out of range.", field="capacity", rule=f"0 to {MOST_CAPACITY}")
    if status not in (None, "online", "away", "offline"):
        raise InvalidInputError("There is no such status.", field="status", rule="online, away or offline")
    changed = await scope.run(
        """update operator_presence set skills = coalesce(cast(:skills as text[]), skills),
        capacity = coalesce(cast(:capacity as integer), capacity), status = coalesce(cast(:status as text), status),
        last_seen_at = case when cast(:status as text) = 'online' then livecrew_now() else last_seen_at end
        where shop_id = :shop_id and operator_id = :operator""",
        operator=operator_id, skills=sorted(set(skills)) if skills is not None else None, capacity=capacity,
        status=status,
    )  # fmt: skip
    if not changed:
        raise NotFoundError("This operator never signed in to the queue.", operator_id=operator_id)
    row = await scope.one(f"{_STATES} and p.operator_id = :operator", operator=operator_id)
    state = _state(row, rules_of(await settings_of(scope)))
    data = {"operator_id": operator_id, "status": state.status, "capacity": state.capacity, "skills": row.skills}
    await append_event(scope, QUEUE_STREAM, "presence", data)
    return state


def _state(row: Any, rules: QueueRules) -> OperatorState:
    return OperatorState(
        row.operator_id, row.name, tuple(row.skills), row.capacity, row.status, row.last_seen_at,
        is_available(row.status, row.silent_s, rules), row.holding,
    )  # fmt: skip
