"""Signed tokens that name an operator and the epoch they were made in: the console's cookie, and the bearer token of
the API. Neither opens the other's door; whatever ends an operator's sign-ins moves the epoch, and both end at once."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt
from pydantic import SecretStr

from api.auth.operators import SignedIn

LASTS = timedelta(hours=12)
TOKEN_LASTS = timedelta(hours=1)
"""Of the API's bearer token; renewed while it is good, until twelve hours after the password was given."""
TOKEN_PREFIX = "lco_"
_CONSOLE, _API = "livecrew-console", "livecrew-api"


def issue(secret: SecretStr, who: SignedIn, now: datetime) -> str:
    return _signed(secret, who, now, now + LASTS, audience=_CONSOLE)


def issue_token(
    secret: SecretStr, who: SignedIn, now: datetime, *, since: datetime | None = None
) -> tuple[str, datetime]:
    """The token and when it ends. `since`: when the password was given, where this one renews an older one."""
    began = since or now
    ends = min(now + TOKEN_LASTS, began + LASTS)
    return TOKEN_PREFIX + _signed(secret, who, now, ends, audience=_API, since=int(began.timestamp())), ends


def _signed(
    secret: SecretStr, who: SignedIn, now: datetime, ends: datetime, *, audience: str, **more: int
) -> str:  # fmt: skip
    return jwt.encode(
        {"aud": audience, "shop": who.shop_id, "sub": who.operator_id, "epoch": who.epoch, "iat": now, "exp": ends,
         **more},
        secret.get_secret_value(),
        algorithm="HS256",
    )  # fmt: skip


def read(secret: SecretStr, token: str, now: datetime) -> SignedIn | None:
    """None unless signed by us and not yet over; whether the operator still may is for `operators.still`."""
    found = _read(secret, token, now, _CONSOLE)
    return found[0] if found else None


def read_token(secret: SecretStr, token: str, now: datetime) -> tuple[SignedIn, datetime] | None:
    """As `read`, with the instant the password was given."""
    found = _read(secret, token.removeprefix(TOKEN_PREFIX), now, _API)
    if found is None or not isinstance(found[1].get("since"), int):
        return None
    return found[0], datetime.fromtimestamp(found[1]["since"], UTC)


def _read(secret: SecretStr, token: str, now: datetime, audience: str) -> tuple[SignedIn, dict[str, Any]] | None:
    try:
        told: dict[str, Any] = jwt.decode(
            token,
            secret.get_secret_value(),
            algorithms=["HS256"],
            audience=audience,
            options={"require": ["exp", "iat", "sub", "aud"], "verify_exp": False, "verify_iat": False},
        )
        if not told["iat"] - 60 <= now.timestamp() < told["exp"]:
            return None
        return SignedIn(str(told["shop"]), str(told["sub"]), int(told["epoch"])), told
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        return None


def mark(token: str) -> str:
    """Names one sign-in to its own open pages without giving it away."""
    return sha256(token.encode()).hexdigest()[:32]
