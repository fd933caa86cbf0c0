"""One open handoff a subject, in order of urgency and then of waiting."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from agents.handoff import repository
from agents.handoff.models import Handoff
from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason
from knowledge.kit.db import Database
from tests.support.desk import new_shop


async def _enqueue(database: Database, shop_id: str, subject: str, trigger: str, reason: HandoffReason) -> Handoff:
    async with database.transaction(shop_id) as scope:
        return await repository.enqueue(
            scope, origin="support", subject_id=subject, trigger_id=trigger, reason=reason,
            packet=Packet(reason=reason.value, ask=f"{subject} {trigger}"),
        )  # fmt: skip


async def _position(database: Database, shop_id: str, handoff: Handoff) -> int:
    async with database.transaction(shop_id) as scope:
        return await repository.position(scope, handoff)


async def test_urgent_work_goes_first_then_what_waited_longest(database: Database, shop_id: str) -> None:
    asked = [
        await _enqueue(database, shop_id, f"cnv_{n}", "msg", reason)
        for n, reason in enumerate(
            [HandoffReason.KNOWLEDGE_GAP, HandoffReason.CUSTOMER_REQUEST, HandoffReason.SAFETY,
             HandoffReason.CUSTOMER_REQUEST]
        )
    ]  # fmt: skip
    assert [await _position(database, shop_id, one) for one in asked] == [4, 2, 1, 3]
    async with database.transaction(shop_id) as scope:
        listed = await repository.listed(scope, state="queued", limit=10)
    assert [one.subject_id for one in listed] == ["cnv_2", "cnv_1", "cnv_3", "cnv_0"]


async def test_the_same_trigger_twice_changes_nothing(database: Database, shop_id: str) -> None:
    first = await _enqueue(database, shop_id, "cnv", "msg_1", HandoffReason.COMPLAINT)
    again = await _enqueue(database, shop_id, "cnv", "msg_1", HandoffReason.SAFETY)
    assert (again.id, again.reason, again.priority) == (first.id, "complaint", first.priority)


async def test_a_new_trigger_merges_and_raises(database: Database, shop_id: str) -> None:
    first = await _enqueue(database, shop_id, "cnv", "msg_1", HandoffReason.COMPLAINT)
    merged = await _enqueue(database, shop_id, "cnv", "msg_2", HandoffReason.SAFETY)
    assert merged.id == first.id
    assert (merged.reason, merged.reasons) == ("safety", ["complaint", "safety"])
    assert merged.priority > first.priority
    lower = await _enqueue(database, shop_id, "cnv", "msg_3", HandoffReason.KNOWLEDGE_GAP)
    assert (lower.reason, lower.priority) == ("safety", merged.priority)


async def test_racing_triggers_leave_one_open_handoff(database: Database, shop_id: str) -> None:
    done = await asyncio.gather(
        *(_enqueue(database, shop_id, "cnv", f"msg_{n}", HandoffReason.COMPLAINT) for n in range(6)),
        return_exceptions=True,
    )
    assert all(isinstance(one, Handoff | IntegrityError) for one in done)
    async with database.transaction(shop_id) as scope:
        assert len(await repository.listed(scope, state="queued", limit=10)) == 1


async def test_the_database_refuses_a_second_open_handoff(database: Database, shop_id: str) -> None:
    await _enqueue(database, shop_id, "cnv", "msg_1", HandoffReason.COMPLAINT)
    with pytest.raises(IntegrityError, match="handoffs_one_open"):
        async with database.transaction(shop_id) as scope:
            await scope.run(
                "insert into handoffs (id, shop_id, origin, subject_id, trigger_id, reason, reasons, priority, packet) "
                "values ('hnd_x', :shop_id, 'support', 'cnv', 'other', 'legal', '{legal}', 1, '{}')"
            )


async def test_a_closed_handoff_gives_way_to_a_new_one(database: Database, shop_id: str) -> None:
    first = await _enqueue(database, shop_id, "cnv", "msg_1", HandoffReason.COMPLAINT)
    async with database.transaction(shop_id) as scope:
        await scope.run("update handoffs set state = 'resolved' where id = :id", id=first.id)
    second = await _enqueue(database, shop_id, "cnv", "msg_2", HandoffReason.COMPLAINT)
    assert second.id != first.id


async def test_queues_of_shops_are_apart(database: Database, shop_id: str) -> None:
    await _enqueue(database, shop_id, "cnv", "msg_1", HandoffReason.SAFETY)
    other = await new_shop(database)
    mine = await _enqueue(database, other, "cnv", "msg_1", HandoffReason.KNOWLEDGE_GAP)
    assert await _position(database, other, mine) == 1
