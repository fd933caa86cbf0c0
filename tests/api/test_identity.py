"""What a shopper token proves, and all that it must not."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from api.auth import identity
from api.auth.identity import ACTIVE_KEYS, LEEWAY_S, MAX_TTL_S, Claims, MadeKey, sign, verify
from knowledge.kit.db import Database
from knowledge.kit.errors import ConflictError, NotFoundError, UnauthorizedError
from tests.support.desk import new_shop

NOW = datetime(2026, 5, 20, 4, tzinfo=UTC)


async def _key(database: Database, shop_id: str) -> MadeKey:
    async with database.transaction(shop_id) as scope:
        return await identity.create_identity_key(scope)


@pytest.fixture
async def key(database: Database, shop_id: str) -> MadeKey:
    return await _key(database, shop_id)


def _claims(shop_id: str, **more: Any) -> dict[str, Any]:
    issued = int(NOW.timestamp())
    claims = {"aud": "livecrew", "shop": shop_id, "sub": "anna", "iat": issued, "exp": issued + 600, **more}
    return {name: value for name, value in claims.items() if value is not None}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _by_hand(header: dict[str, Any], claims: dict[str, Any], secret: str) -> str:
    """A token as an attacker builds it: PyJWT itself would refuse to."""
    signed = f"{_part(header)}.{_part(claims)}"
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest() if secret else b""
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


async def _refused(database: Database, shop_id: str, token: str, now: datetime = NOW) -> None:
    with pytest.raises(UnauthorizedError) as raised:
        await verify(database, shop_id, token, now)
    assert (raised.value.detail, raised.value.data) == ("This identity token is not valid.", {})


async def test_a_signed_token_proves_the_shopper_to_this_shop(database: Database, shop_id: str, key: MadeKey) -> None:
    token = sign(key.id, key.secret, shop_id=shop_id, shopper_id="u/张三@1", name="  张\n三 ", now=NOW, ttl_s=600)
    assert await verify(database, shop_id, token, NOW) == Claims("u/张三@1", "张 三")
    assert await verify(database, shop_id, _by_hand({"alg": "HS256", "kid": key.id}, _claims(shop_id), key.secret), NOW)


async def test_a_shop_signs_with_any_library(database: Database, shop_id: str, key: MadeKey) -> None:
    """The secret signs as the bytes of its text, as JWT libraries take it."""
    token = jwt.encode(_claims(shop_id), key.secret, algorithm="HS256", headers={"kid": key.id})
    assert (await verify(database, shop_id, token, NOW)).shopper_id == "anna"
    assert len(key.secret) >= 32  # RFC 7518 §3.2


@pytest.mark.parametrize("seconds", [-LEEWAY_S, 0, 599, 600 + LEEWAY_S - 1])
async def test_time_is_the_given_clock_s(database: Database, shop_id: str, key: MadeKey, seconds: int) -> None:
    token = sign(key.id, key.secret, shop_id=shop_id, shopper_id="anna", now=NOW, ttl_s=600)
    assert await verify(database, shop_id, token, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-LEEWAY_S - 1, 600 + LEEWAY_S, 86_400, -86_400])
async def test_a_token_out_of_its_time_is_refused(database: Database, shop_id: str, key: MadeKey, seconds: int) -> None:
    token = sign(key.id, key.secret, shop_id=shop_id, shopper_id="anna", now=NOW, ttl_s=600)
    await _refused(database, shop_id, token, NOW + timedelta(seconds=seconds))


_ISSUED = int(NOW.timestamp())


@pytest.mark.parametrize(
    "more",
    [
        {"aud": None},
        {"aud": "other"},
        {"aud": ["livecrew"]},
        {"shop": None},
        {"shop": "shp_other"},
        {"shop": ["x"]},
        {"sub": None},
        {"sub": ""},
        {"sub": "  "},
        {"sub": "s" * 129},
        {"sub": "nul\0"},
        {"sub": 7},
        {"iat": None},
        {"exp": None},
        {"exp": _ISSUED},
        {"exp": _ISSUED + MAX_TTL_S + 1},
        {"exp": 2**80, "iat": 2**80 - 10},
        {"exp": float("inf")},
        {"exp": "never"},
        {"iat": True},
        {"iat": float(_ISSUED)},
        {"exp": [1]},
        {"name": "nul\0"},
    ],
)
async def test_claims_that_do_not_hold_are_refused(
    database: Database, shop_id: str, key: MadeKey, more: dict[str, Any]
) -> None:
    await _refused(database, shop_id, _by_hand({"alg": "HS256", "kid": key.id}, _claims(shop_id, **more), key.secret))


async def test_nothing_but_hs256_signs(database: Database, shop_id: str, key: MadeKey) -> None:
    claims = _claims(shop_id)
    for algorithm, secret in (("none", ""), ("None", ""), ("HS384", key.secret), ("RS256", key.secret), ("", "")):
        await _refused(database, shop_id, _by_hand({"alg": algorithm, "kid": key.id}, claims, secret))
    await _refused(database, shop_id, jwt.encode(claims, key.secret, algorithm="HS512", headers={"kid": key.id}))
    await _refused(database, shop_id, _by_hand({"kid": key.id}, claims, key.secret))


async def test_unknown_shop_unknown_key_and_bad_signature_are_one_refusal(
    database: Database, shop_id: str, key: MadeKey
) -> None:
    token = sign(key.id, key.secret, shop_id=shop_id, shopper_id="anna", now=NOW, ttl_s=600)
    head, body, signature = token.split(".")
    await _refused(database, "shp_nowhere", token)
    await _refused(database, "", token)
    await _refused(database, "nul\0", token)
    await _refused(database, shop_id, _by_hand({"alg": "HS256", "kid": "idk_no"}, _claims(shop_id), key.secret))
    await _refused(database, shop_id, _by_hand({"alg": "HS256", "kid": "\0"}, _claims(shop_id), key.secret))
    await _refused(database, shop_id, _by_hand({"alg": "HS256"}, _claims(shop_id), key.secret))
    await _refused(database, shop_id, _by_hand({"alg": "HS256", "kid": key.id}, _claims(shop_id), "another secret"))
    await _refused(database, shop_id, f"{head}.{_part(_claims(shop_id, sub='eve'))}.{signature}")
    for junk in ("", "x", "a.b.c", f"{head}.{body}.", f"{head}.{body}", "é.é.é", "\ud83d", "a" * 5000):
        await _refused(database, shop_id, junk)


async def test_a_key_of_another_shop_proves_nothing_here(database: Database, shop_id: str) -> None:
    """Not even when its token names this shop: the key is sought in the shop that is spoken to."""
    other = await new_shop(database)
    theirs = await _key(database, other)
    for named in (shop_id, other):
        token = sign(theirs.id, theirs.secret, shop_id=named, shopper_id="anna", now=NOW, ttl_s=600)
        await _refused(database, shop_id, token)
    await _refused(database, other, sign(theirs.id, theirs.secret, shop_id=shop_id, shopper_id="a", now=NOW, ttl_s=60))


async def test_keys_change_over_without_a_gap_and_a_retired_one_is_refused_at_once(
    database: Database, shop_id: str, key: MadeKey
) -> None:
    fresh = await _key(database, shop_id)
    old, new = (
        sign(one.id, one.secret, shop_id=shop_id, shopper_id="anna", now=NOW, ttl_s=600) for one in (key, fresh)
    )
    assert await verify(database, shop_id, old, NOW) == await verify(database, shop_id, new, NOW)
    async with database.transaction(shop_id) as scope:
        await identity.retire_identity_key(scope, key.id)
        await identity.retire_identity_key(scope, key.id)
    await _refused(database, shop_id, old)
    assert await verify(database, shop_id, new, NOW)
    async with database.transaction(shop_id) as scope:
        assert {one.id: one.retired_at is None for one in await identity.identity_keys(scope)} == {
            key.id: False,
            fresh.id: True,
        }


async def test_a_shop_retires_its_own_keys_only(database: Database, shop_id: str, key: MadeKey) -> None:
    async with database.transaction(await new_shop(database)) as scope:
        with pytest.raises(NotFoundError):
            await identity.retire_identity_key(scope, key.id)
        assert await identity.identity_keys(scope) == []


async def test_a_shop_has_so_many_active_keys_and_no_more(database: Database, shop_id: str) -> None:
    made = await asyncio.gather(*(_key(database, shop_id) for _ in range(ACTIVE_KEYS + 2)), return_exceptions=True)
    assert sum(isinstance(one, ConflictError) for one in made) == 2
    (first, *_) = [one for one in made if isinstance(one, MadeKey)]
    async with database.transaction(shop_id) as scope:
        await identity.retire_identity_key(scope, first.id)
    await _key(database, shop_id)
    with pytest.raises(NotFoundError):
        await _key(database, "shp_nowhere")


def test_a_token_of_the_demo_carries_only_what_is_trusted() -> None:
    token = sign("idk_1", "s" * 64, shop_id="shp_1", shopper_id="anna", now=NOW, ttl_s=60, name="安娜")
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": "idk_1", "typ": "JWT"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {"aud", "shop", "sub", "iat", "exp", "name"}
