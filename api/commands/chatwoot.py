import argparse
import asyncio
import sys
from typing import Any

from api.chatwoot import connections
from api.chatwoot.connections import PATH, Watched
from api.commands.settings import read_settings
from api.migrations import migrate
from knowledge.kit.clock import SystemClock
from knowledge.kit.db import Database
from knowledge.runtime import open_knowledge

_ASKED = "-"


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"livecrew {name}",
        description="Connects a shop to Chatwoot as an agent bot. First `connect`, then make the bot in Chatwoot with "
        "the address it prints as outgoing URL, then `set` the bot's token and secret.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    connect = verbs.add_parser("connect", help="make a connection and print the bot's outgoing URL")
    change = verbs.add_parser("set", help="change a connection; what is not named stays")
    verbs.add_parser("list", help="show connections and their health")
    retry = verbs.add_parser("retry", help="try again what was given up")
    disconnect = verbs.add_parser("disconnect", help="end a connection; conversations and handoffs stay")
    for verb in verbs.choices.values():
        verb.add_argument("shop", help="shop id")
    for verb in (change, retry, disconnect):
        verb.add_argument("connection", help="connection id, as `list` shows it")
    for verb, needed in ((connect, True), (change, False)):
        verb.add_argument("--url", dest="base_url", required=needed, help="Chatwoot's address, https://chat.example")
        verb.add_argument("--account", dest="account_id", type=int, required=needed, help="number of the account")
        verb.add_argument("--name", help="what the desk reads")
        verb.add_argument("--token", dest="bot_token", help="the bot's access token; - reads a line from stdin")
        verb.add_argument("--secret", help="what signs the bot's deliveries; - reads a line from stdin")
        verb.add_argument("--team", dest="team_id", type=int, help="number of the team that handoffs go to")
        verb.add_argument(
            "--label", dest="labels", action="append", help="put on handoffs; may be given more than once"
        )
        verb.add_argument(
            "--require-signature", action=argparse.BooleanOptionalAction, default=None,
            help="refuse deliveries without a signature (default); builds that send none prove nobody's identity",
        )  # fmt: skip
    return asyncio.run(_run(parser.parse_args(arguments)))


async def _run(given: argparse.Namespace) -> int:
    async with open_knowledge(read_settings().knowledge, SystemClock(), migrate, own_chroma=False) as knowledge:
        sys.stdout.write(await _done(knowledge.database, given))
    return 0


async def _done(database: Database, given: argparse.Namespace) -> str:
    async with database.transaction(given.shop) as scope:
        if given.verb == "connect":
            made = await connections.connect(scope, **_values(given))
            return f"connection {made.id}\noutgoing URL of the bot: https://YOUR-HOST{PATH}/{made.id}\n"
        if given.verb == "set":
            await connections.change(scope, given.connection, **_values(given))
            return f"connection {given.connection} is changed\n"
        if given.verb == "retry":
            return f"{await connections.retry(scope, given.connection)} steps will be tried again\n"
        if given.verb == "disconnect":
            await connections.disconnect(scope, given.connection)
            return f"connection {given.connection} is ended\n"
        found = await connections.watched(scope)
        return "".join(map(_line, found)) or "this shop has no Chatwoot connection\n"


def _values(given: argparse.Namespace) -> dict[str, Any]:
    fields = ("base_url", "account_id", "name", "bot_token", "secret", "team_id", "labels", "require_signature")
    values = {field: getattr(given, field) for field in fields if getattr(given, field) is not None}
    for field in ("bot_token", "secret"):
        if values.get(field) == _ASKED:
            values[field] = sys.stdin.readline().strip()
    return values


def _line(one: Watched) -> str:
    connection = one.connection
    needs = [name for name, value in (("token", connection.bot_token), ("secret", connection.secret)) if not value]
    health = f"failing: {connection.error}" if connection.error else "ok" if connection.reached_at else "never reached"
    state = f"needs its {' and '.join(needs)}" if needs else health
    return (
        f"{connection.id}  {connection.base_url} account {connection.account_id}  {state}  "
        f"waiting {one.waiting} (oldest {one.oldest_s:.0f} s), given up {one.dead}\n"
    )
