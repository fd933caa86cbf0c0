"""A shop looks after its webhooks over HTTP; what is sent is tested in test_webhooks.py."""

from typing import Any

import httpx
import pytest

from api.services import Services
from api.webhooks import service
from tests.agents.handoff.kit import Bench
from tests.api.conftest import calm, key_for, operator_of
from tests.support.desk import new_shop
from tests.support.waiting import until

NOWHERE = "https://hooks.shop.invalid/hook"


class Shop:
    def __init__(self, client: httpx.AsyncClient, bench: Bench, headers: dict[str, str]) -> None:
        self.client, self.bench, self.headers = client, bench, headers

    async def call(self, method: str, path: str = "", expected: int = 200, **body: Any) -> Any:
        answer = await self.client.request(
            method, f"/v1/webhooks{path}", headers=self.headers, json=body if body else None
        )
        assert answer.status_code == expected, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
async def shop(client: httpx.AsyncClient, running: Services) -> Shop:
    shop_id = await new_shop(running.database)
    await calm(running.database, shop_id)
    return Shop(client, Bench(running.database, shop_id), await key_for(running, shop_id, "webhooks:write"))


async def test_a_secret_is_shown_once(shop: Shop) -> None:
    made = await shop.call("POST", "", 201, url=NOWHERE)
    assert (made["topics"], made["enabled"]) == (["handoff.*"], True)
    assert made["secret"].startswith("whs_")
    fresh = await shop.call("POST", f"/{made['id']}/secret")
    assert fresh["secret"] not in ("", made["secret"])
    changed = await shop.call("PATCH", f"/{made['id']}", topics=["handoff.queued", "handoff.queued"], enabled=False)
    (listed,) = await shop.call("GET")
    assert (changed["topics"], listed["enabled"], listed["url"]) == (["handoff.queued"], False, NOWHERE)
    for told in (changed, listed):
        assert "secret" not in told
    await shop.call("DELETE", f"/{made['id']}", 204)
    assert await shop.call("GET") == []
    await shop.call("DELETE", f"/{made['id']}", 404)


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://hooks.shop.invalid/"}, {"url": "https://127.0.0.1/"}, {"url": "https://localhost/"},
        {"url": "https://2130706433/"}, {"url": NOWHERE, "topics": []}, {"url": NOWHERE, "topics": ["handoff.x"]},
        {"url": NOWHERE, "topics": ["*"]}, {"topics": ["handoff.*"]}, {"url": "https://x/" + "a" * 2000},
    ],
)  # fmt: skip
async def test_what_is_no_webhook_is_refused_naming_the_rule(shop: Shop, body: dict[str, Any]) -> None:
    refused = await shop.call("POST", "", 422, **body)
    assert refused["code"] == "invalid_input"
    assert refused["data"].get("rule") or refused["data"]["problems"]
    assert await shop.call("GET") == []


async def test_what_cannot_be_reached_is_visible(shop: Shop) -> None:
    made = await shop.call("POST", "", 201, url=NOWHERE)
    tried = await shop.call("POST", f"/{made['id']}/test", 202)
    assert (tried["topic"], tried["state"]) == ("webhook.test", "pending")
    await shop.bench.ask()

    async def failed() -> list[dict[str, Any]]:
        found = await shop.call("GET", f"/{made['id']}/deliveries?state=pending")
        return found if len(found) == 2 and all(one["error"] for one in found) else []

    assert {one["error"] for one in await until(failed)} == {"name_unknown"}
    (counted,) = await shop.call("GET")
    assert (counted["pending"], counted["delivered"], counted["dead"]) == (2, 0, 0)
    await shop.call("POST", f"/{made['id']}/deliveries/{tried['id']}/retry", 404)  # it is not dead


async def test_a_shop_has_so_many_and_an_admin_may_look_after_them(shop: Shop, running: Services) -> None:
    _, admin = await operator_of(running, shop.bench.shop_id, "admin")
    boss = Shop(shop.client, shop.bench, admin)
    for at in range(service.MOST):
        await boss.call("POST", "", 201, url=f"{NOWHERE}/{at}")
    assert (await boss.call("POST", "", 409, url=NOWHERE))["code"] == "conflict"
    _, supervisor = await operator_of(running, shop.bench.shop_id, "supervisor")
    await Shop(shop.client, shop.bench, supervisor).call("GET", "", 403)
