"""A question from acceptance to the one reply, whoever interferes."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from agents.handoff.packet import Packet
from agents.llm.ports import OfflineWriter, OutputT, WriteTask, Written
from agents.llm.scripted import ScriptedWriter
from agents.support.answer_types import AnswerDraft
from agents.support.gate import Answerability
from agents.support.turns import TurnRunner
from knowledge.documents.sources import chunk_with_document
from knowledge.kit.events import Event
from tests.support.desk import TWO_ANSWERS, Desk, faq
from tests.support.gates import set_verdict
from tests.support.waiting import until

INVOICE, SHIPPING = TWO_ANSWERS
RIGHT = f"{TWO_ANSWERS[INVOICE]}[1]"


@pytest.fixture
async def shop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A shop that can answer two questions, with the gate open."""
    set_verdict(monkeypatch, Answerability("answer"))
    await desk.ingest(
        faq("invoice", {INVOICE: TWO_ANSWERS[INVOICE]}), faq("shipping", {SHIPPING: TWO_ANSWERS[SHIPPING]})
    )
    return desk


def _kinds(events: Sequence[Event]) -> list[str]:
    return [event.kind for event in events]


def _shown(events: Sequence[Event]) -> str:
    """Every word a reader of the stream gets from us."""
    return "\n".join(str(event.data) for event in events if event.data.get("author") != "shopper")


# answering ------------------------------------------------------------------------------------------------------------


async def test_an_answer_cites_sources_that_open(shop: Desk) -> None:
    conversation_id = await shop.open()
    turn = await shop.ask(INVOICE, conversation_id=conversation_id)
    assert (turn.state, turn.outcome, turn.writer) == ("sent", "answered", "offline")
    (reply,) = await shop.messages(conversation_id, "bot")
    assert TWO_ANSWERS[INVOICE].rstrip("。") in reply.text
    assert [one["number"] for one in reply.citations] == list(range(1, len(reply.citations) + 1))
    assert all(f"[{one['number']}]" in reply.text for one in reply.citations)
    async with shop.database.transaction(shop.shop_id) as scope:
        chunk, document = await chunk_with_document(scope, reply.citations[0]["chunk_id"])
    assert chunk.text == TWO_ANSWERS[INVOICE]
    assert document.doc == reply.citations[0]["doc"] == "invoice"
    assert turn.record["retrieved"][0]["chunk_id"] == chunk.id


async def test_steps_come_before_sentences_and_sentences_before_the_message(shop: Desk) -> None:
    conversation_id = await shop.open()
    await shop.ask(INVOICE, conversation_id=conversation_id)
    events = await shop.events(conversation_id)
    kinds = _kinds(events)
    assert kinds[0] == "message"
    own = kinds[1:]
    last_step = max(at for at, kind in enumerate(own) if kind == "status")
    sentences = [at for at, kind in enumerate(own) if kind == "sentence"]
    assert last_step < sentences[0] <= sentences[-1] < own.index("message")
    steps = [event.data["step"] for event in events if event.kind == "status"]
    assert steps == ["understanding", "searching", "writing", "checking"]
    (reply,) = await shop.messages(conversation_id, "bot")
    assert "".join(event.data["text"] for event in events if event.kind == "sentence") == reply.text


async def test_thanks_need_no_source(shop: Desk) -> None:
    conversation_id = await shop.open()
    turn = await shop.ask("谢谢", conversation_id=conversation_id)
    (reply,) = await shop.messages(conversation_id, "bot")
    assert (turn.outcome, reply.citations) == ("answered", [])


async def test_abstaining_names_what_is_missing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    set_verdict(monkeypatch, Answerability("abstain", missing=("清关", "关税")))
    conversation_id = await desk.open()
    turn = await desk.ask("清关要交多少关税", conversation_id=conversation_id)
    (reply,) = await desk.messages(conversation_id, "bot")
    assert (turn.state, turn.outcome) == ("sent", "abstained")
    assert "“清关”、“关税”" in reply.text
    assert turn.record["missing"] == ["清关", "关税"]
    assert (await desk.conversation(conversation_id)).owner == "bot"


async def test_an_empty_shop_abstains(desk: Desk) -> None:
    turn = await desk.ask("五层收纳柜的安装孔距是多少毫米？")
    assert turn.outcome == "abstained"
    assert await desk.handoffs() == []


async def test_a_vague_question_is_asked_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    set_verdict(monkeypatch, Answerability("clarify", options=("退货", "换货")))
    conversation_id = await desk.open()
    turn = await desk.ask("这个怎么弄", conversation_id=conversation_id)
    assert turn.outcome == "clarified"
    (suggested,) = [event for event in await desk.events(conversation_id) if event.kind == "suggestions"]
    assert suggested.data["items"][:2] == ["退货", "换货"]


# hostile writers ------------------------------------------------------------------------------------------------------

_HOSTILE = {
    "number": f"{TWO_ANSWERS[INVOICE].replace('48', '12')}[1]",
    "added number": f"{RIGHT}超时每小时赔偿5元。[1]",
    "citation that is not there": f"{TWO_ANSWERS[INVOICE]}[7]",
    "foreign citation": f"{TWO_ANSWERS[INVOICE]}[2]",
    "no citation": TWO_ANSWERS[INVOICE],
    "promise": f"{RIGHT}我已经为您加急处理，保证今天开好。[1]",
    "address": f"{RIGHT}请点 https://evil.example/pay 补缴税点。[1]",
    "account": f"{RIGHT}加微信 kefu88888 更快。[1]",
    "nothing": "",
}


@pytest.mark.parametrize("fault", _HOSTILE)
async def test_no_word_of_a_hostile_draft_is_delivered(shop: Desk, fault: str) -> None:
    """The offline words come instead: what is delivered equals what the shop's own text says."""
    writer = ScriptedWriter(lambda _: AnswerDraft(answer=_HOSTILE[fault]))
    conversation_id = await shop.open()
    turn = await shop.ask(INVOICE, writer, conversation_id=conversation_id)
    assert (turn.state, turn.outcome, turn.writer) == ("sent", "answered", "offline")
    assert turn.record["rejected"]
    assert len(writer.tasks) == 2
    (reply,) = await shop.messages(conversation_id, "bot")
    assert TWO_ANSWERS[INVOICE].rstrip("。") in reply.text
    shown = _shown(await shop.events(conversation_id))
    for poison in ("12小时", "赔偿5元", "[7]", "加急", "evil", "kefu88888"):
        assert poison not in shown


async def test_a_hostile_draft_where_offline_words_fail_too_is_handed_off(
    shop: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.support.drafting.compose", lambda _gathered: AnswerDraft(answer="没有出处的话。"))
    conversation_id = await shop.open()
    turn = await shop.ask(INVOICE, ScriptedWriter(lambda _: AnswerDraft(answer="赔您100元。[1]")),
                          conversation_id=conversation_id)  # fmt: skip
    assert (turn.state, turn.outcome) == ("handed_off", "handed_off")
    shown = _shown(await shop.events(conversation_id))
    assert "100" not in shown
    assert "没有出处的话" not in shown
    (handoff,) = await shop.handoffs()
    assert handoff.reason == "knowledge_gap"
    assert Packet.model_validate(handoff.packet).tried


async def test_a_rejected_draft_is_written_again_with_the_findings(shop: Desk) -> None:
    def script(task: WriteTask[Any]) -> AnswerDraft:
        return AnswerDraft(answer=RIGHT if task.findings else _HOSTILE["number"], citations=[1])

    writer = ScriptedWriter(script)
    conversation_id = await shop.open()
    turn = await shop.ask(INVOICE, writer, conversation_id=conversation_id)
    assert (turn.outcome, turn.writer) == ("answered", "scripted")
    assert [bool(task.findings) for task in writer.tasks] == [False, True]
    assert any("12" in finding for finding in writer.tasks[1].findings)
    assert "12小时" in str(writer.sent[1])
    (reply,) = await shop.messages(conversation_id, "bot")
    assert reply.text == RIGHT


async def test_the_model_sees_no_personal_number(shop: Desk) -> None:
    writer = ScriptedWriter(lambda _: AnswerDraft(answer=RIGHT, citations=[1]))
    conversation_id = await shop.open()
    for _ in range(2):  # the second time it is history as well
        await shop.ask(f"{INVOICE}发到13812345678可以吗", writer, conversation_id=conversation_id)
    assert len(writer.sent) == 2
    assert not any("13812345678" in str(sent) for sent in writer.sent)


# handing off ----------------------------------------------------------------------------------------------------------


async def test_a_floor_rule_hands_off_with_a_packet(shop: Desk) -> None:
    conversation_id = await shop.open()
    await shop.ask(INVOICE, conversation_id=conversation_id)
    before = await shop.conversation(conversation_id)
    turn = await shop.ask("我要找人工客服", conversation_id=conversation_id)
    after = await shop.conversation(conversation_id)
    assert (turn.state, turn.outcome) == ("handed_off", "handed_off")
    assert (after.owner, after.fence > before.fence + 1) == ("handoff", True)
    (handoff,) = await shop.handoffs()
    packet = Packet.model_validate(handoff.packet)
    assert handoff.reason == packet.reason == "customer_request"
    assert (handoff.subject_id, handoff.trigger_id) == (conversation_id, turn.message_id)
    assert [entry.author for entry in packet.transcript] == ["shopper", "bot", "shopper"]
    assert packet.ask == "我要找人工客服"
    assert packet.floor_rules
    (told,) = [event for event in await shop.events(conversation_id) if event.kind == "handoff"]
    opens_in_s = told.data.pop("opens_in_s")
    assert 0 <= opens_in_s <= 9 * 3600
    assert told.data == {
        "id": handoff.id, "state": "queued", "reason": "customer_request", "position": 1, "expected_wait_s": 180,
        "operator_name": "",
    }  # fmt: skip
    async with shop.database.transaction(shop.shop_id) as scope:
        (posted,) = await scope.all("select topic, payload from outbox")
    assert (posted.topic, posted.payload["handoff_id"]) == ("handoff.queued", handoff.id)


async def test_a_packet_carries_the_evidence_that_was_not_enough(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.support.drafting.compose", lambda _gathered: AnswerDraft(answer=""))
    await shop.ask(INVOICE)
    (handoff,) = await shop.handoffs()
    assert TWO_ANSWERS[INVOICE] in [item["text"] for item in Packet.model_validate(handoff.packet).evidence]


async def test_the_bot_says_nothing_after_handing_off(shop: Desk) -> None:
    conversation_id = await shop.open()
    await shop.ask("转人工", conversation_id=conversation_id)
    said = len(await shop.messages(conversation_id, "bot"))
    accepted = await shop.say(conversation_id, INVOICE)
    assert accepted.turn is None
    assert len(await shop.messages(conversation_id, "bot")) == said
    assert (await shop.messages(conversation_id))[-1].text == INVOICE


class Waiting:
    """A writer that is in the middle of it until told."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.asked = 0

    async def write(self, task: WriteTask[OutputT]) -> Written[OutputT]:
        self.asked += 1
        self.begun.set()
        await self.go_on.wait()
        return await OfflineWriter().write(task)


async def test_an_answer_in_the_making_is_dropped_when_a_person_takes_over(shop: Desk) -> None:
    conversation_id = await shop.open()
    accepted = await shop.say(conversation_id, INVOICE)
    assert accepted.turn
    writer = Waiting()
    running = asyncio.create_task(shop.runner(writer).run(shop.shop_id, accepted.turn.id))
    await writer.begun.wait()
    async with shop.database.transaction(shop.shop_id) as scope:
        await scope.run("update conversations set owner = 'handoff', fence = fence + 1 where id = :id",
                        id=conversation_id)  # fmt: skip
    writer.go_on.set()
    assert await running is None
    assert await shop.messages(conversation_id, "bot") == []
    assert (await shop.turn(accepted.turn.id)).state == "superseded"


async def test_a_second_question_supersedes_the_one_being_answered(shop: Desk) -> None:
    conversation_id = await shop.open()
    first = await shop.say(conversation_id, INVOICE)
    assert first.turn
    writer = Waiting()
    runner = shop.runner(writer)
    running = asyncio.create_task(runner.run(shop.shop_id, first.turn.id))
    await writer.begun.wait()
    second = await shop.say(conversation_id, SHIPPING)
    assert second.turn
    writer.go_on.set()
    assert await running is None
    assert await runner.run(shop.shop_id, second.turn.id)
    (reply,) = await shop.messages(conversation_id, "bot")
    assert reply.turn_id == second.turn.id
    assert "72小时" in reply.text
    assert [(await shop.turn(one.id)).state for one in (first.turn, second.turn)] == ["superseded", "sent"]


async def test_a_turn_kicked_twice_is_answered_once(shop: Desk) -> None:
    conversation_id = await shop.open()
    accepted = await shop.say(conversation_id, INVOICE)
    assert accepted.turn
    runners = [shop.runner(), shop.runner()]
    for runner in runners:
        runner.kick(shop.shop_id, accepted.turn.id)
        runner.kick(shop.shop_id, accepted.turn.id)

    async def sent() -> bool:
        assert accepted.turn
        return (await shop.turn(accepted.turn.id)).state == "sent"

    await until(sent)
    for runner in runners:
        await runner.stop()
    assert len(await shop.messages(conversation_id, "bot")) == 1


async def test_a_sweep_takes_up_what_was_accepted_and_never_begun(shop: Desk) -> None:
    conversation_id = await shop.open()
    await shop.say(conversation_id, INVOICE)
    runner = shop.runner()
    await runner.start()
    await until(lambda: shop.messages(conversation_id, "bot"))
    await runner.stop()


async def test_a_turn_that_keeps_failing_goes_to_a_person(shop: Desk) -> None:
    def broken(_task: object) -> AnswerDraft:
        raise RuntimeError("the writer broke")

    conversation_id = await shop.open()
    accepted = await shop.say(conversation_id, INVOICE)
    assert accepted.turn
    runner: TurnRunner = shop.runner(ScriptedWriter(broken))
    for _ in range(3):
        with pytest.raises(RuntimeError):
            await runner.run(shop.shop_id, accepted.turn.id)
        async with shop.database.transaction(shop.shop_id) as scope:
            await scope.run("update turns set lease_until = livecrew_now() - interval '1 s'")
    decision = await runner.run(shop.shop_id, accepted.turn.id)
    assert decision is not None
    assert decision.outcome == "handed_off"
    (handoff,) = await shop.handoffs()
    assert handoff.reason == "tool_failure"


async def test_a_follow_up_sees_what_was_said_before(shop: Desk) -> None:
    writer = ScriptedWriter(lambda _: AnswerDraft(answer=RIGHT, citations=[1]))
    conversation_id = await shop.open()
    await shop.ask(INVOICE, writer, conversation_id=conversation_id)
    await shop.ask("电子发票多久能开好，确定吗？", writer, conversation_id=conversation_id)
    history = writer.tasks[-1].variables["history"]
    assert INVOICE.rstrip("？") in history
    assert "48小时" in history
    assert "确定吗" not in history
