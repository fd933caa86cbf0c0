"""The random test in short, and that its judge sees what it is there to see."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from agents.conversations import service
from evals.contract import Options
from evals.queue.replay import Found, judge
from evals.suites import queue
from knowledge.kit.db import Database
from knowledge.kit.postgres import DatabaseUrls
from tests.agents.handoff.kit import ANNA, AROUND_THE_CLOCK, BEN, Bench
from tests.support.desk import new_shop

_CLEAN = dict.fromkeys(vars(Found()), 0)


async def test_killed_workers_and_a_crash_of_the_server_leave_nothing_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_LIFE_S", (0.2, 0.8))  # on a quick machine the run is over before a longer life ends
    options = Options(
        data=Path(), corpus=None, writer="offline", limit=5000, seed=5, now=datetime(2026, 1, 1, tzinfo=UTC),
        cards=True, progress=lambda _line: None, ops=480, processes=2,
    )  # fmt: skip
    metrics = (await queue.run(options)).metrics
    assert {name: metrics[name] for name in _CLEAN} == _CLEAN, metrics["found"]
    assert metrics["ops"] >= 480
    assert (metrics["restarts"], metrics["kills"] > 0) == (1, True)
    assert metrics["race_bot_after_claim"] == 0
    assert {"claimed", "replied", "resolved", "enqueued"} <= set(metrics["moves"])
    assert metrics["claims_per_s"] > 0 < metrics["raw_claims_per_s"]


class _Spoiled:
    def __init__(self, bench: Bench, owner_url: str) -> None:
        self.bench, self.owner_url = bench, owner_url

    async def judged(self, statement: str = "", logs: list[dict[str, Any]] | None = None) -> set[str]:
        """The kinds of wrong that are found once somebody has changed the rows behind everybody's back."""
        with psycopg.connect(self.owner_url) as connection:
            connection.execute("select set_config('livecrew.shop_id', %s, false)", [self.bench.shop_id])
            connection.execute("alter table handoff_audit disable trigger user")
            if statement:
                connection.execute(statement)  # type: ignore[call-overload]
        found, _ = await judge(self.bench.database, self.bench.shop_id, [logs or []])
        return {name for name, n in found.counts().items() if n}


@pytest.fixture
async def spoiled(own_urls: DatabaseUrls, own_database: Database) -> _Spoiled:
    bench = Bench(own_database, await new_shop(own_database))
    await bench.setting(**AROUND_THE_CLOCK)
    await bench.sign_in(ANNA, BEN)
    for n in range(2):
        await bench.ask(subject=(subject := await bench.conversation()))
        claimed = await bench.take()
        await bench.queue.reply(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, f"您好{n}", client_key="k")
    await bench.ask()
    async with own_database.transaction(bench.shop_id) as scope:
        await service.repository.get(scope, subject)
    return _Spoiled(bench, own_urls.owner)


async def test_a_whole_history_is_clean(spoiled: _Spoiled) -> None:
    assert await spoiled.judged() == set()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("delete from handoffs where state = 'queued'", "lost"),
        ("update handoffs set state = 'resolved' where state = 'queued'", "lost"),
        ("delete from handoffs where state = 'claimed'", "lost"),
        ("update handoffs set claimed_by = 'opr_ben' where state = 'claimed'", "double_owner"),
        ("update conversations set owner = 'bot'", "not_conserved"),
        ("update messages set id = 'x' || id where author = 'operator'", "stale_sends"),
        ("delete from messages where author = 'operator'", "lost"),
        ("update messages set text = 'same' where author = 'operator'", "duplicate_sends"),
        ("update handoff_audit set body = replace(body, 'replied', 'noted')", "chain_broken"),
        ("update handoff_audit set fence = 0 where action = 'replied'", "stale_sends"),
        ("update handoff_audit set actor = 'operator:opr_ben' where action = 'replied'", "stale_sends"),
        ("update messages set author = 'bot' where author = 'operator'", "stale_sends"),
    ],
)
async def test_the_judge_sees(spoiled: _Spoiled, statement: str, kind: str) -> None:
    assert kind in await spoiled.judged(statement)


async def test_the_judge_sees_a_second_owner_and_who_was_passed_over(spoiled: _Spoiled) -> None:
    bench = spoiled.bench
    (waiting,) = await bench.queue.listed(bench.shop_id, state="queued")
    await bench.past(600)
    await bench.ask()
    late = await bench.take(BEN)
    assert late.handoff_id == waiting.id
    aged = (
        "update handoffs set enqueued_at = enqueued_at - interval '2 hours' where state = 'queued';"
        "update handoff_audit set at = at - interval '1 hour' where action = 'enqueued'"
    )
    assert "bound_violations" in await spoiled.judged(aged)
    told = {"op": "claim_next", "end": {"handoff": late.handoff_id, "fence": 1, "operator": BEN.id}}
    other = json.loads(json.dumps(told))
    other["end"]["operator"] = ANNA.id
    assert "double_owner" in await spoiled.judged(logs=[told, other])
    assert "lost" in await spoiled.judged(logs=[{"op": "reply", "end": {"message": "msg_nowhere"}}])
