import pytest

from agents.support.policy.cancel_change import address_policy, cancel_policy
from knowledge.orders.views import OrderView
from tests.agents.support.policy.policy_kit import TERMS, at, order, refund, shipment

_NOW = at("2026-11-08 10:00:00")
_PACKED = order("paid", shipments=(shipment("packed"),))
_SENT = order("shipped", shipments=(shipment(),))


@pytest.mark.parametrize(
    ("live", "cancel", "address"),
    [
        (order("unpaid"), "yes", "yes"),
        (order("paid"), "yes", "yes"),
        (_PACKED, "discretion", "discretion"),
        (_SENT, "no", "no"),
        (order("delivered"), "no", "no"),
        (order("completed"), "no", "no"),
        (order("cancelled"), "no", "no"),
        (order("refunding"), "no", "no"),
        (order("refunded"), "no", "no"),
    ],
)
def test_what_each_state_allows(live: OrderView, cancel: str, address: str) -> None:
    answers = cancel_policy(live, TERMS, now=_NOW), address_policy(live, TERMS, now=_NOW)
    assert tuple(answer.result for answer in answers) == (cancel, address)
    assert all(line.endswith("。") for answer in answers for line in answer.lines)
    assert all("LC1001" in answer.lines[0] for answer in answers)


def test_the_day_it_was_sent_is_told() -> None:
    answer = cancel_policy(_SENT, TERMS, now=_NOW)
    assert answer.lines[0] == "订单LC1001已于11月7日发货，已经发货的订单不能取消。"


def test_an_order_that_ought_to_have_been_sent() -> None:
    late = order("paid", promised_ship_at=at("2026-11-08 09:00:00"))
    assert cancel_policy(late, TERMS, now=_NOW).lines == (
        "订单LC1001已付款、还没有发货，可以取消。",
        "订单LC1001约定在11月8日09:00:00前发货，现在已经超过。",
        "订单LC1001取消后退回实付的199元。",
    )


def test_what_is_packed_is_told_under_both_conditions_and_needs_nobody() -> None:
    packed = order("paid", shipments=(shipment("packed"),), discount_fen=1000)
    answer = cancel_policy(packed, TERMS, now=_NOW)
    assert (answer.result, answer.needs_person) == ("discretion", False)
    assert answer.lines[1:] == (
        "订单LC1001拦截成功的，退回实付的199元。",
        "订单LC1001没有拦截住的，收货后按退换货规则办理退货。",
        "订单LC1001用了优惠券的，取消后优惠券一起退回。",
    )


def test_a_refund_under_way_is_told_as_it_stands() -> None:
    live = order("refunding", refunds=(refund("refund", "approved", line=None),))
    assert "已审核通过" in cancel_policy(live, TERMS, now=at("2026-11-13 10:00:00")).lines[0]
