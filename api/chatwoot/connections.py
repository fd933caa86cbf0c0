"""A shop's connections to Chatwoot: made, changed, looked after, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from agents.llm.addresses import check_base_url
from api.chatwoot import connection_rows
from api.chatwoot.models import ChatwootConnection
from knowledge.kit.db import Scope, check_storable
from knowledge.kit.errors import ConflictError, InvalidInputError, NotFoundError
from knowledge.kit.ids import new_id

PATH = "/v1/chatwoot"
"""Of the webhook; the connection's id follows."""
MOST_CONNECTIONS = 20
MOST_LABELS = 10
_LONGEST = 500
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Watched:
    """A connection with its health: `waiting` and `dead` count deliveries and steps, `oldest_s` is the age of the
    oldest that waits."""

    connection: ChatwootConnection
    waiting: int
    dead: int
    oldest_s: float


async def connect(
    scope: Scope, *, base_url: str, account_id: int, name: str = "", bot_token: str = "", secret: str = "",
    require_signature: bool = True, team_id: int | None = None, labels: Sequence[str] = (),
) -> ChatwootConnection:  # fmt: skip
    """Token and secret may follow: Chatwoot makes them for a bot whose address must be known first.

    Raises: InvalidInputError, ConflictError, NotFoundError where there is no such shop.
    """
    if await scope.one("select id from shops where id = :shop_id for update") is None:
        raise NotFoundError("There is no such shop.", shop_id=scope.shop_id)
    if len(await connection_rows.listed(scope)) >= MOST_CONNECTIONS:
        raise ConflictError("This shop has as many Chatwoot connections as it may.", limit=MOST_CONNECTIONS)
    given = {
        "name": name, "base_url": base_url.rstrip("/"), "account_id": account_id, "bot_token": bot_token,
        "secret": secret, "require_signature": require_signature, "team_id": team_id, "labels": list(labels),
    }  # fmt: skip
    await _check(given)
    made = ChatwootConnection(id=new_id("cwc"), shop_id=scope.shop_id, error="", **given)
    scope.session.add(made)
    await scope.session.flush()
    await scope.session.refresh(made)
    return made


async def change(scope: Scope, connection_id: str, **given: Any) -> ChatwootConnection:
    """Only what is given. Raises: NotFoundError, InvalidInputError."""
    connection = await connection_rows.get(scope, connection_id)
    if "base_url" in given:
        given["base_url"] = given["base_url"].rstrip("/")
    await _check(given)
    for field, value in given.items():
        setattr(connection, field, value)
    await scope.session.flush()
    return connection


async def watched(scope: Scope) -> list[Watched]:
    """Oldest first."""
    figures = await connection_rows.figures(scope)
    found = []
    for one in await connection_rows.listed(scope):
        row = figures.get(one.id)
        found.append(Watched(one, row.waiting, row.dead, row.oldest_s) if row else Watched(one, 0, 0, 0.0))
    return found


async def disconnect(scope: Scope, connection_id: str) -> None:
    """At once: nothing is taken in or sent any more. Conversations and handoffs stay. Raises: NotFoundError."""
    if not await connection_rows.remove(scope, connection_id):
        raise NotFoundError("There is no such Chatwoot connection.", connection_id=connection_id)


async def retry(scope: Scope, connection_id: str) -> int:
    """What was given up is tried again; how many steps. Raises: NotFoundError."""
    await connection_rows.get(scope, connection_id)
    return await connection_rows.revive(scope, connection_id)


async def _check(given: dict[str, Any]) -> None:
    for field in ("name", "base_url", "bot_token", "secret"):
        _check_text(field, given.get(field, ""))
    for field in ("bot_token", "secret"):
        if not given.get(field, "").isascii():
            raise InvalidInputError("This is no token.", field=field, rule="plain ASCII")
    if "account_id" in given and not 1 <= given["account_id"] < 2**53:
        raise InvalidInputError("This is no account.", field="account_id", rule="a positive number")
    labels = given.get("labels", [])
    if len(labels) > MOST_LABELS or not all(one.strip() for one in labels):
        raise InvalidInputError("These are no labels.", field="labels", rule=f"at most {MOST_LABELS}, none empty")
    for label in labels:
        _check_text("labels", label)
    if "base_url" in given:
        await _check_address(given["base_url"])


def _check_text(field: str, value: str) -> None:
    check_storable(field, value)
    if len(value) > _LONGEST or not value.isprintable():
        raise InvalidInputError("This cannot be used.", field=field, rule=f"one line, at most {_LONGEST} characters")


async def _check_address(base_url: str) -> None:
    """Token and personal data travel there, so it is https unless on this machine."""
    await check_base_url(base_url)
    parts = urlsplit(base_url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise InvalidInputError(
            "Chatwoot is reached over https.", field="base_url", rule="https unless on this machine"
        )
