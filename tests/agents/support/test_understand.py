import pytest

from agents.support.followup import standalone_query
from agents.support.slots import amount_value, product_in, slots_of
from agents.support.triage import triage
from agents.support.triage_types import Intent, Utterance


def _after(line: str) -> list[Utterance]:
    return [Utterance(role="user", text=line), Utterance(role="bot", text="好的亲")]


@pytest.mark.parametrize("message", ["那运费呢？", "为什么", "这个呢", "黑色可以吗"])
def test_a_followup_carries_the_topic_before_it(message: str) -> None:
    assert standalone_query(message, _after("冰箱能送到村里吗？")) == f"冰箱能送到村里吗，{message}"


def test_the_topic_is_the_last_message_that_stood_alone() -> None:
    history = [*_after("内衣拆了能退吗"), *_after("为什么")]
    assert standalone_query("那多久？", history).startswith("内衣拆了能退吗")


@pytest.mark.parametrize("message", ["我的快递到哪里了，单号SF1342556677", "发票抬头写错了能不能重新开一张"])
def test_a_message_that_stands_alone_is_left_as_it_is(message: str) -> None:
    assert standalone_query(message, _after("冰箱能送到村里吗")) == message


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("退货运费谁出", Intent.RETURN_EXCHANGE),
        ("退的钱多久到账", Intent.REFUND_STATUS),
        ("什么时候发货", Intent.LOGISTICS),
        ("开专票要什么资料", Intent.INVOICE),
        ("收货地址写错了帮我改一下", Intent.ADDRESS_CHANGE),
        ("昨天买的今天降价了补差吗", Intent.PRICE_PROTECTION),
        ("这两款哪个更保暖", Intent.PRODUCT_COMPARE),
        ("优惠券怎么领", Intent.COUPON_PROMO),
        ("还没发货，帮我取消订单", Intent.ORDER_CANCEL),
        ("怎么改登录密码", Intent.ACCOUNT_SECURITY),
        ("你好呀", Intent.CHIT_CHAT),
        ("这个面料起球吗", Intent.PRODUCT_QUESTION),
        ("你们有实体店吗", Intent.OTHER),
    ],
)
def test_intents(message: str, intent: Intent) -> None:
    assert triage(message).intents == (intent,)


def test_the_head_of_adjoining_product_words_is_the_product() -> None:
    assert product_in("你家机器人扫地机能识别拖鞋吗") == "扫地机"
    assert product_in("包邮吗，红包怎么领") is None


def test_slots_are_exactly_what_was_written() -> None:
    slots = slots_of("单号SF1342xxxx寄到乌鲁木齐的羽绒服")
    assert (slots["order_id"], slots["region"], slots["product"]) == ("SF1342xxxx", "乌鲁木齐", "羽绒服")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("一千二", "1200"),
        ("三百", "300"),
        ("十五", "15"),
        ("两万", "20000"),
        ("一百零五", "105"),
        ("二百五", "250"),
        ("3.5", "3.5"),
    ],
)
def test_amounts_in_words_become_digits(written: str, value: str) -> None:
    assert amount_value(written) == value


@pytest.mark.parametrize(
    ("message", "mood"),
    [
        ("退款都第六天了还没到账", "neg"),
        ("呵呵，真是棒棒的", "neg"),
        ("这款键盘支持蓝牙吗", "neu"),
        ("太贴心了谢谢", "pos"),
    ],
)
def test_mood(message: str, mood: str) -> None:
    assert triage(message).sentiment == mood


def test_a_followup_takes_the_situation_and_not_the_earlier_question() -> None:
    history = [
        Utterance(role="user", text="收到的裙子不想要了，退货运费谁出？"),
        Utterance(role="bot", text="您承担。"),
    ]
    assert triage("那几天内要退？", history).query == "收到的裙子不想要了，那几天内要退?"
    assert "运费谁出" in triage("为什么呢", history).query
