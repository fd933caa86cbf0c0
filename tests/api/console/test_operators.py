"""Accounts: sign-in, lock-out, roles, and the epoch that ends old sign-ins."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from api.auth import operators, sign_ins
from api.auth.operators import SignedIn
from api.auth.rights import RIGHTS, Right, Role, rights_of
from knowledge.kit.clock import SystemClock
from knowledge.kit.db import Database
from knowledge.kit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LiveCrewError,
    NotFoundError,
    UnauthorizedError,
)
from knowledge.kit.ids import new_id
from tests.support.desk import new_shop

PASSWORD = "correct horse battery"


async def account(database: Database, shop_id: str, *roles: str, login: str = "") -> SignedIn:
    async with database.transaction(shop_id) as scope:
        return await operators.create_operator(
            scope, login or new_id("who"), name="小周", password=PASSWORD, roles=roles or ["admin"]
        )


async def still(database: Database, who: SignedIn) -> SignedIn:
    async with database.transaction(who.shop_id) as scope:
        return await operators.still(scope, who)


async def test_the_right_password_signs_in_whatever_the_case_of_the_login(database: Database, shop_id: str) -> None:
    made = await account(database, shop_id, "operator")
    who = await operators.sign_in(database, f"  {made.login.upper()} ", PASSWORD)
    assert (who.operator_id, who.shop_id, who.roles) == (made.operator_id, shop_id, ("operator",))


@pytest.mark.parametrize("login", ["nobody-has-this", "", "x" * 300, "a\x00b", "'; drop table operators; --"])
async def test_a_login_nobody_has_is_refused_like_a_wrong_password(
    database: Database, shop_id: str, login: str
) -> None:
    made = await account(database, shop_id)
    with pytest.raises(UnauthorizedError) as unknown:
        await operators.sign_in(database, login, PASSWORD)
    with pytest.raises(UnauthorizedError) as wrong:
        await operators.sign_in(database, made.login, "wrong password")
    assert (unknown.value.detail, unknown.value.data) == (wrong.value.detail, wrong.value.data)


async def test_an_unknown_login_costs_a_hash_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str | None] = []

    def noted(_password: str, password_hash: str | None) -> bool:
        compared.append(password_hash)
        return True

    monkeypatch.setattr("api.auth.passwords._verified", noted)
    with pytest.raises(UnauthorizedError):
        await operators.sign_in(database, "nobody-has-this", PASSWORD)
    assert compared == [None]


async def test_wrong_tries_lock_the_account_even_for_the_right_password(database: Database, shop_id: str) -> None:
    made = await account(database, shop_id)
    tries = [operators.sign_in(database, made.login, f"wrong {n}") for n in range(operators.WRONG_TRIES)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(one, UnauthorizedError) for one in results)
    with pytest.raises(UnauthorizedError):
        await operators.sign_in(database, made.login, PASSWORD)
    async with database.transaction(shop_id) as scope:
        await scope.run("update operators set locked_until = livecrew_now() where login = :login", login=made.login)
    assert (await operators.sign_in(database, made.login, PASSWORD)).operator_id == made.operator_id


async def test_guesses_at_once_are_not_more_than_one_after_another(
    database: Database, shop_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await account(database, shop_id)
    compared: list[str | None] = []

    def noted(_password: str, password_hash: str | None) -> bool:
        compared.append(password_hash)
        return False

    monkeypatch.setattr("api.auth.passwords._verified", noted)
    await asyncio.gather(
        *(operators.sign_in(database, made.login, f"guess {n}") for n in range(30)), return_exceptions=True
    )
    assert sum(one is not None for one in compared) == operators.WRONG_TRIES
    assert len(compared) == 30


async def test_a_success_forgets_earlier_wrong_tries(database: Database, shop_id: str) -> None:
    made = await account(database, shop_id)
    for _ in range(2):
        for n in range(operators.WRONG_TRIES - 1):
            with pytest.raises(UnauthorizedError):
                await operators.sign_in(database, made.login, f"wrong {n}")
        await operators.sign_in(database, made.login, PASSWORD)


async def test_every_change_ends_the_sign_ins_made_before_it(database: Database, shop_id: str) -> None:
    await account(database, shop_id)
    made = await account(database, shop_id, "operator")
    changes = [
        lambda scope: operators.change_operator(scope, made.operator_id, name="小周", roles=["host"]),
        lambda scope: operators.set_password(scope, made.operator_id, "another good one"),
        lambda scope: operators.set_disabled(scope, made.operator_id, disabled=True),
    ]
    password = PASSWORD
    for change in changes:
        who = await operators.sign_in(database, made.login, password)
        assert (await still(database, who)).operator_id == made.operator_id
        async with database.transaction(shop_id) as scope:
            await change(scope)
        with pytest.raises(UnauthorizedError):
            await still(database, who)
        password = "another good one" if change is changes[1] else password
    with pytest.raises(UnauthorizedError):
        await operators.sign_in(database, made.login, password)


async def test_a_sign_in_of_one_shop_is_none_of_another(database: Database, shop_id: str) -> None:
    made, other = await account(database, shop_id), await new_shop(database)
    async with database.transaction(other) as scope:
        with pytest.raises(UnauthorizedError):
            await operators.still(scope, made)
        for act in (
            operators.set_password(scope, made.operator_id, PASSWORD),
            operators.set_disabled(scope, made.operator_id, disabled=True),
            operators.change_operator(scope, made.operator_id, name="x", roles=["host"]),
        ):
            with pytest.raises(NotFoundError):
                await act
        assert await operators.listed(scope) == []


async def test_a_shop_keeps_an_admin(database: Database, shop_id: str) -> None:
    first, second = await account(database, shop_id), await account(database, shop_id)

    async def demote(who: SignedIn) -> None:
        async with database.transaction(shop_id) as scope:
            await operators.change_operator(scope, who.operator_id, name="x", roles=["host"])

    async def disable(who: SignedIn) -> None:
        async with database.transaction(shop_id) as scope:
            await operators.set_disabled(scope, who.operator_id, disabled=True)

    results = await asyncio.gather(demote(first), disable(second), return_exceptions=True)
    assert sum(isinstance(one, ConflictError) for one in results) == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"login": "中文"}, InvalidInputError),
        ({"login": "-dash"}, InvalidInputError),
        ({"name": " "}, InvalidInputError),
        ({"name": "a\x00"}, InvalidInputError),
        ({"password": "short"}, InvalidInputError),
        ({"password": " " * 20}, InvalidInputError),
        ({"roles": []}, InvalidInputError),
        ({"roles": ["owner"]}, InvalidInputError),
    ],
)
async def test_what_an_account_may_not_be(
    database: Database, shop_id: str, changed: dict[str, object], error: type[LiveCrewError]
) -> None:
    given = {"login": new_id("who"), "name": "小周", "password": PASSWORD, "roles": ["admin"]} | changed
    with pytest.raises(error) as refused:
        async with database.transaction(shop_id) as scope:
            await operators.create_operator(scope, given.pop("login"), **given)  # type: ignore[arg-type]
    assert refused.value.data["field"] in changed


async def test_a_login_is_taken_once_over_all_shops(database: Database, shop_id: str) -> None:
    made = await account(database, shop_id)
    with pytest.raises(ConflictError):
        await account(database, await new_shop(database), login=made.login.upper())


async def test_ones_own_password_needs_the_old_one(database: Database, shop_id: str) -> None:
    made = await account(database, shop_id)
    with pytest.raises(InvalidInputError):
        await operators.change_own_password(database, made, "not the old one", "a new password")
    await operators.change_own_password(database, made, PASSWORD, "a new password")
    assert (await operators.sign_in(database, made.login, "a new password")).epoch == made.epoch + 1


def test_rights_of_roles() -> None:
    assert rights_of(["admin"]) == frozenset(Right)
    assert rights_of(["host", "no such role"]) == RIGHTS[Role.HOST]
    assert rights_of([]) == frozenset()
    writes = {one for one in Right if one.value.endswith(":write")}
    assert not rights_of(["operator", "host"]) & writes
    for role in set(Role) - {Role.ADMIN}:
        assert not RIGHTS[role] & {Right.KEYS_WRITE, Right.OPERATORS_WRITE, Right.MODEL_WRITE, Right.SHOP_WRITE}
    with pytest.raises(ForbiddenError):
        SignedIn("shp", "opr", 1, roles=("host",)).require(Right.KEYS_WRITE)


def test_a_cookie_is_ours_and_not_over() -> None:
    secret, now = SecretStr("s" * 40), SystemClock().now()
    who = SignedIn("shp_1", "opr_1", 7)
    token = sign_ins.issue(secret, who, now)
    assert sign_ins.read(secret, token, now) == who
    assert sign_ins.read(secret, token, now + sign_ins.LASTS) is None
    assert sign_ins.read(secret, token, now - timedelta(hours=1)) is None
    assert sign_ins.read(SecretStr("t" * 40), token, now) is None
    for forged in ("", "x", token[:-2], token + "x", "eyJhbGciOiJub25lIn0.e30."):
        assert sign_ins.read(secret, forged, now) is None
