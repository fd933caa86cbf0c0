"""A shop's page that embeds the widget from a desk with scripted answers, in headless Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.browsing import chromium
from tests.api.fake_desk import FakeDesk
from tests.api.web.widget_kit import LIN, ZHOU, Opener, another_origin, shop_page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def page_text() -> list[str]:
    return [""]


@pytest.fixture(scope="module")
def shop_url(page_text: list[str]) -> Iterator[str]:
    with another_origin(page_text) as url:
        yield url


@pytest.fixture
def desk(shop_url: str, page_text: list[str]) -> Iterator[FakeDesk]:
    fake = FakeDesk((shop_url,))
    fake.shoppers = {"lin": LIN, "lin-again": LIN, "zhou": ZHOU}
    fake.start()
    page_text[0] = shop_page(fake.url)
    yield fake
    fake.stop()


@pytest.fixture
def visit(browser: Browser, desk: FakeDesk, shop_url: str) -> Iterator[Opener]:
    """Opens the shop's page; at the end no script may have failed and no cookie may have reached the desk."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def visited(*, opened: bool = True, width: int = 1180, height: int = 760, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(shop_url)
        expect(page.locator("#launcher")).to_be_visible()
        if opened:
            page.click("#launcher")
            expect(page.locator("#welcome")).to_be_visible()
        return page

    yield visited
    for context in contexts:
        context.close()
    assert not faults
    assert not desk.cookies
