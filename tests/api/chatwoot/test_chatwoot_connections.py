"""Connections as a shop's admin makes and watches them, by API and by command."""

import httpx
import pytest

from api.chatwoot import backoff
from api.commands import chatwoot as command
from api.services import Services
from tests.api.chatwoot.conftest import Channel, Connect
from tests.api.conftest import key_for
from tests.support.chatwoot_server import ACCOUNT, SECRET, TOKEN
from tests.support.desk import TWO_ANSWERS, new_shop

ASKED = next(iter(TWO_ANSWERS))


async def test_secrets_go_in_and_never_come_out(channel: Channel) -> None:
    answer = await channel.client.get("/v1/chatwoot-connections", headers=channel.headers)
    assert SECRET not in answer.text
    assert TOKEN not in answer.text
    (found,) = answer.json()
    assert (found["has_token"], found["has_secret"], found["webhook_path"]) == (True, True, channel.path)


async def test_a_bot_s_token_and_secret_follow_its_address(connect: Connect) -> None:
    channel: Channel = await connect(bot_token="", secret="")
    talk = channel.server.talk()
    assert await channel.deliver(channel.server.says(talk, ASKED)) == 401  # nothing can be believed yet
    given = {"bot_token": TOKEN, "secret": SECRET}
    changed = await channel.client.patch(f"/v1/chatwoot-connections/{channel.id}", json=given, headers=channel.headers)
    assert (changed.status_code, changed.json()["account_id"]) == (200, ACCOUNT)
    talk = channel.server.talk()
    await channel.hears(talk, ASKED)
    assert len(channel.server.shown(talk)) == 1


async def test_what_cannot_work_is_refused(channel: Channel) -> None:
    cases = [
        ({"base_url": "http://chat.example.com"}, "base_url"),
        ({"base_url": "ftp://chat.example.com"}, "base_url"),
        ({"base_url": "http://169.254.169.254"}, "base_url"),
        ({"base_url": "https://me:secret@chat.example.com"}, "base_url"),
        ({"bot_token": "令牌"}, "bot_token"),
        ({"secret": "a\nb"}, "secret"),
    ]
    at = "/v1/chatwoot-connections"
    for given, field in cases:
        body = {"base_url": channel.server.url, "account_id": ACCOUNT, **given}
        made = await channel.client.post(at, json=body, headers=channel.headers)
        changed = await channel.client.patch(f"{at}/{channel.id}", json=given, headers=channel.headers)
        for answer in (made, changed):
            assert (answer.status_code, answer.json()["data"]["field"]) == (422, field)


async def test_only_its_own_shop_and_a_key_with_the_scope_reach_a_connection(
    channel: Channel, running: Services, client: httpx.AsyncClient
) -> None:
    without = await key_for(running, channel.shop_id, "handoffs:read")
    stranger = await key_for(running, await new_shop(running.database), "chatwoot:write")
    at = f"/v1/chatwoot-connections/{channel.id}"
    for headers, status in ((without, 403), (stranger, 404), ({}, 401)):
        assert (await client.patch(at, json={"name": "x"}, headers=headers)).status_code == status
        assert (await client.post(f"{at}/retry", headers=headers)).status_code == status
        assert (await client.delete(at, headers=headers)).status_code == status
    assert (await client.get("/v1/chatwoot-connections", headers=stranger)).json() == []
    assert (await channel.health())["name"] == ""


async def test_what_was_given_up_is_seen_and_may_be_tried_again(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "ATTEMPTS", 3)
    channel.server.trap = "down"
    talk = channel.server.talk()
    await channel.hears(talk, ASKED)
    assert await channel.steps() == [("reply", "dead", "status_503")]
    health = await channel.health()
    assert (health["dead"], health["waiting"], health["error"]) == (1, 0, "status_503")
    assert health["failed_at"] is not None
    channel.server.trap = ""
    again = await channel.client.post(f"/v1/chatwoot-connections/{channel.id}/retry", headers=channel.headers)
    assert again.json() == {"steps": 1}
    await channel.settled()
    assert len(channel.server.shown(talk)) == 1


async def test_what_cannot_succeed_is_given_up_at_once(channel: Channel) -> None:
    talk = channel.server.talk()
    event = channel.server.says(talk, ASKED)
    event["conversation"]["id"] = 4711  # deleted there
    assert await channel.deliver(event) == 200
    await channel.settled()
    assert await channel.steps() == [("reply", "dead", "status_404")]


async def test_an_ended_connection_takes_nothing_in(channel: Channel) -> None:
    talk = channel.server.talk()
    await channel.hears(talk, ASKED)
    ended = await channel.client.delete(f"/v1/chatwoot-connections/{channel.id}", headers=channel.headers)
    assert ended.status_code == 204
    assert await channel.deliver(channel.server.says(talk, ASKED)) == 404
    assert talk.status == "open"  # so Chatwoot gives it to its people
    assert len(await channel.rows("select 1 from conversations where shop_id = :shop_id")) == 1


async def test_the_command_does_what_the_api_does(
    running: Services, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_id = await new_shop(running.database)
    parsed: list[str] = []

    async def done(given: object) -> int:
        parsed.append(await command._done(running.database, given))  # type: ignore[arg-type]
        return 0

    monkeypatch.setattr(command, "_run", done)
    monkeypatch.setattr(command.asyncio, "run", lambda made: parsed_later.append(made))
    parsed_later: list[object] = []

    async def told(*arguments: str) -> str:
        command.run("chatwoot", list(arguments))
        await parsed_later.pop()  # type: ignore[misc]
        return parsed.pop()

    made = await told("connect", shop_id, "--url", "https://127.0.0.1:9", "--account", "7", "--label", "转人工")
    connection_id = made.split()[1]
    assert f"/v1/chatwoot/{connection_id}" in made
    assert "needs its token and secret" in await told("list", shop_id)
    await told("set", shop_id, connection_id, "--token", "t", "--secret", "s", "--no-require-signature")
    async with running.database.transaction(shop_id) as scope:
        row = await scope.one("select bot_token, secret, require_signature, labels from chatwoot_connections")
    assert tuple(row) == ("t", "s", False, ["转人工"])
    assert "never reached" in await told("list", shop_id)
    assert await told("retry", shop_id, connection_id) == "0 steps will be tried again\n"
    await told("disconnect", shop_id, connection_id)
    assert await told("list", shop_id) == "this shop has no Chatwoot connection\n"
