"""One shopper's data: handed out whole, erased without a trace, and nobody else's touched."""

import base64
import json
from typing import Any

import httpx
import pytest

from agents.conversations import privacy, repository
from api.services import Services
from knowledge.kit.db import Database
from tests.api.conftest import Talk, key_for, open_talk
from tests.support.desk import Desk, new_shop
from tests.support.filled import PLANTED, FilledShop, Talked, a_picture, put_orders_of, talk_of
from tests.support.filled import fill_every_table as fill
from tests.support.waiting import until

FELLOW = "别人的话"


@pytest.fixture
async def shop(running: Services) -> Desk:
    return Desk(running.database, await new_shop(running.database), running.retriever._embedder)


@pytest.fixture
async def headers(running: Services, shop: Desk) -> dict[str, str]:
    return await key_for(running, shop.shop_id)


async def _person(desk: Desk, shopper_id: str, order_id: str, word: str) -> Talked:
    await put_orders_of(desk.database, desk.shop_id, shopper_id, order_id, word)
    return await talk_of(desk, shopper_id, word=word)


async def _holding(database: Database, shop_id: str, needle: str) -> set[str]:
    """Tables and columns of text, JSON, arrays or bytes that hold the needle, jobs and shops included."""
    hexed = needle.encode().hex()
    found = set()
    async with database.transaction(shop_id) as scope:
        columns = await scope.all(
            "select table_name, column_name, data_type from information_schema.columns "
            "where table_schema = 'public' and (data_type in ('text', 'jsonb', 'json', 'bytea', 'ARRAY') "
            "or data_type like 'character%') and table_name not like 'pg_%'"
        )
        for one in columns:
            value = f"encode({one.column_name}, 'hex')" if one.data_type == "bytea" else f'"{one.column_name}"::text'
            sought = hexed if one.data_type == "bytea" else needle
            if await scope.one(
                f'select 1 from "{one.table_name}" where {value} like :sought limit 1', sought=f"%{sought}%"
            ):
                found.add(f"{one.table_name}.{one.column_name}")
    return found


# export ---------------------------------------------------------------------------------------------------------------


async def test_an_export_holds_everything(client: httpx.AsyncClient, shop: Desk, headers: dict[str, str]) -> None:
    talked = await _person(shop, "anna", "A1", PLANTED)
    await _person(shop, "bob", "B1", FELLOW)
    answer = await client.get("/v1/shoppers/anna/export", headers=headers)
    assert answer.status_code == 200
    told = answer.json()
    assert told["shopper"]["name"] == f"{PLANTED}女士"
    assert [one["order_id"] for one in told["orders"]] == ["A1"]
    (held,) = told["conversations"]
    assert held["conversation"]["id"] == talked.conversation_id
    assert [one["author"] for one in held["messages"]] == ["shopper", "bot"]
    assert PLANTED in held["messages"][0]["text"]
    assert [one["attachment_id"] for one in held["attachments"]] == [talked.attachment_id]
    assert base64.b64decode(held["attachments"][0]["content_base64"])[:3] == a_picture()[:3]
    assert (held["rating"]["score"], held["rating"]["comment"]) == (2, f"{PLANTED}没解决")
    assert [one["state"] for one in held["turns"]] == ["handed_off"]
    assert PLANTED in json.dumps(held["handoffs"][0]["packet"], ensure_ascii=False)
    assert FELLOW not in answer.text
    assert "token_hash" not in answer.text


async def test_an_export_leaves_out_no_place_where_the_shopper_stands(
    client: httpx.AsyncClient, shop: Desk, headers: dict[str, str]
) -> None:
    """Every stored text that holds the shopper's word is in it; events and streams repeat messages and packets."""
    await _person(shop, "anna", "A1", PLANTED)
    told = (await client.get("/v1/shoppers/anna/export", headers=headers)).text
    async with shop.database.transaction(shop.shop_id) as scope:
        rows = [row.r for row in await scope.all(
            "select coalesce(text, '') as r from messages union all select packet->>'ask' from handoffs "
            "union all select comment from ratings union all select address from orders union all select note "
            "from orders union all select reason from refunds union all select phone from shoppers"
        )]  # fmt: skip
    assert [row for row in rows if PLANTED in row and json.dumps(row, ensure_ascii=False) not in told] == []
    assert sum(PLANTED in row for row in rows) >= 7


async def test_nothing_held_is_not_found(
    client: httpx.AsyncClient, running: Services, shop: Desk, headers: dict[str, str]
) -> None:
    assert (await client.get("/v1/shoppers/nobody/export", headers=headers)).status_code == 404
    await _person(shop, "anna", "A1", PLANTED)
    other = await key_for(running, await new_shop(running.database))
    assert (await client.get("/v1/shoppers/anna/export", headers=other)).status_code == 404


async def test_reading_and_erasing_are_two_rights(client: httpx.AsyncClient, running: Services, shop: Desk) -> None:
    await _person(shop, "anna", "A1", PLANTED)
    reader = await key_for(running, shop.shop_id, "shoppers:read")
    eraser = await key_for(running, shop.shop_id, "shoppers:erase")
    assert (await client.delete("/v1/shoppers/anna", headers=reader)).status_code == 403
    assert (await client.get("/v1/shoppers/anna/export", headers=eraser)).status_code == 403
    assert (await client.get("/v1/shoppers/anna/export", headers=reader)).status_code == 200


# erasure --------------------------------------------------------------------------------------------------------------

_PLACES = {
    "conversations.shopper_name", "messages.text", "events.data", "handoffs.packet", "ratings.comment",
    "orders.address", "orders.note", "orders.phone", "order_items.sku_name", "refunds.reason", "shipments.steps",
    "shoppers.address", "shoppers.email", "shoppers.name", "shoppers.phone",
}  # fmt: skip


async def test_erasure_leaves_no_word_of_the_shopper_anywhere(
    client: httpx.AsyncClient, shop: Desk, headers: dict[str, str]
) -> None:
    talked = await _person(shop, "anna", "A1", PLANTED)
    fellow = await _person(shop, "bob", "B1", FELLOW)
    async with shop.database.transaction(shop.shop_id) as scope:
        kept = (await repository.attachment(scope, talked.conversation_id, talked.attachment_id)).content
    before = await _holding(shop.database, shop.shop_id, PLANTED)
    assert before >= _PLACES
    theirs = await _holding(shop.database, shop.shop_id, FELLOW)
    assert {f"{talked.conversation_id}", talked.attachment_id} & await _ids(shop) == {
        talked.conversation_id,
        talked.attachment_id,
    }
    for _ in range(2):  # may be repeated
        assert (await client.delete("/v1/shoppers/anna", headers=headers)).status_code == 204
        assert await _holding(shop.database, shop.shop_id, PLANTED) == set()
    assert not {talked.conversation_id, talked.attachment_id} & await _ids(shop)
    # The audit of handoffs never changes: of the conversation it keeps the bare id, which leads nowhere now.
    assert await _holding(shop.database, shop.shop_id, talked.conversation_id) == {
        "handoff_audit.body", "handoff_audit.subject_id",
    }  # fmt: skip
    assert await _holding(shop.database, shop.shop_id, FELLOW) == theirs
    async with shop.database.transaction(shop.shop_id) as scope:
        same = await repository.attachment(scope, fellow.conversation_id, fellow.attachment_id)
        assert same.content == kept  # the other shopper sent the same picture, and keeps it
        rows = await scope.all("select order_id, paid_fen from orders order by order_id")
        assert [row.order_id for row in rows] == ["A1", "B1"]  # the books stay


async def _ids(shop: Desk) -> set[str]:
    async with shop.database.transaction(shop.shop_id) as scope:
        return {row.id for row in await scope.all("select id from conversations union all select id from attachments")}


async def test_an_erased_conversation_is_gone_for_whoever_still_has_its_token(
    client: httpx.AsyncClient, shop: Desk, headers: dict[str, str]
) -> None:
    talked = await _person(shop, "anna", "A1", PLANTED)
    talk = Talk(client, talked.conversation_id, f"{shop.shop_id}.{talked.token}", {})
    assert (await client.get(talk.path, headers=talk.headers)).status_code == 200
    await client.delete("/v1/shoppers/anna", headers=headers)
    assert (await client.get(talk.path, headers=talk.headers)).status_code == 404
    assert (await talk.post("在吗")).status_code == 404
    assert (await client.get("/v1/handoffs", headers=headers)).json() == []


async def test_an_answer_still_being_written_brings_nothing_back(shop: Desk) -> None:
    """The turn was claimed before the erasure and ends after it."""
    talked = await _person(shop, "anna", "A1", PLANTED)
    async with shop.database.transaction(shop.shop_id) as scope:
        await scope.run("update conversations set owner = 'bot' where id = :id", id=talked.conversation_id)
    accepted = await shop.say(talked.conversation_id, f"转人工，{PLANTED}")
    assert accepted.turn is not None

    async def erase_meanwhile(_step: str) -> None:
        async with shop.database.transaction(shop.shop_id) as scope:
            await privacy.erase(scope, "anna")

    runner = shop.runner()
    answer = runner._answerer.answer
    runner._answerer.answer = lambda question, _on_step: answer(question, erase_meanwhile)  # type: ignore[method-assign]
    assert await runner.run(shop.shop_id, accepted.turn.id) is None
    left = await _holding(shop.database, shop.shop_id, PLANTED)
    assert left == {place for place in _PLACES if place.split(".")[0] in _OWN_RECORD}


_OWN_RECORD = {"orders", "order_items", "refunds", "shipments", "shoppers"}  # erased by the order store, not here


async def test_the_same_id_in_another_shop_is_another_person(shop: Desk, running: Services) -> None:
    other = Desk(running.database, await new_shop(running.database), running.retriever._embedder)
    await _person(other, "anna", "A1", PLANTED)
    before = await _holding(other.database, other.shop_id, PLANTED)
    await _person(shop, "anna", "A1", PLANTED)
    async with shop.database.transaction(shop.shop_id) as scope:
        assert await privacy.erase(scope, "anna") == 1
    assert await _holding(other.database, other.shop_id, PLANTED) == before >= _PLACES


async def test_a_guest_s_words_are_nobody_s(client: httpx.AsyncClient, shop: Desk, headers: dict[str, str]) -> None:
    talk = await open_talk(client, shop.shop_id)
    await talk.post(f"转人工，{PLANTED}")

    async def waits() -> Any:
        return (await talk.read())["handoff"]

    await until(waits)
    assert (await client.delete("/v1/shoppers/anna", headers=headers)).status_code == 204
    assert "messages.text" in await _holding(shop.database, shop.shop_id, PLANTED)


async def test_the_scan_sees_every_kind_of_column(running: Services) -> None:
    """Else an empty scan would prove nothing."""
    desk = Desk(running.database, await new_shop(running.database), running.retriever._embedder)
    filled: FilledShop = await fill(desk)
    found = await _holding(desk.database, desk.shop_id, PLANTED)
    assert {
        "documents.content",
        "chunks.text",
        "model_settings.api_key",
        "operators.name",
        "imports.file_name",
    } <= found
    assert "turns.record" in await _holding(desk.database, desk.shop_id, "customer_request")
    assert "attachments.id" in await _holding(desk.database, desk.shop_id, filled.talked.attachment_id)
