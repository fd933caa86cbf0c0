import pytest

from agents.support.tools.policy_items import pieces_back
from agents.support.tools.policy_said import settled, told
from knowledge.orders.views import ItemView

_LINES = (
    "订单LC1的「灯」于11月1日签收，七天无理由退货可以在11月8日23:59:59前申请。",
    "七天无理由退回的商品要完好，为查验打开包装不影响退货。",
    "七天无理由退货的寄回运费由您承担，订单LC1有运费险。",
)
_AMOUNT = ("订单LC1「灯」退货的，退回实付的商品价款79元。",)


def _item(line: int, title: str, quantity: int = 1) -> ItemView:
    return ItemView(
        line=line, product_id=f"p{line}", title=title, quantity=quantity, unit_price_fen=100, paid_fen=100
    )  # fmt: skip


_THREE = (_item(1, "晴野纪折叠椅标准款"), _item(2, "晴野纪蛋卷桌"), _item(3, "晴野纪露营灯"))


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("还能退吗", _LINES[0]),
        ("最迟哪天退", _LINES[0]),
        ("寄回来邮费谁出", _LINES[2]),
        ("有没有运费险", _LINES[2]),
        ("拆开看过有关系没", _LINES[1]),
        ("退的话能退多少钱", _AMOUNT[0]),
        ("全退到手好多钱", _AMOUNT[0]),
        ("为啥不是退我99", _AMOUNT[0]),
        ("邮费谁出 最迟哪天", _LINES[2]),
    ],
)
def test_what_is_asked_comes_first(question: str, first: str) -> None:
    assert told(question, _LINES, _AMOUNT)[0] == first


@pytest.mark.parametrize(
    "question", ["怎么申请退货", "退货地址在哪看", "退款多久到账", "运费险最多赔多少", "用掉的券还我不"]
)
def test_what_only_documents_tell_is_left_to_them(question: str) -> None:
    assert told(question, _LINES, _AMOUNT) == ()


def test_money_is_said_only_when_asked_for() -> None:
    assert told("能退吗", _LINES, _AMOUNT) == _LINES


def test_what_is_certain_settles_only_a_question_on_it() -> None:
    window = "订单LC1的「灯」于11月1日付款，价保期到11月16日23:59:59截止。"
    assert settled("到哪天为止能申请", (window,))
    assert not settled("现在能价保吗 到哪天为止", (window,))
    assert not settled("邮费谁出", (window,))


@pytest.mark.parametrize(
    ("question", "back"),
    [
        ("椅子跟灯我留着 光退桌子能退多少", {2: 1}),
        ("灯不想要了椅子桌子都留着就退灯", {3: 1}),
        ("椅子留着 其他退", {2: 1, 3: 1}),
        ("退桌子", {2: 1}),
        ("全退能退多少", {1: 1, 2: 1, 3: 1}),
        ("还能退吗", {1: 1, 2: 1, 3: 1}),
    ],
)
def test_the_pieces_a_question_sends_back(question: str, back: dict[int, int]) -> None:
    assert pieces_back(question, _THREE) == back


def test_counted_pieces_and_named_products() -> None:
    pair = (_item(1, "晴野纪折叠椅", 2),)
    assert pieces_back("两把折叠椅我只想退一把", pair) == {1: 1}
    assert pieces_back("两把都退呢", pair) == {1: 2}
    assert pieces_back("能退吗", _THREE, ["p3"]) == {3: 1}


def test_coupons_and_further_drops_are_told_to_those_who_ask() -> None:
    lines = ("订单LC1可以取消。", "订单LC1用了优惠券的，取消后优惠券一起退回。")
    assert told("帮我取消", lines) == lines[:1]
    assert told("想取消 用掉的券还我吗", lines) == lines
