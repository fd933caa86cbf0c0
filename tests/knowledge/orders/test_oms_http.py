"""A shop's own order system that is slow, broken, badly written or not the shop's: nothing it says is believed."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from knowledge.kit.clock import FrozenClock
from knowledge.kit.db import Database
from knowledge.kit.errors import ConfigurationError
from knowledge.orders.build import build_oms
from knowledge.orders.oms import OmsUnavailableError
from knowledge.orders.oms_http import HttpOms
from knowledge.orders.oms_local import LocalOms
from knowledge.orders.oms_signature import answer_signature, question_signature
from knowledge.settings import KnowledgeSettings
from tests.knowledge.orders.factories import NOON, order, plain_order, shopper
from tests.support.oms_server import KEY_ID, SECRET, OmsServer, Trap

SHOP = "shp_1"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def server(clock: FrozenClock) -> Iterator[OmsServer]:
    server = OmsServer(clock)
    server.hold(SHOP, [shopper(), shopper("bob")], [order("A1"), order("B1", "bob"), plain_order("A2")])
    yield server
    server.close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
async def oms(server: OmsServer, clock: FrozenClock, waits: list[float]) -> AsyncIterator[HttpOms]:
    async def wait(seconds: float) -> None:
        waits.append(seconds)

    oms = HttpOms(server.url + "/", KEY_ID, SECRET, clock, timeout_s=10, sleep=wait)
    yield oms
    await oms.close()


@pytest.mark.parametrize(
    ("trap", "reason", "attempts"),
    [
        ("failing", "status_503", 2),
        ("cut_off", "unreachable", 2),
        ("denying", "status_403", 1),
        ("moved", "status_307", 1),
        ("garbage", "malformed", 1),
        ("html", "malformed", 1),
        ("huge", "too_large", 1),
        ("unsigned", "unsigned", 1),
        ("forged", "bad_signature", 1),
        ("tampered", "bad_signature", 1),
        ("no_time", "stale", 1),
        ("old", "stale", 1),
        ("future", "stale", 1),
        ("other_shopper", "foreign_shopper", 1),
        ("other_shop", "foreign_shopper", 1),
        ("other_order", "foreign_order", 1),
        ("unknown_field", "malformed", 1),
        ("text_amount", "malformed", 1),
        ("missing", "malformed", 1),
        ("naive_time", "malformed", 1),
    ],
)
async def test_nothing_but_a_good_answer_is_believed(
    server: OmsServer, oms: HttpOms, trap: Trap, reason: str, attempts: int
) -> None:
    server.trap = trap
    with pytest.raises(OmsUnavailableError) as raised:
        await oms.order(SHOP, "anna", "A1")
    assert raised.value.data == {"reason": reason}
    assert server.attempts == attempts
    server.trap = ""
    assert await oms.order(SHOP, "anna", "A1") is not None


@pytest.mark.parametrize("trap", ["silent", "dripping"])
async def test_an_answer_that_takes_too_long_is_none(
    server: OmsServer, clock: FrozenClock, waits: list[float], trap: Trap
) -> None:
    async def wait(seconds: float) -> None:
        waits.append(seconds)

    server.trap = trap
    oms = HttpOms(server.url, KEY_ID, SECRET, clock, timeout_s=0.2, sleep=wait)
    with pytest.raises(OmsUnavailableError) as raised:
        await oms.order(SHOP, "anna", "A1")
    await oms.close()
    assert raised.value.data == {"reason": "timeout"}
    assert waits == [0.2]


async def test_a_genuine_answer_to_an_earlier_question_is_refused(server: OmsServer, oms: HttpOms) -> None:
    assert await oms.order(SHOP, "anna", "A1") is not None
    server.trap = "replayed"
    with pytest.raises(OmsUnavailableError) as raised:
        await oms.order(SHOP, "anna", "A1")
    assert raised.value.data == {"reason": "bad_signature"}


async def test_a_list_or_profile_of_somebody_else_is_refused(server: OmsServer, oms: HttpOms) -> None:
    for trap in ("other_shopper", "twice"):
        server.trap = trap
        with pytest.raises(OmsUnavailableError):
            await oms.orders(SHOP, "anna")
    for trap in ("other_profile", "other_shopper"):
        server.trap = trap
        with pytest.raises(OmsUnavailableError):
            await oms.shopper(SHOP, "anna")


async def test_one_hiccup_is_not_noticed(server: OmsServer, oms: HttpOms, waits: list[float]) -> None:
    server.trap = "failing_once"
    assert await oms.order(SHOP, "anna", "A1") is not None
    assert (server.attempts, waits, server.refused) == (2, [0.2], [])


async def test_a_server_that_is_not_there(server: OmsServer, oms: HttpOms) -> None:
    server.close()
    with pytest.raises(OmsUnavailableError) as raised:
        await oms.orders(SHOP, "anna")
    assert raised.value.data == {"reason": "unreachable"}


async def test_the_order_system_can_refuse_us_too(server: OmsServer, clock: FrozenClock) -> None:
    late = FrozenClock(clock.at - timedelta(minutes=6))
    for oms, problem in (
        (HttpOms(server.url, "another", SECRET, clock), "key"),
        (HttpOms(server.url, KEY_ID, "x" * 40, clock), "signature"),
        (HttpOms(server.url, KEY_ID, SECRET, late), "timestamp"),
    ):
        with pytest.raises(OmsUnavailableError) as raised:
            await oms.order(SHOP, "anna", "A1")
        await oms.close()
        assert raised.value.data == {"reason": "status_401"}
        assert server.refused[-1] == problem


async def test_a_question_names_the_shopper_and_nothing_personal_is_logged(
    server: OmsServer, oms: HttpOms, capsys: pytest.CaptureFixture[str]
) -> None:
    server.trap = "text_amount"
    with pytest.raises(OmsUnavailableError) as raised:
        await oms.order(SHOP, "anna", "A1")
    assert server.questions == [{"shop_id": SHOP, "shopper_id": "anna", "order_id": "A1"}]
    told = capsys.readouterr()
    for text in (told.out + told.err, str(raised.value), repr(raised.value.__cause__)):
        assert not any(secret in text for secret in ("13812345678", "科技园", "25800", SECRET))


def test_signatures_are_those_of_the_description() -> None:
    """Worked out with another program: printf '…' | openssl dgst -sha256 -hmac 'key'."""
    question = question_signature(
        "key", timestamp="1779249600", nonce="00ff", method="POST", path="/api/order", body=b'{"a": 1}'
    )
    answer = answer_signature("key", timestamp="1779249600", nonce="00ff", status=200, body=b"{}")
    assert question == "e984d34f3dcdfe12ba0c1e9634444f835248b59c02345f0fd27ad46f47859748"
    assert answer == "b546229744537f18f53206c971349c9ab206770fb7f079a09699732c3198283e"


async def test_settings_choose_the_order_system(database: Database, clock: FrozenClock) -> None:
    assert isinstance(build_oms(KnowledgeSettings(), database, clock), LocalOms)
    whole = {
        "oms_base_url": "https://shop.example/livecrew",
        "oms_key_id": "k",
        "oms_secret": SecretStr("s" * 32),
    }
    built = build_oms(KnowledgeSettings(**whole), database, clock)
    assert isinstance(built, HttpOms)
    await built.close()
    for wrong in (
        {"oms_key_id": ""},
        {"oms_key_id": "钥匙"},
        {"oms_secret": SecretStr("short")},
        {"oms_base_url": "http://shop.example/livecrew"},
        {"oms_base_url": "ftp://127.0.0.1"},
        {"oms_base_url": "shop.example"},
        {"oms_base_url": "https://user@shop.example"},
        {"oms_base_url": "https://shop.example:port"},
        {"oms_base_url": "https://shop.example/?q=1"},
    ):
        with pytest.raises(ConfigurationError) as raised:
            build_oms(KnowledgeSettings(**(whole | wrong)), database, clock)
        assert "LIVECREW_OMS" in raised.value.detail
        assert "short" not in raised.value.detail
