import pytest

from agents.guards.contacts import find_contacts


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("详情见 https://evil.example.com/a", "url"),
        ("打开 taobao-fan . com 领券", "url"),
        ("请拨打１３８ ０００１ ２３４５", "phone"),
        ("电话1-3-8-0-0-0-1-2-3-4-5", "phone"),
        ("幺三八零零零幺二三四五", "phone"),
        ("加微信：shop_8899", "chat"),
        ("加薇信 abc 12345", "chat"),
        ("QQ群 123456789", "chat"),
        ("写信到 help@shop.example.cn", "email"),
        ("打款到 6222 0212 3456 7890 128", "bank"),
        ("客服 400-123-4567", "phone"),
    ],
)
def test_contacts_are_found(text: str, detail: str) -> None:
    assert detail in {finding.detail for finding in find_contacts(text, ())}


@pytest.mark.parametrize(
    "text", ["订单号20261101 实付19.90元", "微信支付和支付宝都可以", "48小时内发货，满199减30", "运单YT8821300123456"]
)
def test_plain_words_and_numbers_pass(text: str) -> None:
    assert find_contacts(text, ()) == ()


def test_the_allow_list_covers_a_host_and_a_number() -> None:
    text = "见 https://shop.example.com/help 或拨打400-123-4567"
    assert find_contacts(text, {"example.com", "4001234567"}) == ()
    assert find_contacts(text, {"other.com"})


def test_a_look_alike_host_is_not_allowed() -> None:
    assert find_contacts("见 https://example.com.evil.io/help", {"example.com"})
