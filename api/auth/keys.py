"""Shop API keys: shown once, stored as a hash, limited to scopes."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import func, select, text, update

from api.auth.models import ApiKey
from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import ForbiddenError, InvalidInputError, NotFoundError, UnauthorizedError
from knowledge.kit.ids import new_id

SCOPES = (
    "documents:read",
    "documents:write",
    "handoffs:read",
    "handoffs:write",
    "audit:read",
    "webhooks:write",
    "chatwoot:write",
    "knowledge:review",
    "conversations:read",
    "catalog:read",
    "catalog:write",
    "orders:read",
    "orders:write",
    "shoppers:read",
    "shoppers:erase",
    "identity:write",
)


@dataclass(frozen=True)
class Principal:
    shop_id: str
    scopes: frozenset[str]
    key_id: str = ""
    name: str = ""

    def require(self, scope: str) -> None:
        """Raises: ForbiddenError."""
        if scope not in self.scopes:
            raise ForbiddenError(f"This key lacks the scope {scope}.", scope=scope)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


async def create_key(scope: Scope, name: str, scopes: list[str]) -> str:
    """Returns the key itself, for the only time. Raises: InvalidInputError on an unknown scope."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise InvalidInputError(f"There is no scope {unknown[0]}.", field="scopes", rule=f"of {', '.join(SCOPES)}")
    key = f"lck_{secrets.token_urlsafe(32)}"
    scope.session.add(
        ApiKey(id=new_id("key"), shop_id=scope.shop_id, name=name, key_hash=_hash(key), scopes=sorted(set(scopes)))
    )
    return key


async def listed(scope: Scope) -> list[ApiKey]:
    """Newest first, revoked ones included."""
    statement = select(ApiKey).where(ApiKey.shop_id == scope.shop_id)
    return list(await scope.session.scalars(statement.order_by(ApiKey.created_at.desc(), ApiKey.id.desc())))


async def revoke_key(scope: Scope, key_id: str) -> None:
    """At once and for good; a second time changes nothing. Raises: NotFoundError."""
    mine = update(ApiKey).where(ApiKey.shop_id == scope.shop_id, ApiKey.id == key_id)
    revoked_at = func.coalesce(ApiKey.revoked_at, text("livecrew_now()"))
    if (await scope.session.scalars(mine.values(revoked_at=revoked_at).returning(ApiKey.id))).first() is None:
        raise NotFoundError("There is no such key.", key_id=key_id)


async def authenticate(database: Database, key: str) -> Principal:
    """Raises: UnauthorizedError for a key that is unknown or revoked; which of the two is not told."""
    async with database.transaction("") as scope:
        await scope.session.execute(text("select set_config('livecrew.key_hash', :hash, true)"), {"hash": _hash(key)})
        found = await scope.one(
            "select id, name, shop_id, scopes from api_keys where key_hash = :hash and revoked_at is null",
            hash=_hash(key),
        )
    if found is None:
        raise UnauthorizedError("This API key is not valid.")
    return Principal(found.shop_id, frozenset(found.scopes), found.id, found.name)
