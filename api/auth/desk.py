"""Who works at the desk over HTTP: an operator who signed in, or a program of the shop with an API key.

An operator is looked up anew with every call, so that a change of roles, a new password or a disabled account counts at
once. A key with `handoffs:write` may do what a supervisor may, in its own name.
"""

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import SecretStr

from agents.handoff.views import Actor
from api.auth import operators, sign_ins
from api.auth.keys import Principal, authenticate
from api.auth.operators import SignedIn
from api.auth.rights import Right, Role, origins_of
from knowledge.kit.clock import Clock
from knowledge.kit.db import Database
from knowledge.kit.errors import ForbiddenError, NotFoundError, UnauthorizedError

_BY_SCOPE = {
    "handoffs:read": frozenset({Right.HANDOFFS_READ}),
    "handoffs:write": frozenset({Right.DESK_WORK, Right.DESK_SUPERVISE}),
    "conversations:read": frozenset({Right.CONVERSATIONS_READ}),
    "shoppers:read": frozenset({Right.PII_REVEAL}),
    "audit:read": frozenset({Right.AUDIT_READ}),
    "webhooks:write": frozenset({Right.WEBHOOKS_WRITE}),
    "knowledge:review": frozenset({Right.KNOWLEDGE_REVIEW}),
}
_ALL = frozenset(origins_of([Role.ADMIN]))
_SCOPE_FOR = {right: scope for scope, rights in _BY_SCOPE.items() for right in rights}


@dataclass(frozen=True)
class DeskCaller:
    """`origins`: whose handoffs the caller sees; `operator` None for a key."""

    shop_id: str
    actor: Actor
    rights: frozenset[Right]
    origins: frozenset[str]
    operator: SignedIn | None = None

    def require(self, *rights: Right) -> None:
        """Any of them. Raises: ForbiddenError."""
        if self.rights.isdisjoint(rights):
            wanted = " or ".join(right.value for right in rights)
            if self.operator is not None:
                raise ForbiddenError(f"Your roles do not include {wanted}.", right=wanted)
            scope = " or ".join(dict.fromkeys(_SCOPE_FOR[right] for right in rights))
            raise ForbiddenError(f"This key lacks the scope {scope}.", scope=scope)

    @property
    def sees_all(self) -> bool:
        return self.origins >= _ALL

    def admit(self, origin: str, handoff_id: str) -> None:
        """What is not theirs to see is not there. Raises: NotFoundError."""
        if origin not in self.origins:
            raise NotFoundError("There is no such handoff.", handoff_id=handoff_id)

    def narrowed(self, origin: str | None) -> Collection[str] | None:
        """The origins to list; None where nothing narrows."""
        if origin is not None:
            return self.origins & {origin}
        return None if self.sees_all else self.origins


def of_operator(who: SignedIn) -> DeskCaller:
    leads = Right.DESK_SUPERVISE in who.rights
    actor = Actor(who.operator_id, who.name, "supervisor" if leads else "operator")
    return DeskCaller(who.shop_id, actor, who.rights, frozenset(origins_of(who.roles)), who)


def of_key(key: Principal) -> DeskCaller:
    rights = frozenset[Right]().union(*(_BY_SCOPE.get(scope, frozenset()) for scope in key.scopes))
    origins = _ALL if rights else frozenset[str]()
    return DeskCaller(key.shop_id, Actor(key.key_id, key.name, "api"), rights, origins)


async def identify(database: Database, secret: SecretStr, clock: Clock, token: str) -> DeskCaller:
    """Raises: UnauthorizedError for a token or key that is unknown, over, ended or revoked."""
    if not token.startswith(sign_ins.TOKEN_PREFIX):
        return of_key(await authenticate(database, token))
    found = sign_ins.read_token(secret, token, clock.now())
    if found is None:
        raise UnauthorizedError("This sign-in has ended; please sign in again.")
    async with database.transaction(found[0].shop_id) as scope:
        return of_operator(await operators.still(scope, found[0]))
