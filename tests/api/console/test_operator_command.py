"""`livecrew operator`, and the account of the demo shop."""

import asyncio
import stat
from pathlib import Path

import pytest

from api.auth import operators
from api.commands import operator
from api.console.demo_account import demo_account
from api.services import Services
from knowledge.kit.db import Database
from knowledge.kit.errors import ConflictError, NotFoundError, UnauthorizedError
from knowledge.kit.postgres import DatabaseUrls
from tests.support.desk import new_shop


@pytest.fixture
def environment(own_urls: DatabaseUrls, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVECREW_HOME", str(home))
    monkeypatch.setenv("LIVECREW_DATABASE_URL", own_urls.app)
    monkeypatch.setenv("LIVECREW_DATABASE_OWNER_URL", own_urls.owner)


async def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The last word printed: where there is a password, that."""
    assert await asyncio.to_thread(operator.run, "operator", list(arguments)) == 0
    return capsys.readouterr().out.split()[-1]


@pytest.mark.usefixtures("environment")
async def test_the_first_account_a_lost_password_and_the_end(
    own_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    shop_id = await new_shop(own_database)
    password = await _run(capsys, "add", "boss", "--shop", shop_id, "--role", "admin")
    who = await operators.sign_in(own_database, "boss", password)
    assert (who.shop_id, who.roles) == (shop_id, ("admin",))
    for _ in range(operators.WRONG_TRIES):
        with pytest.raises(UnauthorizedError):
            await operators.sign_in(own_database, "boss", "wrong")
    password = await _run(capsys, "password", "boss", "--shop", shop_id)
    await operators.sign_in(own_database, "boss", password)
    with pytest.raises(ConflictError):
        await _run(capsys, "disable", "boss", "--shop", shop_id)
    await _run(capsys, "add", "second", "--shop", shop_id, "--role", "admin")
    await _run(capsys, "disable", "boss", "--shop", shop_id)
    with pytest.raises(UnauthorizedError):
        await operators.sign_in(own_database, "boss", password)
    for missing in (("password", "nobody", "--shop", shop_id), ("add", "boss", "--shop", "shp_nowhere")):
        with pytest.raises(NotFoundError):
            await _run(capsys, *missing)


async def test_the_demo_account_keeps_its_password_until_somebody_changes_it(running: Services) -> None:
    shop_id = await new_shop(running.database)
    made = await demo_account(running, shop_id)
    assert (await operators.sign_in(running.database, made.login, made.password)).shop_id == shop_id
    assert await demo_account(running, shop_id) == made
    assert stat.S_IMODE((running.home / "demo-password").stat().st_mode) == 0o600
    who = await operators.sign_in(running.database, made.login, made.password)
    async with running.database.transaction(shop_id) as scope:
        await operators.set_password(scope, who.operator_id, "their own password")
    for _ in range(operators.WRONG_TRIES):
        assert (await demo_account(running, shop_id)).password == ""
    await operators.sign_in(running.database, made.login, "their own password")
