import re
from itertools import product as combinations

import pytest

from agents.support.policy.answers import ReturnAnswer
from agents.support.policy.order_return import return_policy
from agents.support.policy.purchase import Rule
from agents.support.policy.return_case import ReturnReason
from knowledge.catalog.facts import ProductFacts
from knowledge.orders.views import ItemView, OrderView
from knowledge.policies.terms import PolicyTerms
from tests.agents.support.policy.policy_kit import TERMS, at, goods, item, order, refund, shipment

_IN_TIME = "2026-11-13 10:00:00"


def ask(
    live: OrderView,
    *,
    of: ItemView | None = None,
    kind: ProductFacts | None = None,
    reason: ReturnReason = "no_reason",
    now: str = _IN_TIME,
    terms: PolicyTerms | None = TERMS,
    opened: bool | None = None,
) -> ReturnAnswer:
    return return_policy(live, of or item(), kind or goods(), terms, reason=reason, now=at(now), opened=opened)


@pytest.mark.parametrize(("now", "result"), [("2026-11-17 23:59:59", "yes"), ("2026-11-18 00:00:00", "no")])
def test_the_last_second_of_the_seventh_day(now: str, result: str) -> None:
    answer = ask(order(), now=now)
    assert answer.result == result
    assert answer.deadline == at("2026-11-17 23:59:59")
    assert answer.lines[0].startswith("订单LC1001的「晴野纪折叠椅」于11月10日签收，七天无理由退货")
    assert "11月17日23:59:59" in answer.lines[0]


def test_the_words_of_an_open_window() -> None:
    answer = ask(order(freight_insured=True))
    assert answer.lines == (
        "订单LC1001的「晴野纪折叠椅」于11月10日签收，七天无理由退货可以在11月17日23:59:59前申请。",
        "七天无理由退回的商品要完好，为查验打开包装不影响退货。",
        "七天无理由退货的寄回运费由您承担，订单LC1001有运费险。",
    )
    assert answer.freight == "buyer"
    assert [(clause.doc, clause.section or clause.article) for clause in answer.clauses][:2] == [
        ("returns", "期限"),
        ("网络购买商品七日无理由退货暂行办法", 10),
    ]


def test_after_the_window_the_way_for_faults_is_named() -> None:
    answer = ask(order(), now="2026-11-20 10:00:00")
    assert answer.lines == (
        "订单LC1001的「晴野纪折叠椅」于11月10日签收，七天无理由退货的期限已于11月17日23:59:59截止。",
        "订单LC1001的「晴野纪折叠椅」有质量问题的，可以在11月25日23:59:59前申请退货或换货，运费由店铺承担。",
    )


@pytest.mark.parametrize("state", ["unpaid", "paid", "cancelled"])
def test_nothing_to_return_before_it_was_sent(state: str) -> None:
    assert ask(order(state)).result == "no"


def test_a_parcel_under_way_has_its_days_still_to_come() -> None:
    answer = ask(order("shipped", shipments=(shipment(),)))
    assert answer.result == "yes"
    assert answer.deadline is None
    assert "还没有签收" in answer.lines[0]


@pytest.mark.parametrize("state", ["requested", "approved", "returning", "received", "paid_out"])
def test_a_return_that_runs_or_was_paid_is_not_opened_again(state: str) -> None:
    paid_out = at("2026-11-14 09:00:00") if state == "paid_out" else None
    done = refund("return_refund", state, amount_fen=19900, paid_out_at=paid_out)
    answer = ask(order(refunds=(done,)), now="2026-11-15 10:00:00")
    assert answer.result == "no"
    assert "退货退款" in answer.lines[0]


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_return_that_came_to_nothing_leaves_the_right(state: str) -> None:
    assert ask(order(refunds=(refund("return_refund", state),))).result == "yes"


def test_a_refund_of_another_line_does_not_count() -> None:
    assert ask(order(refunds=(refund("return_refund", "paid_out", line=2),))).result == "yes"


@pytest.mark.parametrize(
    ("returns", "confirmed", "opened", "result"),
    [
        ({"excluded": "perishable"}, True, None, "no"),
        ({"excluded": "perishable"}, False, None, "discretion"),
        ({"excluded": "digital"}, False, None, "yes"),
        ({"excluded": "digital"}, True, True, "no"),
        ({"hygiene": True}, True, None, "yes"),
        ({"hygiene": True}, True, False, "yes"),
        ({"hygiene": True}, True, True, "no"),
        ({"hygiene": True}, False, True, "yes"),
        ({"sealed": True}, False, None, "yes"),
        ({"sealed": True}, False, True, "no"),
        ({"sealed": True}, True, None, "yes"),
        ({"sealed": True}, True, True, "no"),
        ({"near_expiry": True}, True, None, "no"),
        ({"near_expiry": True}, False, None, "yes"),
        ({}, True, None, "yes"),
    ],
)
def test_kinds_of_goods(returns: dict[str, object], confirmed: bool, opened: bool | None, result: str) -> None:
    answer = ask(order(), of=item(confirmed_no_return=confirmed), kind=goods(**returns), opened=opened)
    assert answer.result == result


def test_customised_goods_by_the_item_itself() -> None:
    answer = ask(order(), of=item(customised=True, confirmed_no_return=True))
    assert answer.result == "no"
    assert answer.lines[0] == "订单LC1001的「晴野纪折叠椅」是定制商品，下单时已经您单独确认，不支持七天无理由退货。"
    assert ask(order(), of=item(customised=True)).result == "discretion"


def test_unopened_goods_are_named_as_the_condition() -> None:
    answer = ask(order(), of=item(confirmed_no_return=True), kind=goods(hygiene=True))
    assert answer.lines[0] == (
        "订单LC1001的「晴野纪折叠椅」于11月10日签收，下单时已单独确认，拆封后不支持七天无理由退货，"
        "没有拆封的可以在11月17日23:59:59前申请。"
    )


def test_a_late_request_is_late_whatever_the_goods() -> None:
    answer = ask(order(), of=item(customised=True), now="2026-11-18 00:00:00")
    assert answer.result == "no"
    assert "截止" in answer.lines[0]


@pytest.mark.parametrize(("now", "result"), [("2026-11-25 23:59:59", "yes"), ("2026-11-26 00:00:00", "discretion")])
def test_faults_have_the_shops_days(now: str, result: str) -> None:
    answer = ask(order(), reason="defective", now=now)
    assert answer.result == result
    assert answer.freight == ("seller" if result == "yes" else None)


def test_late_faults_name_the_warranty() -> None:
    kind = goods().model_copy(update={"warranty": "12个月。"})
    answer = ask(order(), kind=kind, reason="defective", now="2026-12-10 10:00:00")
    assert answer.lines == (
        "订单LC1001的「晴野纪折叠椅」于11月10日签收，有质量问题的，退货期限为签收次日起15天，已于11月25日23:59:59截止。",
        "「晴野纪折叠椅」的质保：12个月，质保期内的质量问题按质保规则维修。",
    )
    assert (answer.result, answer.needs_person) == ("no", False)
    none = ask(order(), kind=goods(), reason="defective", now="2026-12-10 10:00:00")
    assert (none.result, none.needs_person) == ("discretion", True)


def test_a_shop_cannot_give_less_than_the_statute() -> None:
    mean = PolicyTerms(no_reason_days=3, quality_days=1)
    assert ask(order(), terms=mean, now="2026-11-17 23:59:59").result == "yes"
    assert ask(order(), terms=mean, reason="defective", now="2026-11-17 23:59:59").result == "yes"
    computed = ask(order(), terms=mean).computed
    assert computed is not None
    assert [void.text for void in computed.void_rules] == ["3天无理由退货"]


def test_more_days_and_free_freight_are_the_shoppers() -> None:
    kind = PolicyTerms(no_reason_days=15, no_reason_freight="seller")
    answer = ask(order(), terms=kind, now="2026-11-25 23:59:59")
    assert answer.result == "yes"
    assert answer.lines[0].endswith("15天无理由退货可以在11月25日23:59:59前申请。")
    assert answer.lines[-1] == "15天无理由退货的寄回运费由店铺承担。"


def test_what_was_promised_for_the_order_binds_for_excluded_goods_too() -> None:
    said = Rule(
        layer="promise", no_reason_days=15, return_freight="seller", covers_excluded=True, text="刻字款也15天可退"
    )
    live, engraved, now = order(), item(customised=True, confirmed_no_return=True), at("2026-11-25 23:59:59")
    answer = return_policy(live, engraved, goods(), TERMS, reason="no_reason", now=now, promises=(said,))
    assert (answer.result, answer.freight, answer.deadline) == ("yes", "seller", now)
    assert answer.lines[0].endswith("15天无理由退货可以在11月25日23:59:59前申请。")
    assert answer.lines[-1] == "15天无理由退货的寄回运费由店铺承担。"


@pytest.mark.parametrize(("now", "result"), [("2026-11-17 23:59:59", "yes"), ("2026-11-18 00:00:00", "no")])
def test_an_exchange_is_the_shops_own_rule(now: str, result: str) -> None:
    assert ask(order(), reason="exchange", now=now).result == result
    assert ask(order(), reason="exchange", terms=None, now=now).result == "discretion"


def test_what_is_not_known_is_a_persons() -> None:
    unknown = return_policy(order(), item(), None, TERMS, reason="no_reason", now=at(_IN_TIME))
    assert unknown.result == "discretion"
    assert ask(order(signed_at=None)).result == "discretion"
    assert ask(order(), reason="fraud").result == "discretion"


def test_the_year_is_told_where_it_is_not_this_one() -> None:
    answer = ask(order(signed_at=at("2025-12-30 10:00:00")), now="2026-01-03 10:00:00")
    assert "于2025年12月30日签收" in answer.lines[0]
    assert "1月6日23:59:59" in answer.lines[0]


_PROMISES = re.compile(r"我们会|为您办理|帮您|马上|立即|放心|保证|一定|亲|哦|呢|！")
_STATES = ("unpaid", "paid", "shipped", "delivered", "completed", "cancelled", "refunding", "refunded")
_REASONS: tuple[ReturnReason, ...] = (
    "no_reason", "defective", "wrong_item", "not_as_described", "fraud", "exchange",
)  # fmt: skip
_KINDS: tuple[dict[str, object], ...] = (
    {}, {"excluded": "perishable"}, {"excluded": "digital"}, {"hygiene": True}, {"sealed": True}, {"near_expiry": True},
)  # fmt: skip


@pytest.mark.parametrize("now", ["2026-11-12 10:00:00", "2026-11-19 10:00:00", "2026-12-30 10:00:00"])
def test_every_line_is_whole_plain_and_promises_nothing(now: str) -> None:
    for state, reason, returns, confirmed in combinations(_STATES, _REASONS, _KINDS, (True, False)):
        answer = ask(
            order(state), of=item(confirmed_no_return=confirmed), kind=goods(**returns), reason=reason, now=now
        )
        assert answer.lines
        for line in answer.lines:
            assert line.endswith("。")
            assert not _PROMISES.search(line)
            assert "None" not in line
