"""From guest to proven shopper over HTTP."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.auth import identity
from api.auth.identity import MadeKey
from api.services import Services
from knowledge.orders.service import OrderStore
from knowledge.orders.views import ShopperIn
from tests.api.conftest import Talk, key_for, open_talk
from tests.support.desk import new_shop


@pytest.fixture
async def key(running: Services, api_shop: str) -> MadeKey:
    async with running.database.transaction(api_shop) as scope:
        return await identity.create_identity_key(scope)


class Signer:
    """The shop's own server."""

    def __init__(self, services: Services, shop_id: str, key: MadeKey) -> None:
        self.services, self.shop_id, self.key = services, shop_id, key

    def __call__(self, shopper_id: str = "anna", name: str = "", ttl_s: int = 600, *, ago_s: int = 0) -> str:
        now = self.services.clock.now() - timedelta(seconds=ago_s)
        return identity.sign(
            self.key.id, self.key.secret, shop_id=self.shop_id, shopper_id=shopper_id, name=name, now=now, ttl_s=ttl_s
        )


@pytest.fixture
def signed(running: Services, api_shop: str, key: MadeKey) -> Signer:
    return Signer(running, api_shop, key)


async def _prove(talk: Talk, token: str, *, bearer: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {bearer or talk.token}"}
    return await talk.client.post(f"{talk.path}/identity", json={"identity_token": token}, headers=headers)


async def _reads(talk: Talk, token: str) -> int:
    answer = await talk.client.get(talk.path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


async def test_a_conversation_opens_with_a_proven_shopper(client: httpx.AsyncClient, signed: Signer) -> None:
    body = {"shop_id": signed.shop_id, "identity_token": signed("anna", "安娜")}
    opened = await client.post("/v1/conversations", json=body)
    assert opened.status_code == 201
    assert opened.json()["shopper"] == {"name": "安娜", "tier": ""}
    talk = Talk(client, opened.json()["conversation_id"], opened.json()["token"], opened.json())
    assert (await talk.read())["shopper"] == {"name": "安娜", "tier": ""}


async def test_a_guest_is_nobody(talk: Talk) -> None:
    assert talk.greeting["shopper"] is None
    assert (await talk.read())["shopper"] is None


async def test_the_shop_s_record_names_the_shopper_and_their_tier(
    running: Services, talk: Talk, signed: Signer
) -> None:
    record = ShopperIn(shopper_id="anna", name="安娜女士", tier="金卡", phone="13812345678")
    await OrderStore(running.database).put_shoppers(signed.shop_id, [record])
    proven = (await _prove(talk, signed("anna", "别名"))).json()
    assert proven["shopper"] == {"name": "安娜女士", "tier": "金卡"}


async def test_a_bad_proof_opens_nothing(client: httpx.AsyncClient, signed: Signer) -> None:
    for shop_id, token in (
        (signed.shop_id, signed() + "x"),
        (signed.shop_id, signed(ago_s=3600)),
        ("shp_nowhere", signed()),
    ):
        answer = await client.post("/v1/conversations", json={"shop_id": shop_id, "identity_token": token})
        assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (401, "unauthorized", {})


async def test_the_guest_s_token_dies_with_the_proof(talk: Talk, signed: Signer) -> None:
    """Whoever planted it, or looked over a shoulder, neither reads nor writes from then on."""
    await talk.post("我想问一下")
    proven = await _prove(talk, signed("anna", "安娜"))
    assert proven.status_code == 200
    fresh = proven.json()["token"]
    assert (await _reads(talk, talk.token), await _reads(talk, fresh)) == (401, 200)
    for method, path in (("POST", "/messages"), ("PUT", "/rating")):
        answer = await talk.client.request(
            method, talk.path + path, json={"text": "x", "score": 1}, headers=talk.headers
        )
        assert answer.status_code == 401
    assert (await _prove(talk, signed("eve"))).status_code == 401
    state = await Talk(talk.client, talk.id, fresh, {}).read()
    assert state["shopper"] == {"name": "安娜", "tier": ""}
    assert len([one for one in state["messages"] if one["author"] == "shopper"]) == 1


async def test_a_lost_answer_is_asked_for_again_with_the_old_token(talk: Talk, signed: Signer) -> None:
    lost = (await _prove(talk, signed())).json()["token"]
    again = (await _prove(talk, signed())).json()["token"]
    assert (await _reads(talk, lost), await _reads(talk, again)) == (401, 200)
    third = (await _prove(talk, signed(), bearer=again)).json()["token"]
    assert (await _reads(talk, again), await _reads(talk, third)) == (401, 200)
    assert (await _prove(talk, signed())).status_code == 401  # the guest's token is two tokens old


async def test_a_conversation_never_changes_its_shopper(talk: Talk, signed: Signer) -> None:
    fresh = (await _prove(talk, signed("anna"))).json()["token"]
    answer = await _prove(talk, signed("eve"), bearer=fresh)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "anna" not in answer.text
    assert await _reads(talk, fresh) == 200


async def test_racing_proofs_leave_one_shopper_and_one_token(talk: Talk, signed: Signer) -> None:
    answers = await asyncio.gather(*(_prove(talk, signed(who)) for who in ("anna", "eve", "anna", "eve")))
    good = [one.json()["token"] for one in answers if one.status_code == 200]
    assert good
    assert {one.status_code for one in answers} <= {200, 401}
    assert sorted([await _reads(talk, token) for token in good])[0] == 200
    assert [await _reads(talk, token) for token in good].count(200) == 1


async def test_a_stranger_s_token_proves_nothing(talk: Talk, signed: Signer, running: Services) -> None:
    other = await open_talk(talk.client, signed.shop_id)
    assert (await _prove(talk, signed(), bearer=other.token)).status_code == 401
    elsewhere = await open_talk(talk.client, await new_shop(running.database))
    assert (await _prove(talk, signed(), bearer=elsewhere.token)).status_code == 404
    assert (await _prove(elsewhere, signed())).status_code == 401


async def _follow(talk: Talk, token: str, found: list[dict[str, Any]], listening: asyncio.Event) -> None:
    """Reads until the server ends the stream."""
    headers = {"Authorization": f"Bearer {token}"}
    async with talk.client.stream("GET", f"{talk.path}/events", headers=headers) as answer:
        listening.set()
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))


async def test_a_stream_that_a_dead_token_opened_ends_before_anything_new_is_told(talk: Talk, signed: Signer) -> None:
    found: list[dict[str, Any]] = []
    listening = asyncio.Event()
    following = asyncio.create_task(_follow(talk, talk.token, found, listening))
    await asyncio.wait_for(listening.wait(), 5)
    fresh = (await _prove(talk, signed("anna", "安娜"))).json()["token"]
    owner = Talk(talk.client, talk.id, fresh, {})
    await owner.post("转人工，我的密语是芝麻开门")
    await asyncio.wait_for(following, 10)
    assert not [one for one in found if "芝麻开门" in json.dumps(one, ensure_ascii=False) or "安娜" in str(one)]
    seen: list[dict[str, Any]] = []
    reading = asyncio.create_task(_follow(owner, fresh, seen, asyncio.Event()))
    await owner.replies()
    await asyncio.sleep(0.1)
    reading.cancel()
    assert seen[0] == {"shopper": {"name": "安娜", "tier": ""}}


async def test_three_failed_proofs_send_the_next_question_to_a_person(talk: Talk, signed: Signer) -> None:
    for _ in range(3):
        assert (await _prove(talk, signed() + "x")).status_code == 401
    await talk.post("电子发票多久能开好？")
    await talk.replies()
    state = await talk.read()
    assert (state["owner"], state["handoff"]["reason"]) == ("handoff", "identity")


async def test_a_good_proof_forgets_failed_ones(talk: Talk, signed: Signer) -> None:
    for _ in range(2):
        await _prove(talk, signed() + "x")
    owner = Talk(talk.client, talk.id, (await _prove(talk, signed())).json()["token"], {})
    assert (await _prove(owner, signed() + "x")).status_code == 401
    await owner.post("电子发票多久能开好？")
    await owner.replies()
    assert (await owner.read())["owner"] == "bot"


# the shop's side ------------------------------------------------------------------------------------------------------


async def test_a_shop_makes_lists_and_retires_its_keys(client: httpx.AsyncClient, running: Services) -> None:
    shop_id = await new_shop(running.database)
    headers = await key_for(running, shop_id, "identity:write")
    made = (await client.post("/v1/identity-keys", headers=headers)).json()
    signer = Signer(running, shop_id, MadeKey(made["id"], made["secret"]))
    body = {"shop_id": shop_id, "identity_token": signer()}
    assert (await client.post("/v1/conversations", json=body)).status_code == 201
    listed = await client.get("/v1/identity-keys", headers=headers)
    assert [(one["id"], one["retired_at"]) for one in listed.json()] == [(made["id"], None)]
    assert made["secret"] not in listed.text
    for _ in range(2):
        assert (await client.delete(f"/v1/identity-keys/{made['id']}", headers=headers)).status_code == 204
    assert (await client.post("/v1/conversations", json=body)).status_code == 401
    assert (await client.delete("/v1/identity-keys/idk_no", headers=headers)).status_code == 404
