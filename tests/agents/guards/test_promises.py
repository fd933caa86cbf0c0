import pytest

from agents.guards.promises import find_promises


@pytest.mark.parametrize(
    ("sentence", "detail"),
    [
        ("我马上帮您催一下仓库", "future"),
        ("已经为您申请好了", "done"),
        ("明天一定到", "future"),
        ("会给您补偿20元", "compensation"),
        ("我这就给您改地址", "future"),
        ("我们保证没有问题", "guarantee"),
        ("稍后会有专人联系您", "future"),
    ],
)
def test_promises_are_found(sentence: str, detail: str) -> None:
    assert detail in {finding.detail for finding in find_promises(sentence)}


@pytest.mark.parametrize(
    "sentence", ["退货运费由买家承担", "您可以在订单页申请退货", "签收后7天内可退", "无法给您补偿"]
)
def test_rules_are_no_promises(sentence: str) -> None:
    assert find_promises(sentence) == ()
