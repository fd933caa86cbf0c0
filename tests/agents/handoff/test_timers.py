"""What nobody honours goes back by itself, once, whoever sweeps; clocks warn and breach; places are told anew."""

import asyncio

import pytest

from agents.handoff.reasons import HandoffReason
from agents.handoff.sweep import QueueSweeper, expire_held, sweep_shop
from agents.handoff.views import Claimed
from knowledge.kit.db import Database
from tests.agents.handoff.kit import ANNA, AROUND_THE_CLOCK, BEN, Bench
from tests.support.desk import new_shop


async def _claimed(bench: Bench, reason: HandoffReason = HandoffReason.COMPLAINT) -> Claimed:
    await bench.ask(reason)
    await bench.sign_in()
    return await bench.take()


async def _beating(bench: Bench, seconds: float) -> None:
    """Time passes, and the operator's page is open."""
    await bench.past(seconds)
    assert await bench.presence.beat(bench.shop_id, ANNA.id)


async def _causes(bench: Bench) -> list[str]:
    return [one["cause"] for one in await bench.told("expired")]


async def test_without_a_first_reply_it_goes_back_one_class_up_and_supervisors_are_warned(bench: Bench) -> None:
    claimed = await _claimed(bench)
    await _beating(bench, 119)
    assert (await bench.sweep()).expired == 0
    await _beating(bench, 2)
    assert (await bench.sweep()).expired == 1
    view = await bench.read(claimed.handoff_id)
    assert (view.state, view.claimed_by, view.returns, view.fence) == ("queued", None, 1, 1)
    assert view.priority >= 400
    (told,) = await bench.told("expired")
    assert (told["cause"], told["left_by"], told["warn"], told["actor"]) == ("first_reply", ANNA.id, True, "system")
    assert [line.action for line in await bench.audited(claimed.handoff_id)].count("expired") == 1
    kind, last = [one for one in await bench.told_shopper(claimed.subject_id) if one[0] == "handoff"][-1]
    assert (kind, last["state"], last["position"]) == ("handoff", "queued", 1)
    assert (await bench.take()).fence == 2


async def test_silence_after_the_shoppers_message_gives_it_back(bench: Bench) -> None:
    claimed = await _claimed(bench)
    await bench.queue.reply(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, "您好", client_key="k")
    await _beating(bench, 3600)
    assert (await bench.sweep()).expired == 0  # it is the shopper's turn
    await bench.say(claimed.subject_id, "在吗")
    await _beating(bench, 299)
    assert (await bench.sweep()).expired == 0
    await _beating(bench, 2)
    assert (await bench.sweep()).expired == 1
    assert await _causes(bench) == ["silence"]


async def test_a_reply_stops_both_timers(bench: Bench) -> None:
    claimed = await _claimed(bench)
    await _beating(bench, 100)
    await bench.queue.reply(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, "您好", client_key="a")
    await bench.say(claimed.subject_id, "在吗")
    await _beating(bench, 200)
    await bench.queue.reply(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, "在的", client_key="b")
    await _beating(bench, 250)
    assert (await bench.sweep()).expired == 0


async def test_who_takes_over_answered_work_is_not_hurried_while_it_is_the_shoppers_turn(bench: Bench) -> None:
    claimed = await _claimed(bench)
    await bench.queue.reply(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, "您好", client_key="k")
    await bench.queue.release(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    await bench.take()
    await _beating(bench, 600)
    assert (await bench.sweep()).expired == 0
    await bench.say(claimed.subject_id, "好了吗")
    await _beating(bench, 1)
    assert (await bench.sweep()).expired == 1


async def test_a_lease_nobody_renews_runs_out(bench: Bench) -> None:
    await bench.setting(t1_s=3600, lease_s=30, offline_s=3600)
    claimed = await _claimed(bench)
    await bench.past(20)
    await bench.queue.heartbeat(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    await bench.past(25)
    assert (await bench.sweep()).expired == 0
    await bench.past(10)
    assert (await bench.sweep()).expired == 1
    assert await _causes(bench) == ["lease"]


async def test_an_operator_who_is_gone_loses_all_at_once(bench: Bench) -> None:
    claimed = [await _claimed(bench) for _ in range(3)]
    await bench.silent(ANNA, 60)
    assert (await bench.sweep()).expired == 3
    assert await _causes(bench) == ["offline"] * 3
    await bench.sign_in(BEN)
    assert {(await bench.take(BEN)).handoff_id for _ in claimed} == {one.handoff_id for one in claimed}


async def test_signing_out_gives_everything_back_before_it_returns(bench: Bench) -> None:
    claimed = await _claimed(bench)
    await bench.presence.sign_out(bench.shop_id, ANNA.id)
    assert (await bench.read(claimed.handoff_id)).state == "queued"
    assert not await bench.presence.beat(bench.shop_id, ANNA.id)
    (state,) = await bench.presence.listed(bench.shop_id)
    assert (state.status, state.available, state.holding) == ("offline", False, 0)


async def test_many_sweeps_at_once_do_it_once(bench: Bench) -> None:
    claimed = [await _claimed(bench) for _ in range(4)]
    await bench.silent(ANNA, 60)
    done = await asyncio.gather(*(expire_held(bench.database, bench.shop_id) for _ in range(5)))
    assert sum(done) == 4
    for one in claimed:
        view = await bench.read(one.handoff_id)
        assert (view.returns, view.priority) == (1, 400)


async def test_clocks_warn_at_seventy_percent_and_breach_at_the_whole(bench: Bench) -> None:
    asked = await bench.ask(HandoffReason.KNOWLEDGE_GAP)
    await bench.past(120)
    assert (await bench.sweep()).warned == 0
    await bench.past(7)
    assert [(await bench.sweep()).warned for _ in range(2)] == [1, 0]
    view = await bench.read(asked.handoff_id)
    assert (view.priority, view.clocks[0].level, view.clocks[0].running) == (350, "warned", True)
    await bench.past(60)
    assert [(await bench.sweep()).breached for _ in range(2)] == [1, 0]
    view = await bench.read(asked.handoff_id)
    assert (view.priority, view.clocks[0].level) == (450, "breached")
    told = [one for one in await bench.told() if one["kind"].startswith("sla_")]
    assert [(one["kind"], one["clock"], one["warn"]) for one in told] == [
        ("sla_warned", "first", True), ("sla_breached", "first", True),
    ]  # fmt: skip


async def test_each_wait_for_a_next_answer_has_a_clock_of_its_own(bench: Bench) -> None:
    await bench.setting(t2_s=3600)
    claimed = await _claimed(bench)
    for n in range(2):
        await bench.queue.reply(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, "您好", client_key=str(n))
        await bench.say(claimed.subject_id, "然后呢")
        await _beating(bench, 301)
        assert (await bench.sweep()).breached == 1
    assert [one["clock"] for one in await bench.told("sla_breached")] == ["next", "next"]


async def test_no_clock_runs_while_the_desk_is_closed(bench: Bench, database: Database) -> None:
    async with database.transaction(bench.shop_id) as scope:
        hour = (await scope.one("select extract(hour from livecrew_now() at time zone 'Asia/Shanghai') as h")).h
    closed = {"opens": 0, "closes": 1} if hour >= 2 else {"opens": 12, "closes": 13}
    await bench.setting(**closed)
    asked = await bench.ask()
    assert asked.standing.opens_in_s > 0
    await bench.past(600)
    assert (await bench.sweep()).breached == 0
    await bench.setting(**AROUND_THE_CLOCK)
    assert (await bench.sweep()).breached == 1


async def test_shoppers_hear_their_new_place_when_somebody_before_them_is_taken(bench: Bench) -> None:
    asked = [await bench.ask() for _ in range(3)]
    await bench.sign_in()
    await bench.take()
    assert [(await bench.sweep()).repositioned for _ in range(2)] == [2, 0]
    last = await bench.read(asked[2].handoff_id)
    kind, told = (await bench.told_shopper(last.subject_id))[-1]
    assert (kind, told["position"], told["expected_wait_s"] > 0) == ("handoff", 2, True)


async def test_the_wait_is_shared_by_those_who_are_there(bench: Bench) -> None:
    alone = await bench.ask()
    await bench.ask()
    await bench.sign_in(ANNA, BEN)
    third = await bench.ask()
    assert (alone.standing.expected_wait_s, third.standing.expected_wait_s) == (180, 360)


async def test_a_sweeper_sweeps_every_shop(own_database: Database) -> None:
    benches = [Bench(own_database, await new_shop(own_database)) for _ in range(2)]
    for one in benches:
        await one.setting(**AROUND_THE_CLOCK)
        await _claimed(one)
        await one.silent(ANNA, 60)
    swept = await QueueSweeper(own_database).sweep()
    assert {shop: one.expired for shop, one in swept.items()} == {one.shop_id: 1 for one in benches}
    assert (await sweep_shop(own_database, benches[0].shop_id)).expired == 0


@pytest.mark.parametrize("skills", [["refund"], ["refund", "english"]])
async def test_required_skills_hold_until_t3_has_passed(bench: Bench, skills: list[str]) -> None:
    asked = await bench.ask(skills=["refund"])
    await bench.sign_in(ANNA)
    await bench.sign_in(BEN, skills=skills)
    assert await bench.queue.claim_next(bench.shop_id, ANNA) is None
    assert (await bench.queue.fitting(bench.shop_id, asked.handoff_id))[0].operator_id == BEN.id
    await bench.past(121)
    assert (await bench.take(ANNA)).handoff_id == asked.handoff_id


async def test_the_last_operator_has_it_to_themselves_for_a_little_while(bench: Bench) -> None:
    claimed = await _claimed(bench)
    await bench.queue.resolve(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    again = await bench.ask(subject=claimed.subject_id, trigger="msg_2")
    await bench.sign_in(BEN)
    assert await bench.queue.claim_next(bench.shop_id, BEN) is None
    await bench.silent(ANNA, 60)  # gone: nobody waits for them
    assert (await bench.take(BEN)).handoff_id == again.handoff_id
