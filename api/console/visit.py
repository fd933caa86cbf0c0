"""One open page of one operator. The only way from a page to the services is `may(right)`, which looks the operator up
again each time: a page drawn yesterday gives no right today."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Literal

import structlog
from fastapi import Request
from nicegui import background_tasks, ui

from api.auth import operators, sign_ins
from api.auth.operators import SignedIn
from api.auth.rights import Right
from api.console.guard import COOKIE, PATH
from api.console.language import is_english
from api.console.mount import KEY, Console
from api.console.wording import problem_text
from api.services import Services
from knowledge.kit.db import Scope
from knowledge.kit.errors import LiveCrewError, UnauthorizedError
from knowledge.kit.events import Event, last_offset
from knowledge.shops.models import Shop

log = structlog.get_logger(__name__)
_LOOK_AGAIN_S = 20.0


class Visit:
    def __init__(self, console: Console, who: SignedIn, request: Request) -> None:
        self._console = console
        self.who = who
        self.request = request
        self.client = ui.context.client
        self.english = is_english(request)
        self.path = PATH + request.url.path.removeprefix(PATH)
        self.shop_name = ""
        self.leaving: list[Callable[[], Awaitable[None]]] = []
        self._seen = 0

    @classmethod
    async def enter(cls, request: Request) -> "Visit":
        """Raises: UnauthorizedError."""
        console, who = request.scope[KEY]
        visit = cls(console, who, request)
        async with console.services.database.transaction(who.shop_id) as scope:
            visit.who = await operators.still(scope, who)
            visit._seen = await last_offset(scope, operators.STREAM)
            shop = await scope.session.get_one(Shop, who.shop_id)
            visit.shop_name = shop.name
        return visit

    @property
    def shop_id(self) -> str:
        return self.who.shop_id

    def t(self, chinese: str, english: str) -> str:
        return english if self.english else chinese

    def has(self, right: Right) -> bool:
        """For drawing only; what is done is decided by `may`."""
        return right in self.who.rights

    def param(self, name: str, default: str = "") -> str:
        return str(self.request.path_params.get(name) or self.request.query_params.get(name) or default)

    @asynccontextmanager
    async def may(self, right: Right) -> AsyncIterator[Services]:
        """Raises: UnauthorizedError once the sign-in has ended, ForbiddenError without the right."""
        async with self._console.services.database.transaction(self.who.shop_id) as scope:
            self.who = await operators.still(scope, self.who)
        self.who.require(right)
        yield self._console.services

    @asynccontextmanager
    async def scope(self, right: Right, *, snapshot: bool = False) -> AsyncIterator[Scope]:
        """A transaction in the operator's shop, after the same check."""
        async with self.may(right) as services, services.database.transaction(self.shop_id, snapshot=snapshot) as scope:
            yield scope

    async def offset(self, right: Right, stream: str) -> int:
        """Where a stream stands; read before the state that its later events change."""
        async with self.scope(right) as scope:
            return await last_offset(scope, stream)

    async def follow(self, right: Right, stream: str, after: int) -> AsyncIterator[Event]:
        """Events as they come, for as long as the right lasts. Raises: as `may`."""
        async with self.may(right) as services:
            listener = services.listener
        async for event in listener.follow(self.shop_id, stream, after, idle_s=_LOOK_AGAIN_S):
            async with self.may(right):
                pass
            if event is not None:
                yield event

    def now(self) -> datetime:
        return self._console.services.clock.now()

    def note(self, action: str, **about: Any) -> None:
        """Who did what, for the log; ids only."""
        log.info("console_action", action=action, operator=self.who.operator_id, shop=self.shop_id, **about)

    def does(self, handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[None]]:
        """An event handler whose expected errors are told to the person, and that ends with the sign-in."""

        async def handled(event: Any) -> None:
            await self.guarded(handler(event))

        async def bare() -> None:
            await self.guarded(handler())

        return handled if _takes_event(handler) else bare

    async def guarded(self, work: Awaitable[Any]) -> bool:
        """False when the work met an error, which has been shown."""
        try:
            await work
            return True
        except UnauthorizedError:
            self.leave()
        except LiveCrewError as error:
            self.tell(problem_text(error, english=self.english), bad=True)
        except Exception:  # a person clicked and must not be left without a word
            log.exception("console_action_failed", operator=self.who.operator_id)
            self.tell(self.t("出错了，请再试一次", "Something went wrong; please try again"), bad=True)
        return False

    def tell(self, words: str, *, bad: bool = False) -> None:
        with self.client:
            kind: Literal["negative", "positive"] = "negative" if bad else "positive"
            ui.notify(words, type=kind, position="top", timeout=6000 if bad else 2500)

    def leave(self) -> None:
        """The sign-in is over: what was registered in `leaving` is done, whether or not the browser still listens."""
        for act in self.leaving:
            background_tasks.create(act(), name="console leaving")
        with self.client:
            ui.navigate.to("/login?ended=1")

    def go(self, path: str) -> None:
        with self.client:
            ui.navigate.to(path)

    def watch(self) -> None:
        """Leaves the page as soon as this sign-in ends, whoever ended it."""
        task = background_tasks.create(self._until_ended(), name="console sign-in watch")
        self.client.on_delete(task.cancel)

    async def _until_ended(self) -> None:
        services = self._console.services
        with suppress(asyncio.CancelledError):
            async for event in services.listener.follow(
                self.shop_id, operators.STREAM, self._seen, idle_s=_LOOK_AGAIN_S
            ):
                token = self.request.cookies.get(COOKIE, "")
                fresh = sign_ins.read(self._console.secret, token, services.clock.now())
                try:
                    async with services.database.transaction(self.shop_id) as scope:
                        self.who = await operators.still(scope, self.who)
                except UnauthorizedError:
                    fresh = None
                if event is not None and event.data.get("mark") == sign_ins.mark(token):
                    fresh = None
                if fresh is None:
                    return self.leave()


def _takes_event(handler: Callable[..., Any]) -> bool:
    return any(one.default is one.empty for one in inspect.signature(handler).parameters.values())
