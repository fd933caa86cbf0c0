"""Each shop writes with the model it chose, at once, and with nobody else's key."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from agents.llm.addresses import check_base_url
from agents.llm.ledger import MemoryLedger
from agents.llm.model_check import check_model
from agents.llm.ports import OfflineWriter
from agents.llm.shop_writer import ShopModel, ShopWriter
from agents.settings import AgentSettings
from knowledge.kit.clock import SystemClock
from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError
from tests.agents.llm.endpoint import FakeEndpoint, answer_task, completion, failure
from tests.support.desk import new_shop

ANSWER = completion('{"answer": "48小时内开具。[1]", "citations": [1], "needs": []}')


@pytest.fixture
async def writer(database: Database, server: FakeEndpoint) -> AsyncIterator[ShopWriter]:
    server.replies = [ANSWER]
    made = ShopWriter(OfflineWriter(), AgentSettings(), database, MemoryLedger(), SystemClock())
    yield made
    await made.aclose()


async def test_a_shop_without_a_choice_writes_with_the_process(writer: ShopWriter, shop_id: str) -> None:
    assert (await writer.write(answer_task(shop_id=shop_id))).writer == "offline"
    assert await writer.name_for(shop_id) == "offline"


async def test_a_choice_holds_from_the_next_words_on_for_its_shop_alone(
    writer: ShopWriter, database: Database, shop_id: str, server: FakeEndpoint
) -> None:
    other = await new_shop(database)
    await writer.choose(shop_id, ShopModel(server.url, "own-model", "sk-own"))
    assert (await writer.write(answer_task(shop_id=shop_id))).writer == "own-model"
    assert (await writer.write(answer_task(shop_id=other))).writer == "offline"
    assert server.headers[-1]["authorization"] == "Bearer sk-own"
    await writer.choose(shop_id, ShopModel(server.url, "newer", "sk-new"))
    assert (await writer.write(answer_task(shop_id=shop_id))).writer == "newer"
    assert server.headers[-1]["authorization"] == "Bearer sk-new"
    await writer.forget(shop_id)
    assert (await writer.write(answer_task(shop_id=shop_id))).writer == "offline"


async def test_another_process_sees_the_choice(
    writer: ShopWriter, database: Database, shop_id: str, server: FakeEndpoint
) -> None:
    elsewhere = ShopWriter(OfflineWriter(), AgentSettings(), database, MemoryLedger(), SystemClock())
    await elsewhere.write(answer_task(shop_id=shop_id))
    await writer.choose(shop_id, ShopModel(server.url, "own-model"))
    assert (await elsewhere.write(answer_task(shop_id=shop_id))).writer == "own-model"
    await elsewhere.aclose()


async def test_words_under_way_are_finished_by_the_writer_they_began_with(
    writer: ShopWriter, shop_id: str, server: FakeEndpoint
) -> None:
    def slow(_request: object) -> tuple[int, object]:
        server.released.wait(5)
        return ANSWER

    server.replies = [slow, ANSWER]
    await writer.choose(shop_id, ShopModel(server.url, "first"))
    begun = asyncio.create_task(writer.write(answer_task(shop_id=shop_id)))
    await asyncio.to_thread(server.asked.wait, 5)
    await writer.choose(shop_id, ShopModel(server.url, "second"))
    assert (await writer.write(answer_task(shop_id=shop_id))).writer == "second"
    server.released.set()
    assert (await begun).writer == "first"


def test_the_processs_key_goes_to_its_own_address_only(database: Database) -> None:
    settings = AgentSettings(llm_base_url="https://ours.example/v1", llm_model="ours", llm_api_key="sk-ours")
    writer = ShopWriter(OfflineWriter(), settings, database, MemoryLedger(), SystemClock())

    def key(chosen: ShopModel) -> str:
        return writer.settings_for(chosen).llm_api_key.get_secret_value()

    assert key(ShopModel(model="another")) == "sk-ours"
    assert key(ShopModel("https://ours.example/v1/", "another")) == "sk-ours"
    assert key(ShopModel("https://ours.example.evil/v1", "another")) == ""
    assert key(ShopModel("https://evil.example/v1", "another", "sk-mine")) == "sk-mine"
    assert "sk-mine" not in repr(ShopModel("https://evil.example/v1", "another", "sk-mine"))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/v1", "file:///etc/passwd", "host/v1", "", "http://", "http://[::1", "http://h:99999/",
        "http://169.254.169.254/latest", "http://[fe80::1]/v1", "http://0.0.0.0/v1", "http://100.100.100.200/",
        "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://metadata.google.internal./v1",
        "http://224.0.0.1/", "https://key:secret@host/v1", "https://host/v1?x=1",
    ],
)  # fmt: skip
async def test_addresses_a_shop_may_not_call(url: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await check_base_url(url)
    assert refused.value.data["field"] == "base_url"


@pytest.mark.parametrize("url", ["http://127.0.0.1:11434/v1", "http://localhost:8000/v1", "http://192.168.1.9/v1"])
async def test_a_model_of_ones_own_machine_or_network_is_fine(url: str) -> None:
    await check_base_url(url)


async def test_nothing_is_stored_that_could_not_be_called(writer: ShopWriter, shop_id: str) -> None:
    for chosen in (ShopModel(), ShopModel(model="m"), ShopModel("http://169.254.169.254/v1", "m")):
        with pytest.raises(InvalidInputError):
            await writer.choose(shop_id, chosen)
    assert await writer.chosen(shop_id) is None


async def test_a_check_tells_what_the_endpoint_can(writer: ShopWriter, shop_id: str, server: FakeEndpoint) -> None:
    ledger = MemoryLedger()
    server.replies = [failure(400, "response_format json_schema is not supported"), ANSWER]
    found = await check_model(writer, shop_id, ShopModel(server.url, "m", "k"), ledger, SystemClock())
    assert (found.problem, found.answered_as, found.structure, found.cited) == ("", "mock", "json_object", True)
    assert found.answer == "48小时内开具。[1]"
    assert {row.prompt for row in ledger.rows} == {"model_check"}
    assert await writer.chosen(shop_id) is None


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (failure(401), "unauthorized"),
        (failure(404), "not_found"),
        (completion("我不会写 JSON"), "unparsable"),
        ((200, "<html>"), "server_error"),
    ],
)
async def test_a_check_tells_why_it_failed(
    writer: ShopWriter, shop_id: str, server: FakeEndpoint, reply: tuple[int, object], problem: str
) -> None:
    server.replies = [reply]
    found = await check_model(writer, shop_id, ShopModel(server.url, "m", "k"), MemoryLedger(), SystemClock())
    assert found.problem == problem
