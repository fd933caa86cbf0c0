import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.commands.settings import AllSettings, read_settings
from api.console.demo_account import demo_account
from api.console.mount import Console
from api.demo import seed_demo
from api.logs import configure
from api.runtime import open_services
from api.services import Services
from knowledge.demo.shop import DEMO_SHOP_ID
from knowledge.kit.clock import SystemClock


def run(name: str, arguments: list[str]) -> int:
    settings = read_settings()
    parser = argparse.ArgumentParser(prog=f"livecrew {name}", description="Serve the API and the chat page.")
    parser.add_argument("--host", default=settings.api.host, help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=settings.api.port, help="port (default %(default)s)")
    options = parser.parse_args(arguments)
    configure(settings.api.log_format, quiet=name == "demo")
    asyncio.run(_serve(settings, options.host, options.port, demo=name == "demo"))
    return 0


async def _serve(settings: AllSettings, host: str, port: int, *, demo: bool) -> None:
    clock = SystemClock()

    @asynccontextmanager
    async def wired() -> AsyncIterator[Services]:
        async with open_services(settings.knowledge, settings.agents, settings.api, clock) as services:
            if demo:
                await seed_demo(services, clock, _say)
            yield services
            _say("stopping …")

    app = create_app(settings.api, wired, demo=demo)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=3,
        )
    )
    announcing = asyncio.create_task(_announce(server, app, host, port, demo=demo))
    await server.serve()
    announcing.cancel()


async def _announce(server: uvicorn.Server, app: FastAPI, host: str, port: int, *, demo: bool) -> None:
    while not server.started:  # noqa: ASYNC110 — uvicorn tells it by this flag alone
        await asyncio.sleep(0.05)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    _say(f"LiveCrew is ready: http://{shown}:{port}/" + (f"?shop={DEMO_SHOP_ID}" if demo else ""))
    if demo:
        _say(f"The widget on a shop's page: http://{shown}:{port}/store")
    await _announce_console(app, f"http://{shown}:{port}", demo=demo)
    _say(f"API docs: http://{shown}:{port}/docs  ·  Ctrl-C stops it")


async def _announce_console(app: FastAPI, address: str, *, demo: bool) -> None:
    console: Console | None = getattr(app.state, "console", None)
    if console is None:
        return
    if demo:
        account = await demo_account(console.services, DEMO_SHOP_ID)
        _say(f"Console: {address}/console  ·  login {account.login}, password {account.password or '(as you set it)'}")
    elif path := await console.setup_path():
        _say(f"Nobody has an account yet; make the first one here: {address}{path}")
    else:
        _say(f"Console: {address}/console")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
