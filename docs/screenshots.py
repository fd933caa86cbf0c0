"""Regenerates docs/images: starts a demo shop in a throw-away home and photographs the page in headless Chromium."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
PORT = 8793
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip
_ANSWERED = ".entry.bot .sources"  # a verified answer, its sources below it
_ASKED = ["收到的裙子不想要了，退货运费谁出？", "那几天内要退？"]


@contextmanager
def demo() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="lc-shot-", ignore_cleanup_errors=True) as home:
        command = [str(Path(sys.executable).parent / "livecrew"), "demo", "--port", str(PORT)]
        server = subprocess.Popen(command, env={**os.environ, "LIVECREW_HOME": home}, stdout=subprocess.DEVNULL)
        try:
            yield _ready(f"http://127.0.0.1:{PORT}")
        finally:
            server.terminate()
            server.wait(30)


def _ready(url: str) -> str:
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(f"{url}/v1/ready"):
            return url
        time.sleep(0.2)
    raise TimeoutError(url)


def _talk(page: Page, url: str, theme: str) -> None:
    page.goto(f"{url}/?theme={theme}")
    for number, question in enumerate(_ASKED, start=1):
        page.fill("#text", question)
        page.press("#text", "Enter")
        page.locator(_ANSWERED).nth(number - 1).wait_for(timeout=20_000)
    page.wait_for_timeout(2500)  # sentences fade in


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium")
    with demo() as url, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=_FLAGS)
        desktop = browser.new_page(viewport={"width": 1180, "height": 760})
        _talk(desktop, url, "light")
        desktop.locator("button.cite").last.click()
        desktop.wait_for_timeout(400)
        desktop.screenshot(path=IMAGES / "chat-desktop.png")
        phone = browser.new_page(viewport={"width": 390, "height": 780})
        _talk(phone, url, "light")
        phone.screenshot(path=IMAGES / "chat-phone.png")
        dark = browser.new_page(viewport={"width": 390, "height": 780})
        _talk(dark, url, "dark")
        dark.fill("#text", "我要找人工客服")
        dark.press("#text", "Enter")
        dark.wait_for_selector("#banner:not([hidden])", timeout=20_000)
        dark.wait_for_timeout(2500)
        dark.screenshot(path=IMAGES / "chat-phone-handoff.png")
        browser.close()


if __name__ == "__main__":
    main()
