"""The real application with its console, on a thread and loop of its own: Playwright's calls block."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.auth import operators, sign_ins
from api.auth.operators import SignedIn
from api.console.mount import Console
from api.console.setup import Setup
from api.services import Services
from api.settings import ApiSettings
from knowledge.kit.db import Scope
from knowledge.kit.ids import new_id
from knowledge.kit.postgres import DatabaseUrls
from tests.support.desk import new_shop
from tests.support.serving import free_port, wired

ResultT = TypeVar("ResultT")
PASSWORD = "correct horse battery"


class Running:
    def __init__(self, app: FastAPI, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self._app = app
        self._loop = loop

    @property
    def services(self) -> Services:
        found: Services = self._app.state.services
        return found

    @property
    def console(self) -> Console:
        found: Console = self._app.state.console
        return found

    def do(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def within(self, shop_id: str, act: Callable[[Scope], Coroutine[Any, Any, ResultT]]) -> ResultT:
        async def acted() -> ResultT:
            async with self.services.database.transaction(shop_id) as scope:
                return await act(scope)

        return self.do(acted())

    def account(self, *roles: str, shop_id: str = "") -> SignedIn:
        """An account of the given shop or of a new one."""
        place = shop_id or self.do(new_shop(self.services.database))
        return self.within(
            place,
            lambda scope: operators.create_operator(
                scope, new_id("who"), name="小周", password=PASSWORD, roles=roles or ["admin"]
            ),
        )

    def cookie(self, who: SignedIn) -> str:
        return sign_ins.issue(self.console.secret, who, self.services.clock.now())

    def forget_everybody(self) -> None:
        """As on the first run: nobody has an account."""
        for shop_id in self.do(self.services.database.shop_ids()):
            self.within(shop_id, lambda scope: scope.run("delete from operators where shop_id = :shop_id"))
        self.console.setup = Setup(self.services.database)


@contextmanager
def running(home: Path, urls: DatabaseUrls, settings: ApiSettings) -> Iterator[Running]:
    port = free_port()
    app = create_app(settings, lambda: wired(home, urls, settings))
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1)
    )
    loops: list[asyncio.AbstractEventLoop] = []
    started = threading.Event()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.02)
        started.set()
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(30)
    assert server.started
    yield Running(app, f"http://127.0.0.1:{port}", loops[0])
    server.should_exit = True
    thread.join(20)
