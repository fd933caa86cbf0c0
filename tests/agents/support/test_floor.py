import pytest

from agents.handoff.reasons import HandoffReason
from agents.support.floor import assess
from agents.support.triage_types import Utterance


def _talk(*lines: str) -> list[Utterance]:
    return [Utterance(role="bot" if at % 2 else "user", text=line) for at, line in enumerate(lines)]


@pytest.mark.parametrize(
    "message",
    [
        "转人工",
        "轉人工",
        "轉rg",
        "zhuan ren gong",
        "zrg",
        "人 工 客 服",
        "有冇真人",
        "给俺找个人来唠唠",
        "叫个活人来嘛",
        "回个电话给我",
        "human please",
    ],
)
def test_a_person_is_asked_for_in_any_spelling_or_dialect(message: str) -> None:
    assert assess(message).reason is HandoffReason.CUSTOMER_REQUEST


@pytest.mark.parametrize(
    "message",
    [
        "人工智能音箱怎么连wifi",
        "人工草皮耐晒吗",
        "有真人试穿图吗",
        "律师袍有大码吗",
        "机器人玩具要几节电池",
        "爆炸好吃",
        "法庭剧原著有货吗",
        "我想举报邻居装修",
        "别给我转人工",
        "你是机器人吗",
        "12315受理以后最长几天",
        "商家这样违法吗",
        "打官司时效多久",
        "网购买到假货能赔三倍吗",
        "气死我了怎么还不到",
    ],
)
def test_the_word_alone_is_no_act(message: str) -> None:
    assert assess(message).reason is None


def test_the_most_urgent_reason_is_given_and_all_are_kept() -> None:
    found = assess("用了面霜脸上起红疹，给我转人工，不然我打12315")
    assert found.reason is HandoffReason.SAFETY
    assert {HandoffReason.LEGAL, HandoffReason.CUSTOMER_REQUEST} <= set(found.reasons)
    assert found.rules


def test_a_threat_put_as_a_question_is_still_a_threat() -> None:
    assert assess("再不退款我就打12315，听见没？").reason is HandoffReason.LEGAL


def test_two_misses_on_one_question() -> None:
    history = _talk("发票抬头怎么改", "发票在签收后开具。", "我问的是抬头怎么改", "发票在签收后开具。")
    assert assess("你又发一遍", history).reason is HandoffReason.REPEATED_FAILURE


def test_one_miss_is_not_enough() -> None:
    history = _talk("发票抬头怎么改", "抱歉，我没理解您的意思")
    assert assess("就是发票上的公司名字", history).reason is None


def test_a_content_shopper_undoes_earlier_misses() -> None:
    history = _talk("入口在哪", "请点击链接", "打不开", "请点击链接")
    assert assess("好的谢谢，可以了", history).reason is None


def test_three_clarifications_in_a_row() -> None:
    history = _talk(
        "那个怎么用", "请问您指的是哪款商品？", "那个锅", "请问是哪一款锅呢？", "上次买的", "请提供订单号好吗？"
    )
    assert assess("就是那个啊", history).reason is HandoffReason.REPEATED_FAILURE


def test_answers_that_contradict_each_other() -> None:
    history = _talk("拆了能退吗", "可以退的亲。", "那我退了", "抱歉，拆封后不支持退货。")
    assert assess("到底能不能退", history).reason is HandoffReason.REPEATED_FAILURE


def test_failed_identity_checks_in_history() -> None:
    history = _talk("查订单", "请提供手机后四位", "6688", "校验失败，请再试", "0086", "校验失败，请再试")
    assert assess("到底怎么验证", history).reason is HandoffReason.IDENTITY
