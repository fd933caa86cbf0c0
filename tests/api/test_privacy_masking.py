"""Nothing personal reaches a line of the log or a prompt."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from agents.conversations import proof, service
from agents.llm.scripted import ScriptedWriter
from agents.support.answer_types import AnswerDraft
from agents.support.gate import Answerability
from api.logs import configure
from knowledge.kit.db import Database
from knowledge.orders.service import OrderStore
from tests.knowledge.orders.factories import order, shopper
from tests.support.desk import TWO_ANSWERS, Desk, faq
from tests.support.gates import set_verdict

PERSONAL = {
    "phone": "13812345678",
    "id_card": "11010519491231002X",
    "bank_card": "6222021234567894",
    "email": "li.lei@mail.example.com",
    "address": "浙江省杭州市西湖区文三路138号5栋2单元301室",
}
SAID = "，".join(PERSONAL.values())


def _left(told: str) -> list[str]:
    """What of the personal data can still be read, in whole or as a long run of digits of it."""
    runs = {run for value in PERSONAL.values() for run in re.findall(r"\d{6,}", value)}
    return [value for value in {*PERSONAL.values(), "文三路", *runs} if value in told]


# logs -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["json", "console"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a service writes to stderr; structlog and logging are put back as they were."""
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure(request.param)
    yield told
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


def test_no_line_of_the_log_holds_personal_data(written: io.StringIO) -> None:
    log = structlog.get_logger("test")
    log.info(f"said {SAID}")
    log.info("deep", message=SAID, nested={"a": [SAID, (SAID,)], SAID: 1}, many={SAID}, number=13812345678)
    log.info("object", error=ValueError(SAID), at=datetime(2026, 5, 20, tzinfo=UTC))
    structlog.contextvars.bind_contextvars(shopper_said=SAID)
    log.info("bound")
    structlog.contextvars.clear_contextvars()
    try:
        raise ValueError(SAID)
    except ValueError as error:
        log.exception("failed")
        logging.getLogger("vendor").exception("failed %s", SAID, exc_info=error)
    logging.getLogger("vendor").warning("%s and %r", SAID, {"said": SAID})
    told = written.getvalue()
    assert told.count("ValueError") >= 2
    assert "[手机号]" in told
    assert _left(told) == []


def test_what_is_no_personal_data_is_written_as_it_is(written: io.StringIO) -> None:
    structlog.get_logger("test").info(
        "turn_finished", turn="trn_01m89ckcftzrnppvg7tq47zv1n", ms=12345678901, order="LC1"
    )
    told = written.getvalue()
    assert "trn_01m89ckcftzrnppvg7tq47zv1n" in told
    assert "12345678901" in told


async def test_an_error_of_the_database_quotes_no_row(database: Database, shop_id: str, written: io.StringIO) -> None:
    """SQLAlchemy would print the parameters, PostgreSQL the row that broke the constraint."""
    secret = "芝麻开门"  # no pattern would find it
    insert = "insert into shoppers (shop_id, shopper_id, name) values (:shop_id, '1', :name)"
    with pytest.raises(IntegrityError) as raised:
        async with database.transaction(shop_id) as scope:
            for _ in range(2):
                await scope.run(insert, name=secret)
    with pytest.raises(IntegrityError) as refused:
        async with database.transaction(shop_id) as scope:
            await scope.run(
                "insert into ratings (shop_id, conversation_id, score, comment) values (:shop_id, null, 1, :name)",
                name=secret,
            )
    structlog.get_logger("test").error("unexpected_error", exc_info=raised.value)
    logging.getLogger("vendor").error("unexpected", exc_info=refused.value)
    told = written.getvalue()
    assert "duplicate key" in told
    assert "null value" in told
    assert secret not in told


# prompts --------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def shop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    set_verdict(monkeypatch, Answerability("answer"))
    await desk.ingest(*(faq(f"faq-{at}", {asked: said}) for at, (asked, said) in enumerate(TWO_ANSWERS.items())))
    return desk


def _writer(desk: Desk) -> ScriptedWriter:
    def script(task: Any) -> AnswerDraft:
        composed = task.offline()
        assert isinstance(composed, AnswerDraft)
        return composed

    return ScriptedWriter(script)


def _prompts(writer: ScriptedWriter) -> str:
    assert writer.sent
    return "\n".join(f"{one.system}\n{one.user}" for one in writer.sent)


ASKED, SHIPPING = TWO_ANSWERS


async def test_no_prompt_holds_what_a_shopper_told_of_themselves(shop: Desk) -> None:
    """Neither in the question nor, later, in the history."""
    writer = _writer(shop)
    conversation_id = await shop.open()
    await shop.ask(f"{ASKED}发到{SAID}", writer, conversation_id=conversation_id)
    first = len(writer.sent)
    await shop.ask(SHIPPING, writer, conversation_id=conversation_id)
    assert len(writer.sent) > first >= 1
    told = _prompts(writer)
    assert _left(told) == []
    assert told.count("[手机号]") >= 2


async def test_a_prompt_about_an_order_holds_no_address_phone_or_name(shop: Desk) -> None:
    """Facts of the shop's own record go through the tools into the evidence."""
    person = shopper(name="安娜女士", phone=PERSONAL["phone"], email=PERSONAL["email"], address=PERSONAL["address"])
    steps_say = f"【杭州】正送往{PERSONAL['address']}，联系{PERSONAL['phone']}"
    given = order(phone=PERSONAL["phone"], address=PERSONAL["address"], note=SAID, state="shipped", refunds=())
    parcel = given.shipments[0]
    told_step = parcel.steps[0].model_copy(update={"text": steps_say})
    given = given.model_copy(
        update={"shipments": (parcel.model_copy(update={"steps": (told_step, *parcel.steps[1:])}),)}
    )
    store = OrderStore(shop.database)
    await store.put_shoppers(shop.shop_id, [person])
    await store.put_orders(shop.shop_id, [given])
    async with shop.database.transaction(shop.shop_id) as scope:
        conversation, _ = await service.open_conversation(scope)
        await proof.bind(scope, conversation, shopper_id=person.shopper_id, name=person.name)
    writer = _writer(shop)
    for asked in ("我的订单到哪了", "订单A1发货了吗，地址是哪里", ASKED):
        await shop.ask(asked, writer, conversation_id=conversation.id)
    told = _prompts(writer)
    assert "A1" in told
    assert _left(told) == []
    replies = json.dumps([one.text for one in await shop.messages(conversation.id, "bot")], ensure_ascii=False)
    assert _left(replies) == []
