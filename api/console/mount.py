"""The console inside our application. NiceGUI is imported and started by the first visit of somebody signed in, so a
service whose console nobody opens pays nothing for it."""

import asyncio
from contextlib import AsyncExitStack

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import sign_ins
from api.console.guard import PATH, cookie_of, guarded, same_origin
from api.console.secret import console_secret
from api.console.setup import Setup
from api.limits import RateLimiter
from api.services import Services
from api.settings import ApiSettings

KEY = "livecrew.console"
_SIGN_INS_PER_MINUTE = 20  # of one caller, right or wrong


class Console:
    def __init__(self, settings: ApiSettings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self._pages: ASGIApp | None = None
        self._starting = asyncio.Lock()
        self.sign_in_limit = RateLimiter(_SIGN_INS_PER_MINUTE)

    def start(self, services: Services) -> None:
        """Raises: ConfigurationError."""
        self.services = services
        self.secret = console_secret(self._settings.console_secret, services.home)
        self.setup = Setup(services.database)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def setup_path(self) -> str | None:
        """Where the first account is made, while there is none."""
        return f"{PATH}/setup?token={self.setup.token}" if await self.setup.needed() else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        send = guarded(send)
        if not same_origin(scope):
            return await _refuse(scope, receive, send)
        who = sign_ins.read(self.secret, cookie_of(scope), self.services.clock.now())
        if who is None:
            if scope["type"] == "http" and scope["method"] == "GET":
                return await RedirectResponse(f"{PATH}/login", 303)(scope, receive, send)
            return await _refuse(scope, receive, send)
        pages = await self._started()
        await pages({**scope, KEY: (self, who)}, receive, send)

    async def _started(self) -> ASGIApp:
        async with self._starting:
            if self._pages is None:
                shell, pages = await asyncio.to_thread(_import_pages)
                await self._stack.enter_async_context(shell.router.lifespan_context(shell))
                self._pages = pages
        return self._pages


def _import_pages() -> tuple[FastAPI, ASGIApp]:
    from api.console.shell import pages, shell

    return shell(), pages


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        return await send({"type": "websocket.close", "code": 1008})
    await PlainTextResponse("Sign in on this page's own origin.", 403)(scope, receive, send)
