"""Pictures a shopper sends: chosen, pasted or dropped, checked, carried up, shown, and tried again."""

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.api.browsing import ask, inside, settled
from tests.api.fake_desk import FakeDesk
from tests.api.web.widget_kit import Opener

pytestmark = pytest.mark.browser


def png() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (60, 40), "#a63").save(kept, "PNG")
    return kept.getvalue()


def picture(name: str = "裂口.png", mime: str = "image/png", content: bytes = b"") -> FilePayload:
    return {"name": name, "mimeType": mime, "buffer": content or png()}


def hand_over(page: Page, kind: str) -> None:
    """A paste or a drop of one picture, as the browser would report it."""
    numbers = list(png())
    target, event = {
        "paste": ("text", "new ClipboardEvent('paste', {clipboardData: carried, bubbles: true, cancelable: true})"),
        "drop": ("app", "new DragEvent('drop', {dataTransfer: carried, bubbles: true, cancelable: true})"),
    }[kind]
    inside(
        page,
        f"""(() => {{
          const carried = new DataTransfer();
          carried.items.add(new File([new Uint8Array({numbers})], 'p.png', {{type: 'image/png'}}));
          return root.getElementById('{target}').dispatchEvent({event});
        }})()""",
    )


def test_a_picture_goes_with_a_message_and_opens_large(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    page.set_input_files("#files", picture())
    expect(page.locator(".tray-item")).to_contain_text("已上传")
    ask(page, "收到就是裂的")
    settled(page, 2)
    expect(page.locator("#tray")).to_be_hidden()
    assert len(desk.posts[-1]["attachment_ids"]) == 1
    page.reload()
    page.click("#launcher")
    settled(page, 2)
    thumb = page.get_by_role("button", name="放大查看图片 1")
    expect(thumb).to_be_enabled()
    assert inside(page, "root.querySelector('.thumb img').naturalWidth") == 60
    thumb.click()
    expect(page.get_by_role("dialog", name="图片", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="图片", exact=True)).to_have_count(0)
    expect(page.locator("#panel")).to_be_visible()
    expect(thumb).to_be_focused()


def test_a_picture_needs_no_words(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    expect(page.locator("#send")).to_be_disabled()
    page.set_input_files("#files", picture())
    page.click("#send")
    settled(page, 2)
    assert desk.posts[-1]["text"] == ""
    expect(page.locator(".entry.shopper .thumb")).to_have_count(1)
    expect(page.locator(".entry.shopper .words")).to_have_count(0)


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_can_be_pasted_and_dropped(visit: Opener, kind: str) -> None:
    page = visit()
    hand_over(page, kind)
    expect(page.locator(".tray-item")).to_contain_text("已上传")


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (picture("说明.pdf", "application/pdf", b"%PDF"), "不是 JPG、PNG 或 WebP 图片"),
        (picture("大.png", content=b"x" * (8 * 1024 * 1024 + 1)), "超过 8 MB"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_it_is_sent(visit: Opener, desk: FakeDesk, file: Any, told: str) -> None:
    page = visit()
    page.set_input_files("#files", file)
    expect(page.locator("#tray-note")).to_contain_text(told)
    expect(page.locator("#tray")).to_be_hidden()
    assert not desk.newest.pictures


def test_a_fifth_picture_is_too_many(visit: Opener) -> None:
    page = visit()
    page.set_input_files("#files", [picture(f"{n}.png") for n in range(5)])
    expect(page.locator(".tray-item")).to_have_count(4)
    expect(page.locator("#tray-note")).to_contain_text("最多 4 张")


def test_a_failed_upload_holds_the_message_until_it_is_retried_or_removed(visit: Opener, desk: FakeDesk) -> None:
    desk.upload_refusals = [(422, {"code": "invalid_input", "detail": "This is no picture we can read.", "data": {}})]
    page = visit()
    page.set_input_files("#files", picture())
    expect(page.locator(".tray-item")).to_contain_text("This is no picture we can read.")
    page.fill("#text", "看图")
    expect(page.locator("#send")).to_be_disabled()
    page.get_by_role("button", name="移除 裂口.png").click()
    expect(page.locator("#send")).to_be_enabled()
    desk.upload_refusals = [(503, {"code": "configuration", "detail": "", "data": {}})]
    page.set_input_files("#files", picture())
    page.get_by_role("button", name="重新上传 裂口.png").click()
    expect(page.locator(".tray-item")).to_contain_text("已上传")
    page.click("#send")
    settled(page, 2)
