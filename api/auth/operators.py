"""Accounts of the people who work in the console: sign-in with lock-out, roles, and an epoch that ends old sign-ins."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import text

from api.auth import operator_rows as rows
from api.auth.models import Operator
from api.auth.passwords import hashed, matches
from api.auth.rights import Right, Role, rights_of
from knowledge.kit.db import Database, Scope, check_storable
from knowledge.kit.errors import ConflictError, ForbiddenError, InvalidInputError, UnauthorizedError
from knowledge.kit.events import append_event

log = structlog.get_logger(__name__)

STREAM = "operators"
"""Its events tell that somebody's rights changed: open pages look again."""
WRONG_TRIES = 5
LOCKED_S = 900
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_REFUSED = "Login or password is wrong, or too many tries have locked this account for a while."


@dataclass(frozen=True)
class SignedIn:
    """Who a sign-in speaks for. Valid while the operator's epoch is still this: ask `still()` before each action."""

    shop_id: str
    operator_id: str
    epoch: int
    login: str = ""
    name: str = ""
    roles: tuple[str, ...] = ()

    @property
    def rights(self) -> frozenset[Right]:
        return rights_of(self.roles)

    def require(self, right: Right) -> None:
        """Raises: ForbiddenError."""
        if right not in self.rights:
            raise ForbiddenError(f"Your roles do not include {right.value}.", right=right.value)


def _of(operator: Operator) -> SignedIn:
    return SignedIn(operator.shop_id, operator.id, operator.epoch, operator.login, operator.name, tuple(operator.roles))


def _checked_login(login: str) -> str:
    plain = login.strip().lower()
    if not _LOGIN.fullmatch(plain):
        raise InvalidInputError(
            "A login has 2 to 64 letters, digits or any of . _ @ + -", field="login", rule=_LOGIN.pattern
        )
    return plain


def _checked_roles(roles: Collection[str]) -> list[str]:
    known = [role.value for role in Role]
    if not roles or (unknown := sorted(set(roles) - set(known))):
        told = f"There is no role {unknown[0]}." if roles else "An operator has at least one role."
        raise InvalidInputError(told, field="roles", rule=f"of {', '.join(known)}")
    return [role for role in known if role in roles]


def _checked_name(name: str) -> str:
    check_storable("name", name)
    if not 1 <= len(name.strip()) <= 60:
        raise InvalidInputError("A name has 1 to 60 characters.", field="name", rule="1 to 60 characters")
    return name.strip()


async def create_operator(scope: Scope, login: str, *, name: str, password: str, roles: Collection[str]) -> SignedIn:
    """Logins are unique over all shops. Raises: InvalidInputError, ConflictError."""
    login, name, roles = _checked_login(login), _checked_name(name), _checked_roles(roles)
    made = await rows.insert_operator(
        scope, login=login, name=name, password_hash=await hashed(password), roles=list(roles)
    )
    if made is None:
        raise ConflictError("This login is taken.", field="login")
    return _of(made)


async def sign_in(database: Database, login: str, password: str) -> SignedIn:
    """A try is counted before the password is looked at, so that many at once are not more than one after another.

    Raises: UnauthorizedError, the same one for a wrong password, an unknown, a disabled and a locked account.
    """
    plain = login.strip().lower()[:64].replace("\x00", "")
    place = await _place(database, plain)
    password_hash = None
    if place is not None:
        async with database.transaction(place[0]) as scope:
            password_hash = await rows.take_try(scope, place[1], WRONG_TRIES, LOCKED_S)
    if not await matches(password, password_hash) or place is None or password_hash is None:
        log.info("sign_in_refused", known=place is not None)
        raise UnauthorizedError(_REFUSED)
    async with database.transaction(place[0]) as scope:
        operator = await rows.signed_in(scope, place[1], password_hash)
    if operator is None:
        raise UnauthorizedError(_REFUSED)
    log.info("signed_in", operator=operator.id)
    return _of(operator)


async def _place(database: Database, login: str) -> tuple[str, str] | None:
    async with database.transaction("") as scope:
        await scope.session.execute(text("select set_config('livecrew.login', :login, true)"), {"login": login})
        found = await scope.one("select shop_id, id from operators where login = :login", login=login)
    return (found.shop_id, found.id) if found else None


async def still(scope: Scope, who: SignedIn) -> SignedIn:
    """The same sign-in with today's name and roles. Raises: UnauthorizedError once it has ended."""
    operator = await rows.get(scope, who.operator_id) if scope.shop_id == who.shop_id else None
    if operator is None or operator.disabled_at is not None or operator.epoch != who.epoch:
        raise UnauthorizedError("This sign-in has ended; please sign in again.")
    return replace(who, login=operator.login, name=operator.name, roles=tuple(operator.roles))


async def listed(scope: Scope) -> list[Operator]:
    return await rows.listed(scope)


async def change_operator(scope: Scope, operator_id: str, *, name: str, roles: Collection[str]) -> None:
    """Raises: NotFoundError, InvalidInputError, ConflictError when the shop would be left without an admin."""
    operator = await rows.lock(scope, operator_id)
    operator.name, operator.roles = _checked_name(name), _checked_roles(roles)
    await _ended(scope, operator)


async def set_password(scope: Scope, operator_id: str, password: str) -> None:
    """Also unlocks the account. Raises: NotFoundError, InvalidInputError."""
    new_hash = await hashed(password)
    operator = await rows.lock(scope, operator_id)
    operator.password_hash, operator.failed_logins, operator.locked_until = new_hash, 0, None
    await _ended(scope, operator)


async def set_disabled(scope: Scope, operator_id: str, *, disabled: bool) -> None:
    """Raises: NotFoundError, ConflictError when the shop would be left without an admin."""
    operator = await rows.lock(scope, operator_id)
    if disabled != (operator.disabled_at is not None):
        operator.disabled_at = await rows.now(scope) if disabled else None
        await _ended(scope, operator)


async def _ended(scope: Scope, operator: Operator) -> None:
    """Every sign-in of this operator is over, here and in other browsers."""
    operator.epoch += 1
    await scope.session.flush()
    if not await rows.has_admin(scope):
        raise ConflictError("The shop would be left without an admin.", field="roles", rule="at least one admin")
    await append_event(scope, STREAM, "changed", {"operator_id": operator.id})


async def sign_out(scope: Scope, operator_id: str, mark: str) -> None:
    """Tells the open pages of one browser's sign-in (sign_ins.mark) that it is over."""
    await append_event(scope, STREAM, "signed_out", {"operator_id": operator_id, "mark": mark})


async def anybody(database: Database) -> bool:
    """Whether any shop has an operator."""
    for shop_id in await database.shop_ids():
        async with database.transaction(shop_id) as scope:
            if await rows.listed(scope):
                return True
    return False


async def change_own_password(database: Database, who: SignedIn, old: str, new: str) -> None:
    """A wrong `old` counts as a wrong sign-in. Raises: InvalidInputError, UnauthorizedError once locked."""
    async with database.transaction(who.shop_id) as scope:
        password_hash = await rows.take_try(scope, who.operator_id, WRONG_TRIES, LOCKED_S)
    if password_hash is None:
        raise UnauthorizedError(_REFUSED)
    if not await matches(old, password_hash):
        raise InvalidInputError("The current password is wrong.", field="password", rule="the current password")
    async with database.transaction(who.shop_id) as scope:
        await still(scope, who)
        await set_password(scope, who.operator_id, new)
