"""Offers and coupons: whom they are for, what they take to apply, what goods come to with them."""

import pytest

from knowledge.orders.views import ShopperView
from tests.agents.support.tools.conftest import ORDINARY, SILVER
from tests.agents.support.tools.shelf import compared, said

GOLD = ShopperView(shopper_id="S1003", name="周以宁", tier="金卡会员")


def test_coupons_that_apply_come_first_and_the_others_are_said_not_to() -> None:
    met, short = said("P4004", "有券没", ORDINARY).split("。")[:2]
    assert "够门槛的优惠有：“店铺券”满129元减10元" in met
    assert "还不到门槛的有：“店铺券”满299元减30元" in short
    assert "满199元减20元" in short


@pytest.mark.parametrize(
    ("shopper", "told", "untold"),
    [
        (ORDINARY, [], ["银卡会员", "金卡会员"]),
        (SILVER, ["限银卡会员）满199元减15元"], ["金卡会员"]),
        (GOLD, ["限金卡会员）满199元减20元"], ["银卡会员"]),
        (None, ["限银卡会员）满199元减15元", "限金卡会员）满199元减20元"], []),
    ],
)
def test_a_tiers_coupon_is_for_its_tier(shopper: ShopperView | None, told: list[str], untold: list[str]) -> None:
    answer = said("P4004", "有什么券能用", shopper)
    assert [piece for piece in told if piece not in answer] == []
    assert [piece for piece in untold if piece in answer] == []


def test_who_asks_for_the_price_alone_is_told_no_coupon() -> None:
    assert said("P4004", "现在啥价") == "“棠初记保湿面霜”目前售价139元。"


@pytest.mark.parametrize(
    ("product_id", "question", "told"),
    [
        ("P2004", "满减再加店铺券到手多少", "“全店满减”减20元，再用1张“店铺券”（满299元可用）减30元，到手309元。"),
        ("P4004", "券后多少", "用1张“店铺券”（满129元可用）减10元，到手129元。"),
        ("P2004", "满减后多少钱", "“全店满减”减20元，到手339元。"),
        ("P2001", "两把多少钱", "2件按目前售价共258元，“全店满减”减20元，到手238元。"),
        (
            "P2001",
            "买4把到手多少",
            "4件按目前售价共516元，“全店满减”减50元，再用1张“店铺券”（满299元可用）减30元，到手436元。",
        ),
        ("P4004", "第一次买，新人券用了到手多少", "用1张“新人券”（满59元可用）减10元，到手129元。"),
    ],
)
def test_what_goods_come_to_is_told_with_its_parts(product_id: str, question: str, told: str) -> None:
    assert told in said(product_id, question)


def test_a_coupon_of_which_no_terms_say_that_it_adds_up_is_not_added() -> None:
    assert "到手" not in said("P2004", "会员券用了到手多少", SILVER)


@pytest.mark.parametrize("question", ["两包多少钱", "三包要多少钱"])
def test_a_measure_that_may_mean_the_packs_inside_is_not_reckoned(question: str) -> None:
    assert said("P6006", question) == ""


def test_fresh_goods_take_no_part_in_the_shops_reduction() -> None:
    answer = said("P5501", "5箱到手多少")
    assert "满减" not in answer
    assert "到手235元" in answer


@pytest.mark.parametrize(
    "question",
    ["这俩券能一起用吗", "金卡券还能叠上去不", "用掉的那张券还给我不", "店铺券在哪领", "两张券凑一单用行不行"],
)
def test_rules_on_coupons_are_left_to_the_documents(question: str) -> None:
    assert said("P4004", question) == ""


def test_goods_taken_together_are_summed() -> None:
    answer = compared("P5001 P5002 P5007", "一起买能减20吗")
    assert "各1件按目前售价共" in answer
    assert "满199元减20元" in answer


@pytest.mark.parametrize(
    ("product_id", "question", "told"),
    [
        ("P6006", "这个囤货价到几号啊", "11月3日00:00结束"),
        ("P4001", "护肤周活动什么时候结束", "11月4日00:00结束"),
        ("P4004", "满减到什么时候", "12月31日00:00结束"),
        ("P2007", "明天有活动不", "11月2日10:00开始，活动价59元，11月2日12:00结束"),
        ("P5003", "从直播间买是不是便宜点", "（限直播间下单），活动价95元"),
        ("P1004", "有什么活动", "烟灰 1.8米床款正在参加“烟灰色特惠”"),
    ],
)
def test_when_an_offer_runs_is_told(product_id: str, question: str, told: str) -> None:
    assert told in said(product_id, question)
