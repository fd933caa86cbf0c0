"""With the keyboard alone, and by what Chromium tells a screen reader."""

import pytest
from playwright.sync_api import Page, expect

from tests.api.browsing import ask, inside, settled
from tests.api.fake_desk import Answer, FakeDesk, citation
from tests.api.web.widget_kit import Opener

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _answers(desk: FakeDesk) -> None:
    desk.answers["运费"] = Answer(["运费由您承担。[1]"], [citation(1, "rule#18", "退货办法")], suggestions=["转人工"])
    desk.sources["rule#18"] = {
        "title": "退货办法",
        "section": "",
        "article": 18,
        "text": "运费由消费者承担。",
        "version": 1,
    }


def focused(page: Page) -> object:
    return inside(page, "root.activeElement ? (root.activeElement.id || root.activeElement.className) : null")


def walk(page: Page, key: str = "Tab") -> list[object]:
    """What has the focus at each press until it leaves the widget."""
    passed: list[object] = []
    for _ in range(40):
        page.keyboard.press(key)
        at = focused(page)
        if at is None:
            return passed
        passed.append(at)
    raise AssertionError(f"the focus is trapped: {passed}")


def test_the_whole_of_it_works_without_a_mouse(visit: Opener) -> None:
    page = visit(opened=False)
    page.get_by_role("link", name="链接").focus()
    page.keyboard.press("Tab")
    assert focused(page) == "launcher"
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("运费")
    page.keyboard.press("Enter")
    settled(page, 2)
    expect(page.locator("#text")).to_be_focused()
    page.locator("button.cite").focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="退货办法")
    expect(sheet).to_contain_text("运费由消费者承担。")
    expect(sheet.get_by_role("button", name="关闭")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("button.cite")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#launcher")).to_be_focused()


def test_the_focus_goes_in_reading_order_and_out_at_both_ends(visit: Opener) -> None:
    page = visit()
    ask(page, "运费")
    settled(page, 2)
    page.locator("#language").focus()
    passed = ["language", *walk(page)]
    expected = ["language", "theme", "new", "close", "log", "cite", "source", "chip", "add-picture", "text"]
    assert [one for one in passed if one in expected] == expected
    page.locator("#language").focus()
    assert walk(page, "Shift+Tab") in ([], ["panel"])


def test_escape_that_ends_a_composition_closes_nothing(visit: Opener) -> None:
    page = visit()
    press = "new KeyboardEvent('keydown', {key: 'Escape', bubbles: true, cancelable: true, isComposing: true})"
    inside(page, f"root.getElementById('text').dispatchEvent({press})")
    expect(page.locator("#panel")).to_be_visible()


@pytest.mark.parametrize(
    ("english", "names"),
    [
        (False, {"dialog": "在线客服", "log": "对话记录", "textbox": "输入消息",
                 "button": ["Switch to English", "切换到深色", "新对话", "收起客服窗口", "添加图片", "发送"]}),
        (True, {"dialog": "Service desk", "log": "Conversation", "textbox": "Your message",
                "button": ["切换到中文", "Switch to dark", "New conversation", "Close the service desk", "Add pictures",
                           "Send"]}),
    ],
)  # fmt: skip
def test_chromium_names_every_control_for_a_screen_reader(
    visit: Opener, english: bool, names: dict[str, str | list[str]]
) -> None:
    page = visit()
    ask(page, "运费")
    settled(page, 2)
    if english:
        page.click("#language")
    told = _accessible(page)
    for role in ("dialog", "log", "textbox"):
        assert names[role] in told[role]
    assert set(names["button"]) <= set(told["button"])
    assert all(name for role in ("button", "textbox", "radio", "link") for name in told.get(role, [])), told


def _accessible(page: Page) -> dict[str, list[str]]:
    """Names by role in the accessibility tree Chromium hands to a screen reader."""
    client = page.context.new_cdp_session(page)
    found: dict[str, list[str]] = {}
    for node in client.send("Accessibility.getFullAXTree")["nodes"]:
        if not node.get("ignored"):
            name = node.get("name", {}).get("value", "")
            found.setdefault(node["role"]["value"], []).append(name)
    return found


def test_new_messages_are_announced_and_old_ones_are_not(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "运费")
    settled(page, 2)
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_have_attribute("aria-relevant", "additions")
    page.keyboard.press("Escape")
    desk.add("operator", "您好。")
    expect(page.get_by_role("status").filter(has_text="客服发来 1 条新消息")).to_be_attached()


def test_nothing_moves_for_those_who_ask_for_calm(visit: Opener) -> None:
    page = visit(reduced_motion="reduce")
    ask(page, "运费")
    settled(page, 2)
    assert inside(page, "root.getAnimations().length") == 0
