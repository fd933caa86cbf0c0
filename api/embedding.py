"""What lets a shop's own pages, on other origins, embed the desk: cross-origin rules, files that are never stale."""

import re
from os import PathLike
from typing import Any

from fastapi.staticfiles import StaticFiles
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from knowledge.kit.errors import ConfigurationError

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|\*")
_OPEN = ("/web/", "/v1/conversations")  # the widget's files and the shoppers' routes; those of shops stay closed


def origins(listed: str) -> list[str]:
    """From a list with commas. Raises: ConfigurationError naming what is no origin."""
    found = [one.strip() for one in listed.split(",") if one.strip()]
    wrong = [one for one in found if not _ORIGIN.fullmatch(one)]
    if wrong:
        raise ConfigurationError(
            f"LIVECREW_WIDGET_ORIGINS: {wrong[0]} is no origin; write https://shop.example, without a path."
        )
    return found


class WidgetOrigins(CORSMiddleware):
    """Answers pages of the given origins on the widget's paths. Tokens travel in a header, never in cookies."""

    def __init__(self, app: ASGIApp, allowed: list[str]) -> None:
        super().__init__(
            app,
            allow_origins=allowed,
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            expose_headers=["Retry-After"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_OPEN):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class WebFiles(StaticFiles):
    """Browsers ask whether a module has changed before they use it: an upgrade never mixes old parts with new ones."""

    def file_response(self, full_path: str | PathLike[str], *more: Any, **options: Any) -> Response:
        answer = super().file_response(full_path, *more, **options)
        answer.headers["Cache-Control"] = "no-cache"
        return answer
