"""The console's door over HTTP: cookies, origins, throttling, the first run's token."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from api.auth import identity, operators, sign_ins
from api.auth.operators import SignedIn
from api.console.guard import COOKIE
from api.console.samples import samples
from api.console.secret import console_secret
from api.console.setup import FirstRun, Setup
from api.services import Services
from api.settings import ApiSettings
from knowledge.kit.clock import SystemClock
from knowledge.kit.db import Database
from knowledge.kit.errors import ConfigurationError, ConflictError, ForbiddenError, InvalidInputError
from knowledge.kit.ids import new_id
from tests.support.desk import new_shop
from tests.support.serving import serving

PASSWORD = "correct horse battery"


@pytest.fixture
async def who(running: Services) -> SignedIn:
    async with running.database.transaction(await new_shop(running.database)) as scope:
        return await operators.create_operator(scope, new_id("who"), name="小周", password=PASSWORD, roles=["admin"])


@pytest.fixture
async def door(running: Services, who: SignedIn) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of its own before each test, and limits that start anew."""
    async with serving(running, ApiSettings()) as client:
        client.headers["Origin"] = str(client.base_url).rstrip("/")
        yield client


async def sign_in(door: httpx.AsyncClient, who: SignedIn, password: str = PASSWORD) -> httpx.Response:
    return await door.post("/console/login", data={"login": who.login, "password": password})


async def test_a_sign_in_is_a_cookie_that_scripts_and_other_sites_do_not_get(
    door: httpx.AsyncClient, who: SignedIn
) -> None:
    answer = await sign_in(door, who)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for flag in ("HttpOnly", "SameSite=lax", "Path=/console"):
        assert flag in cookie
    assert "Secure" not in cookie
    door.headers["X-Forwarded-Proto"] = "https"
    assert "Secure" in (await sign_in(door, who)).headers["Set-Cookie"]


async def test_pages_need_the_cookie_and_carry_the_policy(door: httpx.AsyncClient, who: SignedIn) -> None:
    closed = await door.get("/console/keys")
    assert (closed.status_code, closed.headers["Location"]) == (303, "/console/login")
    await sign_in(door, who)
    page = await door.get("/console/keys")
    assert page.status_code == 200
    assert "密钥" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http:" not in policy
    assert page.headers["Cache-Control"] == "no-store"


async def test_a_cookie_of_a_past_epoch_leads_to_the_door(
    door: httpx.AsyncClient, who: SignedIn, running: Services
) -> None:
    await sign_in(door, who)
    async with running.database.transaction(who.shop_id) as scope:
        await operators.set_password(scope, who.operator_id, "another good one")
    page = await door.get("/console/keys")
    assert (page.status_code, page.headers["Location"]) == (303, "/console/login?ended=1")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_forms_and_sockets_of_another_origin_are_refused(
    door: httpx.AsyncClient, who: SignedIn, origin: str
) -> None:
    await sign_in(door, who)
    door.headers["Origin"] = origin
    assert (await sign_in(door, who)).status_code == 403
    for path in ("/console/logout", "/console/setup", "/console/_nicegui/client/x/upload/1"):
        data = {"token": "x", "login": "x", "name": "x", "password": "x"}
        assert (await door.post(path, data=data)).status_code == 403
    assert (await door.get("/console/_nicegui_ws/socket.io/?EIO=4&transport=polling")).status_code == 403


async def test_a_socket_must_tell_its_origin(door: httpx.AsyncClient, who: SignedIn) -> None:
    token = (await sign_in(door, who)).cookies[COOKIE]
    host = door.base_url.netloc.decode()

    async def handshake(*headers: str) -> str:
        reader, writer = await asyncio.open_connection(door.base_url.host, door.base_url.port)
        lines = [
            "GET /console/_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: {host}",
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers, "", "",
        ]  # fmt: skip
        writer.write("\r\n".join(lines).encode())
        status = (await asyncio.wait_for(reader.readline(), 10)).decode()
        writer.close()
        return status.split()[1]

    cookie = f"Cookie: {COOKIE}={token}"
    assert await handshake(cookie) == "403"
    assert await handshake(cookie, "Origin: https://evil.example") == "403"
    assert await handshake(f"Origin: http://{host}") == "403"
    assert await handshake(cookie, f"Origin: http://{host}") == "101"


async def test_signing_out_takes_the_cookie_back(door: httpx.AsyncClient, who: SignedIn) -> None:
    await sign_in(door, who)
    assert (await door.post("/console/logout")).status_code == 303
    assert (await door.get("/console/keys")).status_code == 303


async def test_tries_of_one_caller_are_throttled(door: httpx.AsyncClient, who: SignedIn) -> None:
    codes = [(await sign_in(door, who, "wrong")).status_code for _ in range(25)]
    assert set(codes[:20]) == {401}
    assert codes[-1] == 429


async def test_what_was_typed_is_shown_as_text(door: httpx.AsyncClient) -> None:
    attack = '"><script>alert(1)</script>'
    page = await door.post("/console/login", data={"login": attack, "password": "x"})
    assert page.status_code == 401
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("back", "target"),
    [
        ("/console/keys", "/console/keys"),
        ("https://evil.example/", "/console/"),
        ("//evil.example", "/console/"),
        ("/console//evil.example", "/console/"),
        ("/consoles", "/console/"),
    ],
)
async def test_the_language_switch_leads_back_inside_only(door: httpx.AsyncClient, back: str, target: str) -> None:
    answer = await door.get("/console/language", params={"to": "en", "back": back})
    assert answer.headers["Location"] == target
    assert "Sign in" in (await door.get("/console/login")).text


async def test_the_console_can_be_left_out(running: Services) -> None:
    async with serving(running, ApiSettings(console=False)) as client:
        assert (await client.get("/console/login")).status_code == 404
        assert (await client.get("/console/")).status_code == 404
        assert (await client.get("/v1/health")).status_code == 200


async def test_the_first_account_needs_the_token_and_is_made_once(own_database: Database) -> None:
    setup = Setup(own_database)
    first = FirstRun("boss", "店长", PASSWORD, "晴野小店")
    assert await setup.needed()
    with pytest.raises(ForbiddenError):
        await setup.finish("guessed", first)
    with pytest.raises(InvalidInputError):
        await setup.finish(setup.token, FirstRun("boss", "店长", "short", "晴野小店"))
    assert await own_database.shop_ids() == []
    made = await asyncio.gather(
        *(setup.finish(setup.token, FirstRun(f"boss{n}", "店长", PASSWORD, "晴野小店")) for n in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, SignedIn) for one in made) == 1
    assert len(await own_database.shop_ids()) == 1
    later = Setup(own_database)
    with pytest.raises(ConflictError):
        await later.finish(later.token, FirstRun("late", "店长", PASSWORD, "晴野小店"))
    assert not await later.needed()


async def test_the_first_account_may_be_of_a_shop_there_is(own_database: Database) -> None:
    shop_id, setup = await new_shop(own_database), Setup(own_database)
    with pytest.raises(InvalidInputError):
        await setup.finish(setup.token, FirstRun("boss", "店长", PASSWORD, shop_id="shp_none"))
    assert (await setup.finish(setup.token, FirstRun("boss", "店长", PASSWORD, shop_id=shop_id))).shop_id == shop_id


def test_the_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    home = tmp_path / "new"
    made = console_secret(SecretStr(""), home)
    assert len(made.get_secret_value()) >= 32
    assert console_secret(SecretStr(""), home) == made
    assert console_secret(SecretStr(""), tmp_path / "other") != made
    (kept,) = home.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    given = SecretStr("g" * 32)
    assert console_secret(given, home) == given
    with pytest.raises(ConfigurationError):
        console_secret(SecretStr("short"), home)


async def test_a_token_of_another_servers_secret_opens_nothing(door: httpx.AsyncClient, who: SignedIn) -> None:
    door.cookies.set(COOKIE, sign_ins.issue(SecretStr("x" * 40), who, SystemClock().now()), path="/console")
    assert (await door.get("/console/keys")).headers["Location"] == "/console/login"


async def test_the_python_sample_signs_what_the_desk_accepts(
    running: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_id = await new_shop(running.database)
    async with running.database.transaction(shop_id) as scope:
        made = await identity.create_identity_key(scope)
    monkeypatch.setenv("IDENTITY_SECRET", made.secret)
    shown = samples(made.id, shop_id)
    names: dict[str, Any] = {}
    exec(shown["Python"], names)
    claims = await identity.verify(
        running.database, shop_id, names["identity_token"]("u1", "小满"), SystemClock().now()
    )
    assert (claims.shopper_id, claims.name) == ("u1", "小满")
    for text in shown.values():
        assert made.id in text
        assert shop_id in text
        assert made.secret not in text
