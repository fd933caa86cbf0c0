from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth.keys import Principal
from api.chatwoot import connections
from api.chatwoot.connections import PATH, Watched
from api.chatwoot.models import ChatwootConnection
from api.schemas import Id
from api.schemas.chatwoot import ChatwootChange, ChatwootConnect, ChatwootConnectionOut, ChatwootRetried
from api.services import Services, principal, services

router = APIRouter(prefix="/v1/chatwoot-connections", tags=["chatwoot"])
Wired = Annotated[Services, Depends(services)]
Caller = Annotated[Principal, Depends(principal)]
_SCOPE = "chatwoot:write"


def _out(connection: ChatwootConnection, watched: Watched | None = None) -> ChatwootConnectionOut:
    return ChatwootConnectionOut(
        **{name: getattr(connection, name) for name in ChatwootConnectionOut.model_fields if hasattr(connection, name)},
        has_token=bool(connection.bot_token),
        has_secret=bool(connection.secret),
        webhook_path=f"{PATH}/{connection.id}",
        waiting=watched.waiting if watched else 0,
        dead=watched.dead if watched else 0,
        oldest_s=watched.oldest_s if watched else 0.0,
    )


@router.post("", status_code=201)
async def create_chatwoot_connection(body: ChatwootConnect, wired: Wired, caller: Caller) -> ChatwootConnectionOut:
    """Make the agent bot in Chatwoot with `webhook_path` as its outgoing URL, then give its token and secret here."""
    caller.require(_SCOPE)
    async with wired.database.transaction(caller.shop_id) as scope:
        made = await connections.connect(scope, **body.model_dump())
    wired.chatwoot.kick(caller.shop_id)
    return _out(made)


@router.get("")
async def list_chatwoot_connections(wired: Wired, caller: Caller) -> list[ChatwootConnectionOut]:
    """With their health."""
    caller.require(_SCOPE)
    async with wired.database.transaction(caller.shop_id) as scope:
        return [_out(one.connection, one) for one in await connections.watched(scope)]


@router.patch("/{connection_id}")
async def change_chatwoot_connection(
    connection_id: Id, body: ChatwootChange, wired: Wired, caller: Caller
) -> ChatwootConnectionOut:
    caller.require(_SCOPE)
    async with wired.database.transaction(caller.shop_id) as scope:
        await connections.change(scope, connection_id, **body.model_dump(exclude_unset=True))
        (found,) = (one for one in await connections.watched(scope) if one.connection.id == connection_id)
    wired.chatwoot.kick(caller.shop_id)
    return _out(found.connection, found)


@router.post("/{connection_id}/retry")
async def retry_chatwoot_connection(connection_id: Id, wired: Wired, caller: Caller) -> ChatwootRetried:
    """Tries again what was given up after many attempts."""
    caller.require(_SCOPE)
    async with wired.database.transaction(caller.shop_id) as scope:
        steps = await connections.retry(scope, connection_id)
    wired.chatwoot.kick(caller.shop_id)
    return ChatwootRetried(steps=steps)


@router.delete("/{connection_id}", status_code=204)
async def delete_chatwoot_connection(connection_id: Id, wired: Wired, caller: Caller) -> None:
    """At once; conversations and handoffs stay."""
    caller.require(_SCOPE)
    async with wired.database.transaction(caller.shop_id) as scope:
        await connections.disconnect(scope, connection_id)
