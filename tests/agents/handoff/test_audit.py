"""The queue's memory: append-only, chained, provable, and without any shopper's words."""

import asyncio
import json
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from agents.conversations import service
from agents.handoff import audit
from agents.handoff.views import Verified
from agents.llm.ledger import LedgerRow, Outcome
from agents.llm.sql_ledger import SqlLedger
from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError
from knowledge.kit.postgres import DatabaseUrls
from tests.agents.handoff.kit import ANNA, AROUND_THE_CLOCK, BOSS, Bench
from tests.support.desk import Desk, new_shop


async def _verified(bench: Bench) -> Verified:
    async with bench.database.transaction(bench.shop_id) as scope:
        return await audit.verify(scope)


async def _worked(bench: Bench) -> str:
    asked = await bench.ask(ask="芝麻开门", order_ids=("A1",))
    await bench.sign_in()
    claimed = await bench.take()
    await bench.queue.reply(bench.shop_id, asked.handoff_id, ANNA, claimed.fence, "芝麻开门了", client_key="k")
    await bench.queue.note(bench.shop_id, asked.handoff_id, ANNA, claimed.fence, "芝麻")
    await bench.queue.resolve(bench.shop_id, asked.handoff_id, ANNA, claimed.fence, resolution="芝麻开过了")
    return asked.handoff_id


async def test_every_move_is_told_with_actor_and_fence_and_no_words(bench: Bench) -> None:
    lines = await bench.audited(await _worked(bench))
    assert [(one.action, one.actor, one.fence) for one in lines] == [
        ("enqueued", "system", 0), ("claimed", f"operator:{ANNA.id}", 1), ("replied", f"operator:{ANNA.id}", 1),
        ("noted", f"operator:{ANNA.id}", 1), ("resolved", f"operator:{ANNA.id}", 1),
    ]  # fmt: skip
    assert [one.seq for one in lines] == [1, 2, 3, 4, 5]
    assert "芝麻" not in "".join(one.body for one in lines)
    assert all(one.order_ids == ("A1",) for one in lines)


async def test_racing_moves_make_one_chain(bench: Bench) -> None:
    await asyncio.gather(*(bench.ask() for _ in range(12)))
    assert await _verified(bench) == Verified(entries=12, broken_at=None)


async def test_a_move_that_did_not_happen_is_not_told(bench: Bench) -> None:
    asked = await bench.ask()
    before = (await _verified(bench), await bench.told())

    async def fails() -> None:
        async with bench.database.transaction(bench.shop_id) as scope:
            await audit.record(
                scope, handoff_id=asked.handoff_id, subject_id="x", action="revealed", actor=BOSS, fence=0
            )  # fmt: skip
            raise RuntimeError("the transaction is rolled back")

    with pytest.raises(RuntimeError):
        await fails()
    assert (await _verified(bench), await bench.told()) == before


@pytest.mark.parametrize(
    "statement", ["update handoff_audit set action = 'x'", "delete from handoff_audit", "truncate handoff_audit"]
)
async def test_nobody_may_rewrite_it(own_urls: DatabaseUrls, statement: str) -> None:
    """Neither the role that serves, for want of the right, nor the owner, by the trigger."""
    database = Database(own_urls.app)
    bench = Bench(database, await new_shop(database))
    await bench.setting(**AROUND_THE_CLOCK)
    await bench.ask()
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction(bench.shop_id) as scope:
            await scope.run(statement)
    await database.dispose()
    with psycopg.connect(own_urls.owner) as connection:
        connection.execute("select set_config('livecrew.shop_id', %s, false)", [bench.shop_id])
        with pytest.raises(psycopg.errors.RaiseException, match="never change"):
            connection.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("tampering", "at"),
    [
        ("update handoff_audit set body = replace(body, 'noted', 'moved') where seq = 4", 4),
        ("update handoff_audit set actor = 'operator:opr_ben' where seq = 3", 3),
        ("update handoff_audit set at = at + interval '1 second' where seq = 2", 2),
        ("delete from handoff_audit where seq = 3", 3),
    ],
)
async def test_tampering_by_whoever_owns_the_database_is_found(own_urls: DatabaseUrls, tampering: str, at: int) -> None:
    database = Database(own_urls.app)
    bench = Bench(database, await new_shop(database))
    await bench.setting(**AROUND_THE_CLOCK)
    await _worked(bench)
    assert (await _verified(bench)).whole
    with psycopg.connect(own_urls.owner) as connection:
        connection.execute("alter table handoff_audit disable trigger user")
        connection.execute("select set_config('livecrew.shop_id', %s, false)", [bench.shop_id])
        connection.execute(tampering)  # type: ignore[call-overload]
    found = await _verified(bench)
    await database.dispose()
    assert (found.broken_at, found.whole) == (at, False)


async def test_an_order_is_exported_with_proofs(bench: Bench) -> None:
    handoff_id = await _worked(bench)
    await bench.ask(order_ids=("B1",))
    async with bench.database.transaction(bench.shop_id) as scope:
        exported: dict[str, Any] = json.loads(json.dumps(await audit.export(scope, order_id="A1")))
        with pytest.raises(InvalidInputError):
            await audit.export(scope)
        assert exported["head"] == {"seq": (await audit.head(scope))[0], "hash": (await audit.head(scope))[1]}
    assert {one["handoff_id"] for one in exported["entries"]} == {handoff_id}
    for one in exported["entries"]:
        assert audit.hash_of(one["prev_hash"], one["body"]) == one["hash"]


async def test_where_a_bot_was_at_work_its_prompts_and_model_are_told(desk: Desk) -> None:
    accepted = await desk.say(conversation_id := await desk.open(), "转人工")
    assert accepted.turn is not None
    await SqlLedger(desk.database).record(
        LedgerRow(
            shop_id=desk.shop_id, subject_id=accepted.turn.id, prompt="support_answer", prompt_sha256="abc", model="m1",
            input_tokens=1, output_tokens=1, ms=1, cost_fen=0, outcome=Outcome.OK,
        )
    )  # fmt: skip
    await desk.runner().run(desk.shop_id, accepted.turn.id)
    async with desk.database.transaction(desk.shop_id) as scope:
        (line,) = await audit.entries(scope, subject_id=conversation_id)
        assert (await service.repository.get(scope, conversation_id)).owner == "handoff"
    made_by = line.detail["made_by"]
    assert (line.actor, made_by["turn_id"], bool(made_by["version"])) == ("bot", accepted.turn.id, True)
    assert made_by["calls"] == [{"prompt": "support_answer", "prompt_sha256": "abc", "model": "m1", "outcome": "ok"}]
