"""What must not become a standing answer is found where it stands; what holds for everybody is left alone."""

import pytest

from agents.support.learning.flags import CaseFacts, blocking, flags_of

FACTS = CaseFacts(ids=frozenset({"A1", "SF-778899"}), names=frozenset({"李小满"}), amounts_fen=frozenset({12850}))


@pytest.mark.parametrize(
    ("answer", "kind", "span"),
    [
        ("我们会为您补发一件。", "promise", "我们会为您补发一件"),
        ("可以加微信 kefu88888 咨询。", "contact", "微信 kefu88888"),
        ("请打13812345678。", "personal", "13812345678"),
        ("[手机号]可以联系。", "personal", "[手机号]"),
        ("王女士可以退。", "personal", "王女士"),
        ("李小满可以退。", "personal", "李小满"),
        ("订单202611250001可以退。", "order_number", "202611250001"),
        ("单号SF-778899在路上。", "order_number", "SF-778899"),
        ("实付128.5元可以退。", "order_figure", "128.5元"),
        ("您的退款预计3天到账。", "order_figure", "3天"),
        ("12月3日前送到。", "order_figure", "12月3日"),
        ("您这单可以退。", "order_case", "您这单"),
        ("可以退，仓库明天处理。", "dated", "明天"),
    ],
)
def test_a_finding_names_its_kind_and_span(answer: str, kind: str, span: str) -> None:
    found = [(one.kind, one.span) for one in flags_of("能退吗", (), answer, FACTS)]
    assert (kind, span) in found


@pytest.mark.parametrize(
    "answer",
    [
        "满99元包邮，不满收8元运费。",
        "签收次日起7天内可以申请退货，运费由买家承担。",
        "支持门店自提，提前一天在订单页预约即可。",
        "退款在收到退货后3个工作日内原路退回。",
        "各位女士都适合，单品重1.2公斤，这个单品不带灯。",
        "帐篷净重2.3千克，2026年款新增侧窗。",
        "会员下单满100元减5元。",
    ],
)
def test_a_rule_for_everybody_has_none(answer: str) -> None:
    assert flags_of("有什么规则", (), answer, FACTS) == ()


def test_question_and_wordings_are_read_as_well() -> None:
    found = flags_of("我叫李小满能退吗", ("我电话13812345678能退吗",), "可以退。", FACTS)
    assert {(one.where, one.kind) for one in found} >= {("question", "personal"), ("wording", "personal")}


def test_hard_ones_stay_and_others_need_an_edit_and_a_word_of_the_reviewer() -> None:
    flags = flags_of("漏发怎么办", (), "漏发的商品我们会为您补发，可打13812345678。", CaseFacts())
    (soft,) = [one for one in flags if not one.hard]
    assert {one.kind for one in blocking(flags, [soft.span], edited=True)} == {"personal", "contact"}
    assert soft in blocking(flags, [soft.span], edited=False)
    assert soft in blocking(flags, [], edited=True)
