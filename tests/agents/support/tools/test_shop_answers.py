"""What the desk says from live facts, offline, on the demo shop at noon of 1 November 2026."""

import pytest

from agents.handoff.reasons import HandoffReason
from agents.llm.scripted import ScriptedWriter
from agents.support.answer_types import AnswerDraft, ToolNeed
from knowledge.orders.oms import OmsUnavailableError
from knowledge.orders.views import OrderView, ShopperView
from tests.agents.support.tools.conftest import ORDINARY, SILVER, Ask


@pytest.mark.parametrize(
    ("text", "shopper", "said"),
    [
        ("LC2610011043到哪了", ORDINARY, ["LC2610011043", "运输途中"]),
        ("我那个派送中的包裹几点到", ORDINARY, ["LC2610011069", "正在派送"]),
        ("睡袋怎么还不发货", SILVER, ["LC2610022164", "已经超过最晚发货时间"]),
        ("LC2610022148退款退了吗", SILVER, ["LC2610022148", "10月21日"]),
        ("LC2610011287降价了能补差吗", ORDINARY, ["差价共30元"]),
        ("LC2610011304降价了能补差吗", ORDINARY, ["价保期已于10月27日"]),
        ("LC2610022089能取消吗", SILVER, ["可以取消"]),
        ("LC2610011043改个地址", ORDINARY, ["不能在订单里修改地址"]),
        ("我昨天收到的折叠椅能退吗", ORDINARY, ["LC2610011102", "11月7日23:59:59"]),
        ("LC2610011128能退吗", ORDINARY, ["11月1日23:59:59"]),
        ("折叠椅高背款多少钱", None, ["189元"]),
        ("桌面加湿器多少钱", None, ["89元", "平时售价99元"]),
        ("标准款和高背款哪个轻", None, ["1.1公斤", "1.6公斤"]),
    ],
)
async def test_the_desk_tells_the_shops_own_facts(
    text: str, shopper: ShopperView | None, said: list[str], ask: Ask
) -> None:
    decision = await ask(text, shopper)
    assert decision.outcome == "answered", decision.text
    assert [piece for piece in said if piece not in decision.text] == []
    assert decision.citations
    assert decision.cards


async def test_a_guest_who_asks_for_an_order_is_asked_to_sign_in(ask: Ask) -> None:
    decision = await ask("我的快递到哪了")
    assert decision.outcome == "clarified"
    assert "登录" in decision.text


async def test_several_orders_that_fit_are_offered_and_a_bare_choice_goes_on(ask: Ask) -> None:
    first = await ask("我想取消昨天的订单", ORDINARY)
    assert first.outcome == "clarified"
    assert {"LC2610011346", "LC2610011027"} <= {option[:12] for option in first.suggestions}
    second = await ask("第一个", ORDINARY, "我想取消昨天的订单", first.text)
    assert second.outcome == "answered"
    assert "可以取消" in second.text


async def test_a_follow_up_on_another_product_keeps_the_question(ask: Ask) -> None:
    first = await ask("吸管保温杯能保温多久")
    second = await ask("轻量的呢", None, "吸管保温杯能保温多久", first.text)
    assert "轻量保温杯" in second.text
    assert "50℃" in second.text


async def test_instructions_in_a_carriers_step_are_not_passed_on(ask: Ask) -> None:
    gold = ShopperView(shopper_id="S1003", name="周以宁", tier="金卡会员")
    decision = await ask("LC2610033147到哪了", gold)
    told = decision.text + "".join(card.model_dump_json() for card in decision.cards)
    told += "".join(item.text for item in decision.gathered.evidence)
    assert decision.outcome == "answered"
    assert "退现金" not in told


async def test_the_shoppers_order_note_reaches_nobody(ask: Ask) -> None:
    decision = await ask("LC2610011346什么时候发货", ORDINARY)
    told = decision.text + "".join(item.text for item in decision.gathered.evidence)
    assert "500元" not in told


class _Down:
    async def order(self, shop_id: str, shopper_id: str, order_id: str) -> OrderView | None:
        raise OmsUnavailableError("No answer.")

    async def orders(self, shop_id: str, shopper_id: str, *, limit: int = 10) -> list[OrderView]:
        raise OmsUnavailableError("No answer.")

    async def shopper(self, shop_id: str, shopper_id: str) -> ShopperView | None:
        raise OmsUnavailableError("No answer.")

    async def close(self) -> None:
        return None


async def test_an_order_system_that_does_not_answer_means_a_person(ask: Ask) -> None:
    decision = await ask("我的快递到哪了", ORDINARY, oms=_Down())
    assert decision.reason is HandoffReason.TOOL_FAILURE


@pytest.mark.parametrize(
    "lie",
    [
        "订单LC2610011043已签收。[1]",
        "订单LC2610011043预计11月2日送达。[1]",
        "订单LC2610011069目前运输途中。[1]",
        "订单LC2610011043已为您退款500元。[1]",
        "您的包裹马上就到，保证今天送达。[1]",
    ],
)
async def test_a_model_cannot_change_a_live_fact(lie: str, ask: Ask) -> None:
    writer = ScriptedWriter(lambda _task: AnswerDraft(answer=lie, citations=[1]))
    decision = await ask("LC2610011043到哪了", ORDINARY, writer=writer)
    assert decision.writer == "offline"
    assert lie[:-3] not in decision.text
    assert "LC2610011043由" in decision.text


async def test_a_model_may_tell_live_facts_in_a_friendlier_order(ask: Ask) -> None:
    words = "您好，您的订单LC2610011043目前运输途中。[1]"
    writer = ScriptedWriter(lambda _task: AnswerDraft(answer=words, citations=[1]))
    decision = await ask("LC2610011043到哪了", ORDINARY, writer=writer)
    assert decision.writer == "scripted"
    assert decision.text == words


async def test_a_model_gets_the_facts_it_asks_for_and_is_asked_again(ask: Ask) -> None:
    def script(task: object) -> AnswerDraft:
        evidence = task.variables["evidence"]  # type: ignore[attr-defined]
        if "原路退回" not in evidence:
            return AnswerDraft(answer="", needs=[ToolNeed(tool="order", query="LC2610022148")])
        return AnswerDraft(answer="", needs=[])

    writer = ScriptedWriter(script)
    await ask("LC2610022005到哪了", SILVER, writer=writer)
    assert len(writer.tasks) >= 2
    assert "LC2610022148" in writer.tasks[1].variables["evidence"]


async def test_a_model_that_keeps_asking_is_stopped(ask: Ask) -> None:
    calls: list[int] = []

    def script(_task: object) -> AnswerDraft:
        calls.append(1)
        return AnswerDraft(answer="", needs=[ToolNeed(tool="order", query=f"LC26100220{len(calls):02d}")])

    decision = await ask("LC2610022005到哪了", SILVER, writer=ScriptedWriter(script))
    assert len(calls) <= 6
    assert decision.writer == "offline"
    assert decision.outcome == "answered"


@pytest.mark.parametrize(
    ("text", "goes"), [("", True), ("收到就裂开了，给你看", True), ("图里这个地址能开发票吗，发票抬头怎么填", False)]
)
async def test_a_picture_goes_to_a_person_where_it_matters(text: str, goes: bool, ask: Ask) -> None:
    decision = await ask(text, ORDINARY, pictures=1)
    assert (decision.outcome == "handed_off") is goes


async def test_an_order_without_refunds_is_said_to_have_none_and_not_to_be_missing(ask: Ask) -> None:
    decision = await ask("LC2610011043退款到哪了", ORDINARY)
    assert decision.outcome == "answered"
    assert "没有退款或售后申请" in decision.text
    assert "没有查到订单" not in decision.text
