"""Headless Chromium for the tests of the page and the widget, and what they do in it over and over."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Read at import: the suite's own settings fixture takes every LIVECREW_ variable away before a test runs.
_REQUIRED = os.environ.get("LIVECREW_REQUIRE_BROWSER") == "1"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip


def found_chromium() -> str:
    """Skips the test, aloud, where there is none."""
    if CHROMIUM is None:
        reason = "no Chromium on this machine: the page was not tested"
        pytest.fail(reason) if _REQUIRED else pytest.skip(reason)
    return CHROMIUM


@contextmanager
def chromium() -> Iterator[Browser]:
    path = found_chromium()
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong


def ask(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def words(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".entry .words").all_text_contents()]


def settled(page: Page, count: int) -> None:
    expect(page.locator(".entry[data-id]")).to_have_count(count)
    expect(page.locator(".pending, [aria-busy=true]")).to_have_count(0)


def inside(page: Page, script: str) -> object:
    """The value of an expression over `root`, the shadow root in which the desk lives."""
    found: object = page.evaluate(
        f"() => {{ const root = document.querySelector('livecrew-desk').shadowRoot; return ({script}); }}"
    )
    return found


def low_contrast(page: Page) -> object:
    """Texts below 4.5:1 (WCAG 2.2 §1.4.3); a wrapper's background counts when the text's own is transparent."""
    return inside(page, _LOW_CONTRAST)


_LOW_CONTRAST = """(() => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data]; };
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const v = c[i] / 255; return sum + weight * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
  const behind = (node) => { for (; node; node = node.parentElement) {
    const c = rgba(getComputedStyle(node).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255, 255]; };
  const low = [];
  for (const node of root.querySelectorAll('*')) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !node.checkVisibility() || node.closest('.sr, :disabled') || node.tagName === 'STYLE') continue;
    const [a, b] = [light(rgba(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(`${node.className || node.tagName} ${ratio.toFixed(2)} ${node.textContent.slice(0, 12)}`);
  }
  return low;
})()"""
