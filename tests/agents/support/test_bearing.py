"""Which of its sources a message bears on, with cosines set by hand."""

import pytest

from agents.support.answer_types import Gathered
from agents.support.bearing import Bearing, Route, routes_said
from agents.support.wants import Want
from tests.agents.support.gate_kit import gathered, hit

FAR = dict.fromkeys(
    ("shipment", "refund", "invoice", "orders", "return", "price_protection", "cancel", "address", "price",
     "price_history", "compare", "attribute"),
    0.8,
)  # fmt: skip


def bearing(rule: float = 0.8, *, article: int | None = None, **near: float) -> Bearing:
    found = gathered("这个到哪了", [hit("发货后可以查看物流。", dense=rule, article=article)])
    return Bearing("这个到哪了", Gathered(found.query, found.evidence, found.hits, near={**FAR, **near}))


def test_the_nearest_source_is_the_route() -> None:
    assert bearing(shipment=0.93).route(()) is Route.ORDER
    assert bearing(rule=0.95, shipment=0.93).route(()) is Route.RULE
    assert bearing(attribute=0.93, shipment=0.92).route(()) is Route.GOODS


def test_a_rule_has_to_be_clearly_nearer_than_a_tool() -> None:
    assert bearing(rule=0.931, shipment=0.93).route(()) is Route.ORDER


def test_the_law_is_no_rule_of_the_shop() -> None:
    assert bearing(rule=0.99, article=25, shipment=0.93).route(()) is Route.ORDER


def test_words_and_what_was_asked_before_tip_the_scale() -> None:
    even = bearing(rule=0.94, shipment=0.93, price=0.925)
    assert even.route(()) is Route.RULE
    assert even.route((Route.ORDER,)) is Route.ORDER
    assert even.route((Route.GOODS, Route.GOODS)) is Route.GOODS
    assert even.route((), {Want.SHIPMENT}) is Route.ORDER


def test_another_embedder_leaves_it_to_the_words() -> None:
    silent = Bearing("这个到哪了", gathered("这个到哪了", [hit("发货后可以查看物流。")]))
    assert silent.route((Route.ORDER,)) is None
    assert silent.wanted((Want.RETURN,), None, known=True) == (Want.RETURN,)


@pytest.mark.parametrize(("known", "cosine", "wants"), [(True, 0.91, (Want.SHIPMENT,)), (False, 0.91, ()),
                                                        (False, 0.95, (Want.SHIPMENT,))])  # fmt: skip
def test_a_guest_is_taken_to_ask_of_an_order_only_when_it_is_clear(
    known: bool, cosine: float, wants: tuple[Want, ...]
) -> None:
    found = bearing(shipment=cosine)
    assert found.wanted((), found.route(()), known=known) == wants


def test_words_misread_give_way_to_what_is_nearest() -> None:
    found = bearing(**{"return": 0.95, "shipment": 0.9})
    assert found.wanted((Want.SHIPMENT,), Route.ORDER, known=True) == (Want.RETURN,)
    assert bearing(**{"return": 0.95, "shipment": 0.94}).wanted((Want.SHIPMENT,), Route.ORDER, known=True) == (
        Want.SHIPMENT,
    )


def test_goods_are_asked_of_the_catalogue_though_words_named_an_order() -> None:
    assert bearing(attribute=0.95).wanted((Want.SHIPMENT,), Route.GOODS, known=True) == (Want.PRODUCT,)


def test_a_case_supposed_and_another_place_point_at_rules() -> None:
    assert routes_said("要是坏了怎么办", (), names_goods=False) == (Route.RULE,)
    assert routes_said("能寄到青海吗", (), names_goods=False) == (Route.RULE,)
    assert Route.RULE not in routes_said("我的快递到青海了吗", (Want.SHIPMENT,), names_goods=False)
    assert routes_said("这个多重", (), names_goods=True).count(Route.GOODS) == 2
