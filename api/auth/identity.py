"""Who a shopper is, proven by the shop's own server: a JSON Web Token (RFC 7519) signed with a key it shares with us.

HS256 and nothing else; `kid` names the key, `shop` the shop it is looked up in. A token lives 24 hours at most.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
import structlog
from sqlalchemy import func, select, text, update

from api.auth.models import IdentityKey
from knowledge.kit.db import Database, Scope, check_storable
from knowledge.kit.errors import ConflictError, InvalidInputError, NotFoundError, UnauthorizedError
from knowledge.kit.ids import new_id

log = structlog.get_logger(__name__)

AUDIENCE = "livecrew"
MAX_TTL_S = 24 * 3600
LEEWAY_S = 30  # clocks of two servers that drift apart
ACTIVE_KEYS = 10
MAX_NAME = 60
MAX_SHOPPER_ID = 128
_ALGORITHM = "HS256"
_MAX_TOKEN = 4096
_REFUSED = "This identity token is not valid."


@dataclass(frozen=True)
class MadeKey:
    """`secret` signs as the UTF-8 bytes of its text; it is shown once here and kept by the shop's server."""

    id: str
    secret: str


@dataclass(frozen=True)
class Claims:
    shopper_id: str
    name: str = ""


async def create_identity_key(scope: Scope) -> MadeKey:
    """Older keys stay active, so that a shop can change over without a gap. Raises: NotFoundError, ConflictError."""
    shop = await scope.one("select id from shops where id = :shop_id for update")  # two at once: one after the other
    if shop is None:
        raise NotFoundError("There is no such shop.", shop_id=scope.shop_id)
    active = await scope.session.scalar(
        select(func.count())
        .select_from(IdentityKey)
        .where(IdentityKey.shop_id == scope.shop_id, IdentityKey.retired_at.is_(None))
    )
    if (active or 0) >= ACTIVE_KEYS:
        raise ConflictError("Retire a key first: this shop has as many as it may.", limit=ACTIVE_KEYS)
    made = MadeKey(new_id("idk"), secrets.token_urlsafe(48))
    scope.session.add(IdentityKey(shop_id=scope.shop_id, id=made.id, secret=made.secret))
    await scope.session.flush()
    return made


async def identity_keys(scope: Scope) -> list[IdentityKey]:
    """Newest first, retired ones included; their secrets are nobody's to see."""
    statement = select(IdentityKey).where(IdentityKey.shop_id == scope.shop_id)
    return list(await scope.session.scalars(statement.order_by(IdentityKey.created_at.desc(), IdentityKey.id.desc())))


async def retire_identity_key(scope: Scope, key_id: str) -> None:
    """At once and for good; a second time changes nothing. Raises: NotFoundError."""
    mine = update(IdentityKey).where(IdentityKey.shop_id == scope.shop_id, IdentityKey.id == key_id)
    retired_at = func.coalesce(IdentityKey.retired_at, text("livecrew_now()"))
    found = await scope.session.scalars(mine.values(retired_at=retired_at).returning(IdentityKey.id))
    if found.first() is None:
        raise NotFoundError("There is no such identity key.", key_id=key_id)


def sign(key_id: str, secret: str, *, shop_id: str, shopper_id: str, now: datetime, ttl_s: int, name: str = "") -> str:
    """What the shop's server does; here for the demo shop, tests and evals."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "aud": AUDIENCE, "shop": shop_id, "sub": shopper_id, "iat": issued, "exp": issued + ttl_s,
    }  # fmt: skip
    if name:
        claims["name"] = name
    return jwt.encode(claims, secret, algorithm=_ALGORITHM, headers={"kid": key_id})


async def verify(database: Database, shop_id: str, token: str, now: datetime) -> Claims:
    """Raises: UnauthorizedError, one and the same whatever is wrong with the token, its key or its shop."""
    try:
        claims = _decoded(token, await _secret(database, shop_id, _key_id(token)))
        return _checked(claims, shop_id, now.timestamp())
    except (jwt.PyJWTError, _RefusedError) as error:
        log.info("identity_refused", shop=shop_id, why=str(error) or type(error).__name__)
        raise UnauthorizedError(_REFUSED) from None


class _RefusedError(Exception):
    pass


def _key_id(token: str) -> str:
    if len(token) > _MAX_TOKEN or not token.isascii():
        raise _RefusedError("no token at all")
    key_id = jwt.get_unverified_header(token).get("kid")
    if not isinstance(key_id, str):
        raise _RefusedError("no kid")
    return key_id


async def _secret(database: Database, shop_id: str, key_id: str) -> str:
    """The key is sought inside the shop the caller named: row-level security hides those of all others."""
    try:
        check_storable("shop_id", shop_id)
        check_storable("kid", key_id)
    except InvalidInputError:
        raise _RefusedError("no such key") from None
    statement = select(IdentityKey.secret).where(
        IdentityKey.shop_id == shop_id, IdentityKey.id == key_id, IdentityKey.retired_at.is_(None)
    )
    async with database.transaction(shop_id) as scope:
        found: str | None = await scope.session.scalar(statement)
    if found is None:
        raise _RefusedError("no such key")
    return found


def _decoded(token: str, secret: str) -> dict[str, Any]:
    """PyJWT would compare times with the wall clock: they are checked below, against the clock we were given."""
    return jwt.decode(
        token,
        secret,
        algorithms=[_ALGORITHM],
        audience=AUDIENCE,
        options={
            "require": ["aud", "shop", "sub", "iat", "exp"],
            "strict_aud": True,
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        },
    )


def _checked(claims: dict[str, Any], shop_id: str, now: float) -> Claims:
    issued, expires = claims["iat"], claims["exp"]
    if any(type(instant) is not int for instant in (issued, expires)):
        raise _RefusedError("iat and exp are whole seconds")
    if claims["shop"] != shop_id:
        raise _RefusedError("another shop's")
    if not issued < expires <= issued + MAX_TTL_S:
        raise _RefusedError("exp is at most 24 hours after iat")
    if not issued - LEEWAY_S <= now < expires + LEEWAY_S:
        raise _RefusedError("expired, or not yet valid")
    shopper_id = claims["sub"]
    if not isinstance(shopper_id, str) or not 1 <= len(shopper_id) <= MAX_SHOPPER_ID or not shopper_id.strip():
        raise _RefusedError("sub is no shopper id")
    name = claims.get("name", "")
    try:
        check_storable("sub", shopper_id)
        return Claims(shopper_id, _name(name))
    except InvalidInputError:
        raise _RefusedError("sub cannot be stored") from None


def _name(name: object) -> str:
    """The name is courtesy, not proof: one that cannot be shown is left out."""
    if not isinstance(name, str):
        return ""
    check_storable("name", name)
    return " ".join(name.split())[:MAX_NAME]
