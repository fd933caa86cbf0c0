import pytest

from agents.support.several import questions_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("啥时候能发货 不喜欢能退不", ("啥时候能发货", "不喜欢能退不")),
        ("你好，我的快递到哪了？发票什么时候开好", ("你好 我的快递到哪了", "发票什么时候开好")),
        (
            "我的挂耳咖啡是不是今天送然后记忆枕退款什么时候给我呀",
            ("我的挂耳咖啡是不是今天送", "记忆枕退款什么时候给我呀"),
        ),
        ("昨天买的，今天降价了，能补差价吗", ("昨天买的，今天降价了，能补差价吗",)),
        ("新疆呢 运费多少", ("新疆呢 运费多少",)),
        ("这个多少钱", ("这个多少钱",)),
    ],
)
def test_a_message_is_split_where_it_asks_again(text: str, parts: tuple[str, ...]) -> None:
    assert questions_in(text) == parts
