"""Events of the queue at a shop's own address: signed, told again until they are taken, never lost."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.webhooks import repository, sender, service, signing
from api.webhooks.models import Webhook, WebhookDelivery
from api.webhooks.sender import WebhookSender, pause_s
from api.webhooks.targets import RefusedTargetError, Targets
from api.webhooks.topics import HANDOFF
from knowledge.kit import outbox
from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError
from tests.agents.handoff.kit import ANNA, AROUND_THE_CLOCK, Bench
from tests.support.desk import new_shop
from tests.support.receiver import HANG, Receiver, receiving
from tests.support.waiting import until

LOOPBACK = Targets(private=True)


@pytest.fixture
async def bench(own_database: Database) -> Bench:
    made = Bench(own_database, await new_shop(own_database))
    await made.setting(**AROUND_THE_CLOCK)
    return made


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def sending(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(sender, "_PERIOD_S", 0.05)
    monkeypatch.setattr(sender, "pause_s", lambda _attempt: 0)
    running = WebhookSender(own_database, LOOPBACK)
    await running.start()
    yield
    await running.stop()


async def _webhook(bench: Bench, url: str, *topics: str) -> Webhook:
    async with bench.database.transaction(bench.shop_id) as scope:
        return await service.create(scope, LOOPBACK, url=url, topics=topics or ["handoff.*"])


async def _deliveries(bench: Bench, webhook: Webhook) -> list[WebhookDelivery]:
    async with bench.database.transaction(bench.shop_id) as scope:
        return await repository.deliveries(scope, webhook.id, state=None, limit=1000)


async def _finished(bench: Bench, webhook: Webhook, count: int = 1) -> list[WebhookDelivery]:
    async def done() -> list[WebhookDelivery]:
        found = await _deliveries(bench, webhook)
        return found if len(found) >= count and all(one.state != "pending" for one in found) else []

    return await until(done)


@pytest.mark.usefixtures("sending")
async def test_each_move_is_told_once_and_signed(bench: Bench, receiver: Receiver) -> None:
    webhook = await _webhook(bench, receiver.url)
    await bench.sign_in(ANNA)
    asked = await bench.ask()
    claimed = await bench.take()
    await bench.queue.reply(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence, "您好", client_key="1")
    await bench.queue.resolve(bench.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    delivered = await _finished(bench, webhook, 4)
    assert {one.state for one in delivered} == {"delivered"}
    told = {one.told["topic"]: one for one in receiver.received}
    assert sorted(told) == sorted(f"handoff.{move}" for move in ("queued", "claimed", "replied", "resolved"))
    assert len(receiver.received) == 4
    for topic, one in told.items():
        at = int(one.headers["livecrew-timestamp"])
        assert one.path == "/hook?of=shop"
        assert one.headers["livecrew-topic"] == topic
        assert one.delivery_id == one.told["id"]
        assert one.told["shop_id"] == bench.shop_id
        assert one.told["data"]["handoff_id"] == asked.handoff_id
        assert signing.verify(webhook.secret, one.headers["livecrew-signature"], at, one.body, now=at + 60)
        for wrong in (
            ("other", one.body, at),
            (webhook.secret, one.body + b" ", at),
            (webhook.secret, one.body, at + 1),
        ):
            assert not signing.verify(wrong[0], one.headers["livecrew-signature"], wrong[2], wrong[1], now=at)
        assert not signing.verify(webhook.secret, one.headers["livecrew-signature"], at, one.body, now=at + 301)
    assert "您好" not in b"".join(one.body for one in receiver.received).decode()


@pytest.mark.usefixtures("sending")
async def test_an_address_is_told_what_it_wants_and_of_its_own_shop_only(bench: Bench, receiver: Receiver) -> None:
    before = await bench.ask()
    picky = await _webhook(bench, receiver.url, "handoff.claimed")
    elsewhere = Bench(bench.database, await new_shop(bench.database))
    stranger = await _webhook(elsewhere, receiver.url)
    await bench.sign_in(ANNA)
    await bench.take()
    await _finished(bench, picky)
    await bench.ask()

    async def all_assigned() -> bool:
        async with bench.database.transaction(bench.shop_id) as scope:
            row = await scope.one("select count(*) as n from outbox where shop_id = :shop_id and sent_at is null")
        return not row.n

    await until(all_assigned)
    (one,) = receiver.received
    assert (one.told["topic"], one.told["data"]["handoff_id"]) == ("handoff.claimed", before.handoff_id)
    assert await _deliveries(elsewhere, stranger) == []


@pytest.mark.usefixtures("sending")
@pytest.mark.parametrize("status", [500, 302, 404])
async def test_what_was_not_taken_is_told_again_under_the_same_id(
    bench: Bench, receiver: Receiver, status: int
) -> None:
    """A redirect is no answer either: it could lead anywhere."""
    receiver.answer = lambda _one: status if len(receiver.received) < 3 else 200
    webhook = await _webhook(bench, receiver.url)
    await bench.ask()
    (delivery,) = await _finished(bench, webhook)
    assert (delivery.state, delivery.attempts, delivery.last_status, delivery.error) == ("delivered", 3, 200, "")
    assert [one.delivery_id for one in receiver.received] == [delivery.id] * 3
    assert len({one.body for one in receiver.received}) == 1


@pytest.mark.usefixtures("sending")
async def test_what_nobody_takes_is_given_up_visibly_and_may_be_tried_again(
    bench: Bench, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TRIES", 3)
    receiver.answer = lambda _one: 503
    webhook = await _webhook(bench, receiver.url)
    await bench.ask()
    (dead,) = await _finished(bench, webhook)
    assert (dead.state, dead.attempts, dead.last_status, dead.error) == ("dead", 3, 503, "status 503")
    async with bench.database.transaction(bench.shop_id) as scope:
        (counted,) = await service.listed(scope)
    assert (counted.pending, counted.delivered, counted.dead) == (0, 0, 1)
    receiver.answer = lambda _one: 200
    async with bench.database.transaction(bench.shop_id) as scope:
        await repository.try_again(scope, webhook.id, dead.id)
    (again,) = await _finished(bench, webhook)
    assert (again.state, again.id) == ("delivered", dead.id)


@pytest.mark.usefixtures("sending")
async def test_an_address_that_is_gone_is_not_asked_again(bench: Bench, receiver: Receiver) -> None:
    receiver.answer = lambda _one: 410
    webhook = await _webhook(bench, receiver.url)
    await bench.ask()
    (dead,) = await _finished(bench, webhook)
    assert (dead.state, dead.attempts, len(receiver.received)) == ("dead", 1, 1)


@pytest.mark.usefixtures("sending")
async def test_a_new_secret_and_the_old_one_both_sign_for_a_day(bench: Bench, receiver: Receiver) -> None:
    webhook = await _webhook(bench, receiver.url)
    old = webhook.secret
    async with bench.database.transaction(bench.shop_id) as scope:
        new = (await service.change_secret(scope, webhook.id)).secret
    await bench.ask()
    await _finished(bench, webhook)
    (one,) = receiver.received
    at = int(one.headers["livecrew-timestamp"])
    for secret in (old, new):
        assert signing.verify(secret, one.headers["livecrew-signature"], at, one.body, now=at)


@pytest.mark.usefixtures("sending")
async def test_what_waits_for_an_erased_shopper_is_not_told(bench: Bench, receiver: Receiver) -> None:
    webhook = await _webhook(bench, receiver.url)
    async with bench.database.transaction(bench.shop_id) as scope:
        await service.change(scope, LOOPBACK, webhook.id, enabled=False)
        outbox_id = await outbox.post(scope, "handoff.queued", {"handoff_id": "hnd_1", "subject_id": "cnv_1"})
        await scope.session.flush()
        scope.session.add(
            WebhookDelivery(
                id="dlv_1", shop_id=bench.shop_id, webhook_id=webhook.id, outbox_id=outbox_id, topic="handoff.queued"
            )
        )
    async with bench.database.transaction(bench.shop_id) as scope:
        await scope.run("delete from outbox where payload->>'subject_id' = 'cnv_1'")
    assert await _deliveries(bench, webhook) == []


# kill -9 --------------------------------------------------------------------------------------------------------------


async def _sender_process(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.send_webhooks", url, stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2], env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


async def test_a_worker_killed_in_the_middle_loses_nothing(
    bench: Bench, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was telling is told once more under the same id; the rest is told once."""
    webhook = await _webhook(bench, receiver.url)
    asked = [await bench.ask() for _ in range(12)]
    receiver.answer = lambda _one: 200 if len(receiver.received) <= 5 else HANG
    killed = await _sender_process(bench.database.url)

    async def stuck() -> bool:
        return len(receiver.received) >= 8

    await until(stuck, within_s=30)
    killed.kill()
    assert await killed.wait() == -9
    states = Counter(one.state for one in await _deliveries(bench, webhook))
    assert states["pending"] >= 3
    receiver.answer = lambda _one: 200
    monkeypatch.setattr(sender, "_PERIOD_S", 0.05)
    later = Database(bench.database.url, now=datetime.now(UTC) + timedelta(seconds=sender.HELD_S + 5))
    others = [WebhookSender(later, LOOPBACK) for _ in range(2)]
    for other in others:
        await other.start()
    delivered = await _finished(bench, webhook, 12)
    for other in others:
        await other.stop()
    await later.dispose()
    assert {one.state for one in delivered} == {"delivered"}
    told = Counter(one.delivery_id for one in receiver.received)
    assert set(told) == {one.id for one in delivered}
    assert {one.told["data"]["handoff_id"] for one in receiver.received} == {one.handoff_id for one in asked}
    attempts = {one.id: one.attempts for one in delivered}
    assert all(times <= attempts[one] <= 2 for one, times in told.items())
    assert sum(told.values()) - len(told) <= 8  # no more than it had in hand


# where to -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/hook", "ftp://shop.example.com/", "https://", "https://u:p@shop.example.com/",
        "https://shop.example.com/#x", "https://127.0.0.1/", "https://10.0.0.7/", "https://169.254.169.254/latest",
        "https://[::1]/", "https://[::ffff:10.0.0.7]/", "https://[64:ff9b::a00:7]/", "https://192.168.1.1:8443/",
        "https://100.100.100.200/", "https://0.0.0.0/", "https://shop.example.com:99999/", "https://a b/",
    ],
)  # fmt: skip
def test_addresses_that_no_webhook_goes_to(url: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Targets().checked(url)
    assert refused.value.data["field"] == "url"


def test_private_addresses_are_a_setting_and_the_machines_own_never_one() -> None:
    assert LOOPBACK.checked("http://127.0.0.1:8080/hook")
    with pytest.raises(InvalidInputError):
        LOOPBACK.checked("http://169.254.169.254/latest/meta-data")


async def test_a_name_is_judged_by_where_it_leads_at_every_try() -> None:
    for url in ("https://localhost/hook", "https://localhost:8443/"):
        with pytest.raises(RefusedTargetError, match="address_refused"):
            await Targets().resolved(url)
    target = await LOOPBACK.resolved("http://localhost:8080/hook?a=1")
    assert target.host == "localhost"
    assert target.authority == "localhost:8080"
    assert target.url in ("http://127.0.0.1:8080/hook?a=1", "http://[::1]:8080/hook?a=1")


async def test_a_name_with_one_private_address_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    async def led(_host: str, _port: int) -> list[Any]:
        import ipaddress

        return [ipaddress.ip_address("93.184.216.34"), ipaddress.ip_address("10.0.0.7")]

    monkeypatch.setattr("api.webhooks.targets.looked_up", led)
    with pytest.raises(RefusedTargetError, match="address_refused"):
        await Targets().resolved("https://shop.example.com/hook")


def test_pauses_grow_and_end() -> None:
    pauses = [pause_s(attempt) for attempt in range(1, sender.TRIES)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (5, 6 * 3600)
    assert 86_400 < sum(pauses) < 3 * 86_400


def test_every_move_the_queue_posts_has_a_topic_to_ask_for() -> None:
    from agents.handoff.moves import _POSTED

    assert set(_POSTED.values()) == set(HANDOFF)
