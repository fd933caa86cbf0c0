"""One cause, one decision, a draft for each; and each is sent under its own fence."""

import asyncio

import pytest

from agents.handoff.errors import StaleFenceError
from agents.handoff.incidents import Incidents
from agents.handoff.reasons import HandoffReason
from agents.handoff.views import Claimed, Enqueued, IncidentView
from knowledge.kit.errors import ConflictError, NotFoundError
from tests.agents.handoff.kit import ANNA, BEN, BOSS, Bench

_LATE = {"intents": ("human_request", "logistics"), "slots": {"courier": "中通"}}
_CAUSE = "complaint/logistics/中通"
_WORDS = "中通分拨中心积压，包裹预计后天恢复派送。"


async def _burst(bench: Bench, count: int = 3) -> list[Enqueued]:
    return [await bench.ask(HandoffReason.COMPLAINT, **_LATE) for _ in range(count)]


async def _grouped(bench: Bench, asked: list[Enqueued]) -> tuple[Incidents, IncidentView]:
    incidents = Incidents(bench.database)
    made = await incidents.group(
        bench.shop_id, BOSS, cause=_CAUSE, title="中通积压", handoff_ids=[one.handoff_id for one in asked]
    )  # fmt: skip
    return incidents, made


async def test_what_shares_a_cause_is_found(bench: Bench) -> None:
    asked = await _burst(bench)
    await bench.ask(HandoffReason.COMPLAINT, intents=("invoice",))
    incidents = Incidents(bench.database)
    (cluster,) = await incidents.clusters(bench.shop_id)
    assert (cluster.cause, cluster.handoff_ids) == (_CAUSE, tuple(one.handoff_id for one in asked))
    assert await incidents.clusters(bench.shop_id, least=4) == []
    await bench.past(1801)
    assert await incidents.clusters(bench.shop_id) == []


async def test_one_decision_drafts_for_all_and_sends_nothing(bench: Bench) -> None:
    asked = await _burst(bench)
    incidents, made = await _grouped(bench, asked)
    assert await incidents.clusters(bench.shop_id) == []
    drafts = await incidents.decide(bench.shop_id, made.id, BOSS, _WORDS)
    assert {one.handoff_id for one in drafts} == {one.handoff_id for one in asked}
    assert {(one.text, one.state) for one in drafts} == {(_WORDS, "draft")}
    assert await bench.told("replied") == []
    assert (await incidents.read(bench.shop_id, made.id)).drafts == 3
    (told,) = await bench.told("drafted")
    assert (told["incident_id"], told["drafts"], told["actor"]) == (made.id, 3, f"supervisor:{BOSS.id}")


async def test_each_draft_goes_out_once_under_its_own_fence(bench: Bench) -> None:
    asked = await _burst(bench, 2)
    incidents, made = await _grouped(bench, asked)
    await incidents.decide(bench.shop_id, made.id, BOSS, _WORDS)
    await bench.sign_in(ANNA, BEN)
    mine, other = await bench.take(ANNA), await bench.take(BEN)

    def send(claimed: Claimed, fence: int) -> object:
        return incidents.send(bench.shop_id, made.id, claimed.handoff_id, ANNA, fence)

    for stale in (send(mine, mine.fence + 1), send(other, other.fence)):
        with pytest.raises(StaleFenceError):
            await stale  # type: ignore[misc]
    done = await asyncio.gather(*(send(mine, mine.fence) for _ in range(4)))  # type: ignore[call-overload]
    assert len({one.message_id for one in done}) == 1
    texts = [data["text"] for kind, data in await bench.told_shopper(mine.subject_id) if kind == "message"]
    assert texts == [_WORDS]
    assert [kind for kind, _ in await bench.told_shopper(other.subject_id)].count("message") == 0
    view = await incidents.read(bench.shop_id, made.id)
    assert (view.drafts, view.sent) == (1, 1)
    (replied,) = [line for line in await bench.audited(mine.handoff_id) if line.action == "replied"]
    assert replied.detail["incident_id"] == made.id


async def test_what_comes_later_joins_with_a_draft_of_what_was_decided(bench: Bench) -> None:
    incidents, made = await _grouped(bench, await _burst(bench))
    early = (await _burst(bench, 1))[0]
    assert (await bench.read(early.handoff_id)).incident_id == made.id
    assert await incidents.draft_of(bench.shop_id, early.handoff_id) is None
    await incidents.decide(bench.shop_id, made.id, BOSS, _WORDS)
    late = (await _burst(bench, 1))[0]
    draft = await incidents.draft_of(bench.shop_id, late.handoff_id)
    assert draft is not None
    assert draft.text == _WORDS


async def test_a_better_decision_replaces_what_is_unsent(bench: Bench) -> None:
    asked = await _burst(bench, 2)
    incidents, made = await _grouped(bench, asked)
    await incidents.decide(bench.shop_id, made.id, BOSS, _WORDS)
    await bench.sign_in()
    mine = await bench.take()
    await incidents.send(bench.shop_id, made.id, mine.handoff_id, ANNA, mine.fence)
    (redrafted,) = await incidents.decide(bench.shop_id, made.id, BOSS, "明天就恢复派送。")
    assert redrafted.handoff_id != mine.handoff_id


async def test_an_ended_incident_drops_its_drafts_and_leaves_the_work(bench: Bench) -> None:
    asked = await _burst(bench)
    incidents, made = await _grouped(bench, asked)
    await incidents.decide(bench.shop_id, made.id, BOSS, _WORDS)
    ended = [await incidents.end(bench.shop_id, made.id, BOSS) for _ in range(2)]
    assert [(one.state, one.drafts) for one in ended] == [("ended", 0)] * 2
    with pytest.raises(ConflictError):
        await incidents.decide(bench.shop_id, made.id, BOSS, _WORDS)
    await bench.sign_in()
    mine = await bench.take()
    with pytest.raises(NotFoundError):
        await incidents.send(bench.shop_id, made.id, mine.handoff_id, ANNA, mine.fence)
    assert (await bench.read(asked[0].handoff_id)).state in ("queued", "claimed")
    with pytest.raises(NotFoundError):
        await incidents.read(bench.shop_id, "inc_unknown")
    assert [one.id for one in await incidents.listed(bench.shop_id, state="ended")] == [made.id]
