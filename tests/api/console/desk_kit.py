"""A running shop with people at its desk: operators and shoppers, each in a browser of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from agents.handoff.intake import Intake
from agents.handoff.packet import Packet
from agents.handoff.reasons import HandoffReason
from agents.handoff.service import HandoffQueue
from agents.handoff.views import BOT, HandoffView
from api.auth.operators import SignedIn
from api.console.guard import COOKIE
from knowledge.kit.db import Scope
from knowledge.kit.ids import new_id
from knowledge.shops.models import Shop
from tests.api.console.running import Running
from tests.support.desk import Desk

Opener = Callable[..., Page]


@dataclass
class People:
    """Opens pages and remembers what no page may do: fail in a script, or ask for anything foreign."""

    browser: Browser
    server: Running
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, *, width: int = 1320, dark: bool = False) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._watch)
        return page

    def _watch(self, sent: Request) -> None:
        if not sent.url.startswith((self.server.url, "data:", "blob:")):
            self.faults.append(sent.url)

    def at_desk(
        self, who: SignedIn, path: str = "/desk", *, width: int = 1320, dark: bool = False, on: Page | None = None
    ) -> Page:
        """Signed in and, at the desk, online; `on` a page made before, or a new one."""
        page = on or self.page(width=width, dark=dark)
        page.context.add_cookies(
            [{"name": COOKIE, "value": self.server.cookie(who), "url": f"{self.server.url}/console"}]
        )
        page.goto(f"{self.server.url}/console{path}")
        if path.startswith("/desk"):
            expect(page.locator(".lc-status")).to_be_visible()
        return page

    def shopper(self, shop_id: str, *said: str) -> Page:
        page = self.page(width=420)
        page.goto(f"{self.server.url}/?shop={shop_id}")
        for text in said:
            page.fill("#text", text)
            page.press("#text", "Enter")
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()


async def _all_day(scope: Scope) -> None:
    shop = await scope.session.get_one(Shop, scope.shop_id)
    shop.settings = {**shop.settings, "queue": {"opens": 0, "closes": 24}}


class Waiting:
    """Handoffs made by the service itself, in a shop whose people are there day and night."""

    def __init__(self, server: Running, shop_id: str) -> None:
        self._server, self.shop_id = server, shop_id
        self.queue = HandoffQueue(server.services.database)
        server.within(shop_id, _all_day)

    def enqueue(self, ask: str = "想找人工", *, reason: HandoffReason = HandoffReason.CUSTOMER_REQUEST,
                origin: str = "support", **packet: object) -> str:  # fmt: skip
        subject = self._server.do(self._conversation()) if origin == "support" else new_id("lin")
        asked = Intake(
            origin, subject, new_id("msg"), reason, Packet.model_validate({"reason": reason, "ask": ask, **packet})
        )
        return self._server.do(self.queue.enqueue(self.shop_id, asked, actor=BOT)).handoff_id

    async def _conversation(self) -> str:
        services = self._server.services
        desk = Desk(services.database, self.shop_id, services.retriever._embedder, services.clock)
        return await desk.open()

    def read(self, handoff_id: str) -> HandoffView:
        return self._server.do(self.queue.read(self.shop_id, handoff_id))

    def operators(self, who: SignedIn) -> str:
        """The status of one operator."""
        return next(
            one.status
            for one in self._server.do(self.queue.load(self.shop_id)).operators
            if one.operator_id == who.operator_id
        )
