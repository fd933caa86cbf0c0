import argparse
import asyncio
import sys

from api.auth import operators
from api.auth.passwords import random_password
from api.auth.rights import Role
from api.commands.settings import read_settings
from api.migrations import migrate
from knowledge.kit.clock import SystemClock
from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import NotFoundError
from knowledge.runtime import open_knowledge


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"livecrew {name}", description="Accounts of the console: the first one, or a lost password."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="make an account; its password is shown once")
    add.add_argument("--name", default="", help="what colleagues read (default: the login)")
    add.add_argument(
        "--role", action="append", choices=[role.value for role in Role], help="may be given more than once"
    )
    password = verbs.add_parser("password", help="make a new password, shown once; unlocks the account")
    disable = verbs.add_parser("disable", help="end the account's sign-ins and take no more")
    for verb in (add, password, disable):
        verb.add_argument("login")
        verb.add_argument("--shop", required=True, help="shop id")
    return asyncio.run(_run(parser.parse_args(arguments)))


async def _run(given: argparse.Namespace) -> int:
    async with open_knowledge(read_settings().knowledge, SystemClock(), migrate, own_chroma=False) as knowledge:
        if given.shop not in await knowledge.database.shop_ids():
            raise NotFoundError(f"There is no shop {given.shop}; `livecrew shop create` makes one.")
        sys.stdout.write(await _change(knowledge.database, given))
    return 0


async def _change(database: Database, given: argparse.Namespace) -> str:
    password = random_password()
    async with database.transaction(given.shop) as scope:
        if given.verb == "add":
            name, roles = given.name or given.login, given.role or [Role.OPERATOR.value]
            await operators.create_operator(scope, given.login, name=name, password=password, roles=roles)
            return f"{given.login} may sign in at /console with the password {password}\n"
        operator_id = await _id_of(scope, given.login)
        if given.verb == "disable":
            await operators.set_disabled(scope, operator_id, disabled=True)
            return f"{given.login} is signed out everywhere and may not sign in again\n"
        await operators.set_password(scope, operator_id, password)
        return f"the new password of {given.login} is {password}\n"


async def _id_of(scope: Scope, login: str) -> str:
    """Raises: NotFoundError."""
    found = next((one.id for one in await operators.listed(scope) if one.login == login.lower()), None)
    if found is None:
        raise NotFoundError(f"This shop has no operator {login}.", login=login)
    return found
