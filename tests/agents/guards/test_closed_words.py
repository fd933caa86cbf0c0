"""Words on live facts: what is told again passes, what is changed, joined or added does not."""

import pytest

from agents.guards.closed_words import check_closed

EVIDENCE = (
    "订单A2610000001由中通配送，快递单号ZT123456789，目前运输途中。订单A2610000001预计11月27日送达。",
    "订单A2610000002还没有发货，最晚11月26日18:00前发货。",
    "“山屿折叠椅高背款”目前售价189元。“山屿折叠椅标准款”目前售价129元。",
)


@pytest.mark.parametrize(
    "words",
    [
        "订单A2610000001目前运输途中。",
        "您好，订单A2610000001目前运输途中，预计11月27日送达。",
        "亲，您的订单A2610000002还没有发货。",
        "“山屿折叠椅高背款”目前售价189元。",
    ],
)
def test_facts_told_again_pass(words: str) -> None:
    assert check_closed(EVIDENCE, words) == []


@pytest.mark.parametrize(
    "words",
    [
        "订单A2610000001已签收。",
        "订单A2610000001预计11月26日送达。",
        "订单A2610000002目前运输途中。",
        "订单A2610000002最晚11月26日18:00前送达。",
        "订单A2610000002已经发货，最晚11月26日18:00。",
        "“山屿折叠椅高背款”目前售价129元。",
        "“山屿折叠椅标准款”目前售价189元。",
        "订单A2610000001目前运输途中，保证今天送达。",
        "订单A2610000001目前运输途中，已为您申请退款。",
        "订单A2610000001由顺丰配送。",
    ],
)
def test_facts_changed_do_not(words: str) -> None:
    assert check_closed(EVIDENCE, words)
