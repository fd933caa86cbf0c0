"""The cookie of a console sign-in: a short signed token that names an operator and the epoch it was made in."""

from datetime import datetime, timedelta

import jwt
from pydantic import SecretStr

from api.auth.operators import SignedIn

LASTS = timedelta(hours=12)
_AUDIENCE = "livecrew-console"


def issue(secret: SecretStr, who: SignedIn, now: datetime) -> str:
    return jwt.encode(
        {"aud": _AUDIENCE, "shop": who.shop_id, "sub": who.operator_id, "epoch": who.epoch, "iat": now,
         "exp": now + LASTS},
        secret.get_secret_value(),
        algorithm="HS256",
    )  # fmt: skip


def read(secret: SecretStr, token: str, now: datetime) -> SignedIn | None:
    """None unless signed by us and not yet over; whether the operator still may is for `operators.still`."""
    try:
        told = jwt.decode(
            token,
            secret.get_secret_value(),
            algorithms=["HS256"],
            audience=_AUDIENCE,
            options={"require": ["exp", "iat", "sub", "aud"], "verify_exp": False, "verify_iat": False},
        )
        if not told["iat"] - 60 <= now.timestamp() < told["exp"]:
            return None
        return SignedIn(str(told["shop"]), str(told["sub"]), int(told["epoch"]))
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        return None
