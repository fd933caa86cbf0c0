"""Where Chatwoot delivers. Accepted once it is stored, answered by its API later.

Chatwoot tries again on 429 and 500 only. Whatever else we answer to a message of a pending conversation makes it open
the conversation for its people: so trouble of ours is a 500, and a delivery we do not believe is refused for good.
"""

import json
from hashlib import sha256
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request

from api.chatwoot import connection_rows, delivery_rows
from api.chatwoot.connections import PATH
from api.chatwoot.models import ChatwootConnection
from api.chatwoot.payload import read_event, storable
from api.chatwoot.signature import DELIVERY, SIGNATURE, TIMESTAMP, Verdict, judge
from api.schemas import Id
from api.schemas.chatwoot import ChatwootAccepted
from api.services import Services, services
from knowledge.kit.errors import InvalidInputError, NotFoundError, UnauthorizedError
from knowledge.kit.storable import is_storable

log = structlog.get_logger(__name__)
router = APIRouter(prefix=PATH, tags=["chatwoot"])
_LONGEST_ID = 200


@router.post("/{connection_id}")
async def receive_delivery(
    connection_id: Id, request: Request, wired: Annotated[Services, Depends(services)]
) -> ChatwootAccepted:
    """An agent bot's webhook."""
    body = await request.body()
    connection = await connection_rows.find_anywhere(wired.database, connection_id)
    if connection is None:
        raise NotFoundError("There is no such Chatwoot connection.", connection_id=connection_id)
    headers = request.headers
    verdict = judge(
        connection.secret, headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, ""), body, wired.clock.now().timestamp()
    )
    _check(connection, verdict)
    payload = _object(body)
    event = read_event(payload)
    async with wired.database.transaction(connection.shop_id) as scope:
        stored = await delivery_rows.store(
            scope,
            connection.id,
            _delivery_id(headers.get(DELIVERY, ""), body),
            event=event.name[:_LONGEST_ID],
            chatwoot_id=event.there.id if event.there else None,
            signed=verdict is Verdict.GOOD,
            payload=payload,
        )
    wired.chatwoot.kick(connection.shop_id)
    return ChatwootAccepted(repeated=not stored)


def _check(connection: ChatwootConnection, verdict: Verdict) -> None:
    """A signature that is wrong or old is refused even where none is asked for."""
    if verdict is Verdict.GOOD or (verdict is Verdict.ABSENT and not connection.require_signature):
        return
    log.warning("chatwoot_delivery_refused", connection=connection.id, signature=verdict.value)
    raise UnauthorizedError("This delivery is not signed as it must be.")


def _object(body: bytes) -> dict[str, Any]:
    """Raises: InvalidInputError."""
    try:
        payload = storable(json.loads(body))
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise InvalidInputError("The body is no JSON object.", field="body", rule="a JSON object")
    return payload


def _delivery_id(given: str, body: bytes) -> str:
    """Builds that name none deliver the same body when they try again."""
    known = 1 <= len(given) <= _LONGEST_ID and is_storable(given)
    return given if known else f"sha256:{sha256(body).hexdigest()}"
