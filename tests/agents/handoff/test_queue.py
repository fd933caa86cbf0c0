"""How work enters and is taken: one open handoff a subject, urgent first, one owner."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from agents.handoff.errors import (
    AlreadyClaimedError,
    AtCapacityError,
    KeyReusedError,
    OperatorUnavailableError,
)
from agents.handoff.reasons import HandoffReason
from agents.handoff.views import Claimed
from knowledge.kit.db import Database
from knowledge.kit.errors import ConflictError, NotFoundError
from tests.agents.handoff.kit import ANNA, BEN, BOSS, Bench
from tests.support.desk import new_shop

R = HandoffReason


async def test_urgent_work_goes_first_then_what_waited_longest(bench: Bench) -> None:
    asked = [await bench.ask(one) for one in (R.KNOWLEDGE_GAP, R.CUSTOMER_REQUEST, R.SAFETY, R.CUSTOMER_REQUEST)]
    listed = await bench.queue.listed(bench.shop_id, state="queued")
    assert [one.id for one in listed] == [asked[n].handoff_id for n in (2, 1, 3, 0)]
    assert [one.position for one in listed] == [1, 2, 3, 4]
    assert [one.standing.position for one in asked] == [1, 1, 1, 3]
    await bench.sign_in()
    assert [(await bench.take()).handoff_id for _ in asked] == [asked[n].handoff_id for n in (2, 1, 3, 0)]
    assert await bench.queue.claim_next(bench.shop_id, ANNA) is None


async def test_what_waited_long_enough_goes_before_what_is_urgent(bench: Bench) -> None:
    low = await bench.ask(R.KNOWLEDGE_GAP)
    await bench.past(600 * 6 + 60)
    safety = await bench.ask(R.SAFETY)
    await bench.past(130 * 6)
    late = await bench.ask(R.SAFETY)
    await bench.sign_in()
    order = [(await bench.take()).handoff_id for _ in range(3)]
    assert order == [low.handoff_id, safety.handoff_id, late.handoff_id]


async def test_a_vip_breaks_ties_only(bench: Bench) -> None:
    plain = await bench.ask(R.COMPLAINT)
    vip = await bench.ask(R.COMPLAINT, shopper={"shopper_id": "S1", "name": "王", "tier": "金卡会员"})
    urgent = await bench.ask(R.LEGAL)
    async with bench.database.transaction(bench.shop_id) as scope:  # within one slot of six seconds
        await scope.run("update handoffs set enqueued_at = date_bin('6 s', enqueued_at, 'epoch') + interval '1 s'")
        await scope.run("update handoffs set enqueued_at = enqueued_at + interval '1 s' where vip")
    await bench.sign_in()
    taken = [(await bench.take()).handoff_id for _ in range(3)]
    assert taken == [urgent.handoff_id, vip.handoff_id, plain.handoff_id]


async def test_the_same_trigger_twice_changes_nothing(bench: Bench) -> None:
    first = await bench.ask(subject=(subject := await bench.conversation()))
    before = (await bench.owner(subject), await bench.told(), await bench.told_shopper(subject))
    again = await bench.ask(subject=subject)
    assert (again.handoff_id, again.repeated, again.standing) == (first.handoff_id, True, first.standing)
    assert (await bench.owner(subject), await bench.told(), await bench.told_shopper(subject)) == before


async def test_the_same_trigger_with_another_body_is_refused(bench: Bench) -> None:
    await bench.ask(subject=(subject := await bench.conversation()))
    for other in ({"reason": R.SAFETY}, {"ask": "另一件事"}, {"skills": ["english"]}):
        with pytest.raises(KeyReusedError) as raised:
            await bench.ask(subject=subject, **other)
        assert raised.value.data == {"subject_id": subject, "trigger_id": "msg_1"}
    assert len(await bench.queue.listed(bench.shop_id)) == 1


async def test_a_new_trigger_merges_and_raises_and_is_a_key_as_well(bench: Bench) -> None:
    first = await bench.ask(subject=(subject := await bench.conversation()))
    before = await bench.read(first.handoff_id)
    merged = await bench.ask(R.SAFETY, subject=subject, trigger="msg_2", ask="孩子吃了不舒服")
    after = await bench.read(first.handoff_id)
    assert (merged.handoff_id, merged.merged) == (first.handoff_id, True)
    assert (after.reason, after.reasons) == ("safety", ("complaint", "safety"))
    assert after.priority > before.priority
    assert after.enqueued_at == before.enqueued_at
    assert [one["ask"] for one in after.packet["merged"]] == ["孩子吃了不舒服"]
    lower = await bench.ask(R.KNOWLEDGE_GAP, subject=subject, trigger="msg_3")
    assert (await bench.read(lower.handoff_id)).priority == after.priority
    assert (await bench.ask(R.SAFETY, subject=subject, trigger="msg_2", ask="孩子吃了不舒服")).repeated


async def test_racing_triggers_leave_one_open_handoff(bench: Bench) -> None:
    subject = await bench.conversation()
    done = await asyncio.gather(*(bench.ask(subject=subject, trigger=f"msg_{n}") for n in range(6)))
    assert len({one.handoff_id for one in done}) == 1
    assert sorted(one.merged for one in done) == [False, True, True, True, True, True]
    assert len(await bench.queue.listed(bench.shop_id, state="queued")) == 1


async def test_the_database_refuses_a_second_open_handoff(bench: Bench) -> None:
    await bench.ask(subject=(subject := await bench.conversation()))
    with pytest.raises(IntegrityError, match="handoffs_one_open"):
        async with bench.database.transaction(bench.shop_id) as scope:
            await scope.run(
                "insert into handoffs (id, shop_id, origin, subject_id, trigger_id, reason, reasons, priority, packet) "
                "values ('hnd_x', :shop_id, 'support', :subject, 'other', 'legal', '{legal}', 1, '{}')",
                subject=subject,
            )


async def test_a_handoff_without_its_conversation_is_refused(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        await bench.ask(subject="cnv_unknown")
    line = await bench.ask(R.LINE_HOLD, subject="lin_1", origin="narration")
    assert (await bench.read(line.handoff_id)).origin == "narration"


async def test_queues_of_shops_are_apart(bench: Bench, database: Database) -> None:
    await bench.ask(R.SAFETY)
    other = Bench(database, await new_shop(database))
    await other.sign_in()
    assert await other.queue.claim_next(other.shop_id, ANNA) is None
    mine = await other.ask(R.KNOWLEDGE_GAP)
    assert mine.standing.position == 1
    with pytest.raises(NotFoundError):
        await bench.queue.read(bench.shop_id, mine.handoff_id)


# claims ---------------------------------------------------------------------------------------------------------------


async def test_a_claim_makes_a_fence_a_lease_and_moves_the_conversations_fence(bench: Bench) -> None:
    asked = await bench.ask(subject=(subject := await bench.conversation()))
    _, before = await bench.owner(subject)
    await bench.sign_in()
    claimed = await bench.take()
    view = await bench.read(asked.handoff_id)
    assert (view.state, view.claimed_by, view.fence, view.position) == ("claimed", ANNA.id, 1, 0)
    assert claimed == Claimed(asked.handoff_id, subject, "support", 1, view.lease_until or view.enqueued_at)
    assert await bench.owner(subject) == ("handoff", before + 1)
    assert (await bench.told_shopper(subject))[-1] == (
        "handoff",
        {"id": asked.handoff_id, "state": "claimed", "reason": "complaint", "position": 0, "expected_wait_s": 0,
         "opens_in_s": 0, "operator_name": ANNA.name},
    )  # fmt: skip
    (told,) = await bench.told("claimed")
    assert (told["handoff_id"], told["claimed_by"], told["fence"], told["actor"]) == (
        asked.handoff_id, ANNA.id, 1, f"operator:{ANNA.id}",
    )  # fmt: skip


async def test_racing_operators_never_take_the_same(bench: Bench) -> None:
    asked = [await bench.ask() for _ in range(6)]
    await bench.sign_in(ANNA, BEN, BOSS, capacity=20)
    taken = await asyncio.gather(*(bench.queue.claim_next(bench.shop_id, one) for one in (ANNA, BEN, BOSS) * 3))
    ids = [one.handoff_id for one in taken if one is not None]
    assert sorted(ids) == sorted(one.handoff_id for one in asked)


async def test_racing_for_one_leaves_one_owner_and_names_them(bench: Bench) -> None:
    asked = await bench.ask()
    await bench.sign_in(ANNA, BEN, BOSS)
    claim = bench.queue.claim
    done = await asyncio.gather(
        *(claim(bench.shop_id, asked.handoff_id, one) for one in (ANNA, BEN, BOSS)), return_exceptions=True
    )
    (won,) = [one for one in done if isinstance(one, Claimed)]
    owner = (await bench.read(asked.handoff_id)).claimed_by
    assert {one.data["claimed_by"] for one in done if isinstance(one, AlreadyClaimedError)} == {owner}
    assert won.fence == 1


async def test_claiming_ones_own_again_is_the_same_claim(bench: Bench) -> None:
    asked = await bench.ask()
    await bench.sign_in()
    claimed = await bench.take()
    assert await bench.queue.claim(bench.shop_id, asked.handoff_id, ANNA) == claimed


async def test_capacity_holds_even_for_two_windows_of_one_operator(bench: Bench) -> None:
    asked = [await bench.ask() for _ in range(5)]
    await bench.sign_in(ANNA, capacity=2)
    done = await asyncio.gather(
        *(bench.queue.claim_next(bench.shop_id, ANNA) for _ in range(4)), return_exceptions=True
    )
    assert [type(one) for one in done].count(Claimed) == 2
    assert [one.data for one in done if isinstance(one, AtCapacityError)] == [{"capacity": 2}] * 2
    waiting = [one for one in asked if (await bench.read(one.handoff_id)).state == "queued"]
    with pytest.raises(AtCapacityError):
        await bench.queue.claim(bench.shop_id, waiting[0].handoff_id, ANNA)


async def test_who_is_not_there_cannot_claim(bench: Bench) -> None:
    asked = await bench.ask()
    with pytest.raises(OperatorUnavailableError) as raised:
        await bench.queue.claim_next(bench.shop_id, ANNA)
    assert raised.value.data["status"] == "unknown"
    await bench.sign_in()
    await bench.silent(ANNA, 60)
    with pytest.raises(OperatorUnavailableError) as raised:
        await bench.queue.claim(bench.shop_id, asked.handoff_id, ANNA)
    assert raised.value.data["status"] == "silent"
    assert await bench.presence.beat(bench.shop_id, ANNA.id)
    await bench.presence.set(bench.shop_id, ANNA.id, status="away")
    with pytest.raises(OperatorUnavailableError):
        await bench.queue.claim_next(bench.shop_id, ANNA)


async def test_what_has_ended_cannot_be_claimed(bench: Bench) -> None:
    asked = await bench.ask()
    await bench.sign_in()
    await bench.queue.cancel(bench.shop_id, asked.handoff_id, ANNA)
    with pytest.raises(ConflictError) as raised:
        await bench.queue.claim(bench.shop_id, asked.handoff_id, ANNA)
    assert raised.value.data["state"] == "cancelled"


async def test_a_supervisor_pushes_work_and_takes_it_from_another(bench: Bench) -> None:
    asked = await bench.ask()
    await bench.sign_in(ANNA, BEN, capacity=0)
    with pytest.raises(OperatorUnavailableError):
        await bench.queue.assign(bench.shop_id, asked.handoff_id, "opr_nobody", by=BOSS)
    first = await bench.queue.assign(bench.shop_id, asked.handoff_id, ANNA.id, by=BOSS)
    assert await bench.queue.assign(bench.shop_id, asked.handoff_id, ANNA.id, by=BOSS) == first
    second = await bench.queue.assign(bench.shop_id, asked.handoff_id, BEN.id, by=BOSS)
    view = await bench.read(asked.handoff_id)
    assert (view.claimed_by, view.fence, second.fence) == (BEN.id, 2, 2)
    told = await bench.told("assigned")
    assert [(one["actor"], one["from"], one["to"]) for one in told] == [
        (f"supervisor:{BOSS.id}", None, ANNA.id), (f"supervisor:{BOSS.id}", ANNA.id, BEN.id),
    ]  # fmt: skip


async def test_an_operator_takes_a_conversation_from_the_bot(bench: Bench) -> None:
    subject = await bench.conversation()
    accepted = await bench.say(subject, "能退货吗")
    assert accepted.turn is not None
    await bench.sign_in(ANNA, BEN)
    claimed = await bench.queue.take_over(bench.shop_id, subject, ANNA)
    owner, fence = await bench.owner(subject)
    assert (owner, fence > accepted.turn.fence, claimed.subject_id) == ("handoff", True, subject)
    assert await bench.queue.take_over(bench.shop_id, subject, ANNA) == claimed
    with pytest.raises(AlreadyClaimedError):
        await bench.queue.take_over(bench.shop_id, subject, BEN)
