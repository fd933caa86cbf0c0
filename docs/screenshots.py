"""Regenerates docs/images: a demo shop in a throw-away home, the widget on its page, photographed in Chromium."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
PORT = 8793
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip
_PHONE = {"width": 390, "height": 780}
_DESKTOP = {"width": 1280, "height": 800}
_GOLD = "S1003"
_COLOURS = 256  # flat areas and text: a palette keeps the files small


@contextmanager
def demo() -> Iterator[tuple[str, Path]]:
    """The address of a demo, and its home."""
    with tempfile.TemporaryDirectory(prefix="lc-shot-", ignore_cleanup_errors=True) as home:
        command = [str(Path(sys.executable).parent / "livecrew"), "demo", "--port", str(PORT)]
        server = subprocess.Popen(command, env={**os.environ, "LIVECREW_HOME": home}, stdout=subprocess.DEVNULL)
        try:
            yield _ready(f"http://127.0.0.1:{PORT}"), Path(home)
        finally:
            server.terminate()
            server.wait(30)


def _ready(url: str) -> str:
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(f"{url}/v1/ready"):
            return url
        time.sleep(0.2)
    raise TimeoutError(url)


def _visit(browser: Browser, url: str, size: dict[str, int], *, dark: bool = False, shopper: str = "") -> Page:
    """The storefront with the desk opened, by a shopper who is signed in or by a guest."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto(f"{url}/store")
    page.locator(".tile").first.wait_for()
    if shopper:
        page.locator("#who").select_option(shopper)
    page.click("#launcher")
    page.locator("#welcome").wait_for()
    if shopper:
        page.locator("#shopper").wait_for()
    return page


def _ask(page: Page, question: str, shown: str) -> None:
    page.fill("#text", question)
    page.press("#text", "Enter")
    page.locator(shown).last.wait_for(timeout=30_000)
    page.wait_for_timeout(2500)  # sentences fade in


def _top(part: Locator) -> None:
    """Brings the message a part belongs to under the header."""
    part.evaluate("one => one.closest('.entry').previousElementSibling.scrollIntoView({block: 'start'})")
    part.page.wait_for_timeout(300)


def _keep(page: Page, name: str) -> None:
    with Image.open(BytesIO(page.screenshot())) as taken:
        small = taken.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        small.save(IMAGES / f"{name}.png", optimize=True)


def _take(browser: Browser, url: str) -> None:
    desktop = _visit(browser, url, _DESKTOP, shopper=_GOLD)
    desktop.evaluate("document.getElementById('shelf-1').scrollIntoView({behavior: 'instant'})")
    _ask(desktop, "我的快递到哪了？", ".order-card")
    _top(desktop.locator(".order-card").first)
    _keep(desktop, "widget-storefront")
    order = _visit(browser, url, _PHONE, shopper=_GOLD)
    _ask(order, "我的快递到哪了？", ".order-card")
    order.locator(".order-card").first.evaluate("one => one.scrollIntoView({block: 'start'})")
    order.wait_for_timeout(300)
    _keep(order, "order-card")
    compared = _visit(browser, url, _PHONE)
    _ask(compared, "折叠椅标准款和高背款有什么区别？", ".comparison-card")
    _top(compared.locator(".comparison-card"))
    _keep(compared, "comparison")
    phone = _visit(browser, url, _PHONE)
    _ask(phone, "收到的裙子不想要了，退货运费谁出？", ".entry.bot .sources")
    _keep(phone, "widget-phone")
    dark = _visit(browser, url, _PHONE, dark=True)
    _ask(dark, "我要找人工客服", "#banner:not([hidden])")
    _keep(dark, "handoff")


def _console(browser: Browser, url: str, home: Path) -> None:
    page = browser.new_context(viewport={"width": _DESKTOP["width"], "height": _DESKTOP["height"]}).new_page()
    page.goto(f"{url}/console")
    page.fill("[name=login]", "admin")
    page.fill("[name=password]", (home / "demo-password").read_text(encoding="utf-8").strip())
    page.press("[name=password]", "Enter")
    page.locator(".lc-title").first.wait_for()
    page.wait_for_timeout(1500)
    _keep(page, "console")
    _desk(browser, url, page)
    page.goto(f"{url}/console/product?id=P2003")
    page.locator(".lc-title").first.wait_for()
    page.wait_for_timeout(1500)
    _keep(page, "console-product")


def _desk(browser: Browser, url: str, page: Page) -> None:
    """A shopper who waits for a person, and whoever helps."""
    shopper = _visit(browser, url, _PHONE, shopper=_GOLD)
    _ask(shopper, "我的快递到哪了？", ".order-card")
    _ask(shopper, "太慢了，我要找人工客服", "#banner:not([hidden])")
    guest = _visit(browser, url, _PHONE)
    _ask(guest, "孩子用了之后手上起红疹，怎么办？", "#banner:not([hidden])")
    page.goto(f"{url}/console/desk")
    page.locator(".lc-item", has_text="太慢了").click()
    page.locator(".lc-desk-invitation button").last.click()
    page.locator(".lc-composer textarea").fill("您好，我是人工客服小满，快递的事我来跟进。")
    page.locator(".lc-composer textarea").press("Enter")
    page.locator(".lc-message.operator").wait_for()
    _ask(shopper, "好的，麻烦快一点", ".entry.operator")
    _keep(page, "console-desk")
    page.goto(f"{url}/console/supervise")
    page.locator(".lc-watch-row").first.wait_for()
    page.wait_for_timeout(1500)
    _keep(page, "console-supervise")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with demo() as (url, home), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        _take(browser, url)
        _console(browser, url, home)
        browser.close()


if __name__ == "__main__":
    main()
