"""The first run: while nobody has an account, whoever holds the token the server printed makes the first one."""

import asyncio
import secrets
from dataclasses import dataclass

from api.auth import operators
from api.auth.operators import SignedIn
from api.auth.rights import Role
from knowledge.kit.db import Database, check_storable
from knowledge.kit.errors import ConflictError, ForbiddenError, InvalidInputError
from knowledge.kit.ids import new_id
from knowledge.shops.repository import ensure_shop


@dataclass(frozen=True)
class FirstRun:
    """`shop_id` blank makes a new shop of that name."""

    login: str
    name: str
    password: str
    shop_name: str = ""
    shop_id: str = ""


class Setup:
    def __init__(self, database: Database) -> None:
        self.token = secrets.token_urlsafe(18)
        self._database = database
        self._over = False
        self._turn = asyncio.Lock()

    async def needed(self) -> bool:
        self._over = self._over or await operators.anybody(self._database)
        return not self._over

    def admits(self, token: str) -> bool:
        return not self._over and secrets.compare_digest(token.encode(), self.token.encode())

    async def finish(self, token: str, first: FirstRun) -> SignedIn:
        """Works once. Raises: ForbiddenError on a wrong token, ConflictError once somebody has an account."""
        async with self._turn:
            if not self.admits(token):
                raise ForbiddenError("The set-up token is not the one printed on the server's console.")
            if not await self.needed():
                raise ConflictError("Somebody has an account already.")
            made = await self._make(first)
            self._over = True
            return made

    async def _make(self, first: FirstRun) -> SignedIn:
        if not first.shop_id and not 1 <= len(first.shop_name.strip()) <= 60:
            raise InvalidInputError("A shop's name has 1 to 60 characters.", field="shop_name", rule="1 to 60")
        if first.shop_id and first.shop_id not in await self._database.shop_ids():
            raise InvalidInputError("There is no such shop.", field="shop_id", rule="an existing shop")
        check_storable("shop_name", first.shop_name)
        async with self._database.transaction(first.shop_id or new_id("shp")) as scope:
            await ensure_shop(scope, first.shop_name.strip())
            return await operators.create_operator(
                scope, first.login, name=first.name, password=first.password, roles=[Role.ADMIN]
            )
