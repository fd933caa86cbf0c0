"""A shopper's picture for an operator's eye, over plain HTTP: the browser loads it when it comes into sight."""

from fastapi import Request
from fastapi.responses import Response
from nicegui import app

from agents.conversations.models import Attachment
from api.auth import operators
from api.auth.rights import Right
from api.console.guard import PATH
from api.console.mount import KEY, Console
from knowledge.kit.errors import ForbiddenError, NotFoundError, UnauthorizedError


def picture_path(attachment_id: str) -> str:
    return f"{PATH}/picture/{attachment_id}"


@app.get("/picture/{attachment_id}", include_in_schema=False)
async def picture(request: Request, attachment_id: str) -> Response:
    console: Console
    console, who = request.scope[KEY]
    try:
        async with console.services.database.transaction(who.shop_id) as scope:
            who = await operators.still(scope, who)
            who.require(Right.CONVERSATIONS_READ)
            found = await scope.session.get(Attachment, attachment_id)
            if found is None or found.shop_id != who.shop_id:
                raise NotFoundError("There is no such picture.", attachment_id=attachment_id)
            content, media_type = found.content, found.media_type
    except (UnauthorizedError, ForbiddenError):
        return Response(status_code=403)
    except NotFoundError:
        return Response(status_code=404)
    # The bytes never change; the right is asked for again when the browser does.
    return Response(content, media_type=media_type, headers={"Cache-Control": "private, max-age=600"})
