"""The widget on a shop's page of another origin, in headless Chromium, against a desk with scripted answers."""

import pytest
from playwright.sync_api import expect

from tests.api.browsing import ask, inside, low_contrast, settled, words
from tests.api.fake_desk import Answer, FakeDesk
from tests.api.web.widget_kit import LIN, ZHOU, Opener, another_origin, shop_page

pytestmark = pytest.mark.browser


def test_it_works_on_another_origin_and_costs_little_until_it_is_opened(visit: Opener, desk: FakeDesk) -> None:
    page = visit(opened=False)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("performance.getEntriesByType('resource').length") < 20
    assert not desk.conversations
    page.click("#launcher")
    ask(page, "你好")
    settled(page, 2)
    expect(page.locator(".entry.bot")).to_contain_text("AI 生成")
    assert page.evaluate("localStorage.getItem('shop.own')") == "kept"


def test_an_origin_nobody_listed_is_not_served(visit: Opener, desk: FakeDesk, shop_url: str) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    with another_origin([shop_page(desk.url)]) as stranger:
        other = page.context.new_page()
        other.goto(stranger)
        other.wait_for_load_state("networkidle")
        assert other.evaluate("typeof window.LiveCrew") == "undefined"


def test_neither_style_sheet_reaches_the_other(visit: Opener) -> None:
    page = visit()
    seen = inside(
        page,
        """(() => {
          const style = (id) => getComputedStyle(root.getElementById(id));
          const host = getComputedStyle(root.host), own = getComputedStyle(document.getElementById('own'));
          return {font: style('text').fontSize, italic: style('shop-name').fontStyle,
            spacing: style('text').letterSpacing, send: style('send').backgroundColor,
            upper: style('send').textTransform, seen: host.opacity, at: host.transform,
            width: root.getElementById('panel').getBoundingClientRect().width, ownPadding: own.padding};
        })()""",
    )
    assert seen == {
        "font": "16px", "italic": "normal", "spacing": "normal", "send": "rgb(229, 223, 212)", "upper": "none",
        "seen": "1", "at": "none", "width": 408, "ownPadding": "0px",
    }  # fmt: skip


def test_the_page_drives_it_and_hears_of_unread_messages_and_state(visit: Opener, desk: FakeDesk) -> None:
    page = visit(opened=False)
    page.evaluate(
        """() => { window.heard = [];
          window.quiet = LiveCrew.on('unread', ({count}) => heard.push(count));
          LiveCrew.on('state', (state) => heard.push(state)); }"""
    )
    page.evaluate("LiveCrew.open({draft: '我想了解「折叠椅」，'})")
    expect(page.locator("#text")).to_have_value("我想了解「折叠椅」，")
    page.press("#text", "Enter")
    settled(page, 2)
    page.evaluate("LiveCrew.close()")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#launcher")).to_be_focused()
    desk.add("operator", "您好，我是小周。")
    desk.add("operator", "已经帮您查到了。")
    expect(page.locator("#unread")).to_have_text("2")
    expect(page.get_by_role("button", name="打开在线客服，2 条未读消息")).to_be_visible()
    page.reload()
    expect(page.locator("#unread")).to_have_text("2")
    page.click("#launcher")
    expect(page.locator(".entry.operator")).to_have_count(2)
    page.reload()
    page.wait_for_load_state("load")
    expect(page.locator("#unread")).to_be_hidden()


def test_what_is_heard_can_be_ended(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    page.evaluate("() => { window.heard = []; window.quiet = LiveCrew.on('unread', ({count}) => heard.push(count)); }")
    ask(page, "你好")
    settled(page, 2)
    page.evaluate("LiveCrew.close()")
    desk.add("operator", "一")
    expect(page.locator("#unread")).to_have_text("1")
    page.evaluate("window.quiet()")
    desk.add("operator", "二")
    expect(page.locator("#unread")).to_have_text("2")
    assert page.evaluate("heard") == [1]


def test_a_guest_becomes_a_known_shopper_and_keeps_the_conversation(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    assert page.evaluate("LiveCrew.identify('lin')") == {"shopper": {"name": "林晓月", "tier": "普通会员"}}
    expect(page.locator("#shopper")).to_have_text("林晓月 · 普通会员")
    ask(page, "我的订单呢")
    settled(page, 4)
    assert len(desk.conversations) == 1
    page.evaluate("LiveCrew.identify('lin-again')")
    settled(page, 4)
    assert len(desk.conversations) == 1


def test_a_lost_answer_to_the_identity_is_asked_for_again(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    desk.lose_identities = 1
    page.evaluate("LiveCrew.identify('lin')")
    expect(page.locator("#shopper")).to_have_text("林晓月 · 普通会员")
    ask(page, "还在吗")
    settled(page, 4)
    assert len(desk.conversations) == 1


def test_another_shopper_and_a_sign_out_begin_a_conversation_of_their_own(visit: Opener, desk: FakeDesk) -> None:
    page = visit(opened=False)
    page.evaluate("void LiveCrew.identify('lin')")
    page.click("#launcher")
    expect(page.locator("#shopper")).to_contain_text("林晓月")
    ask(page, "我的订单")
    settled(page, 2)
    page.evaluate("LiveCrew.identify('zhou')")
    expect(page.locator("#shopper")).to_have_text("周以宁 · 金卡会员")
    settled(page, 0)
    assert len(desk.conversations) == 2
    page.evaluate("LiveCrew.identify(null)")
    expect(page.locator("#shopper")).to_be_hidden()
    ask(page, "我是访客")
    settled(page, 2)
    assert [one.shopper for one in desk.conversations.values()] == [LIN, ZHOU, None]


def test_an_identity_the_desk_refuses_leaves_a_guest(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    refused = page.evaluate("LiveCrew.identify('forged').then(() => 'taken', (error) => error.status)")
    assert refused == 401
    ask(page, "还能问吗")
    settled(page, 4)
    assert len(desk.conversations) == 1


def test_a_sign_out_in_one_tab_clears_the_other(visit: Opener, desk: FakeDesk, shop_url: str) -> None:
    page = visit()
    page.evaluate("LiveCrew.identify('lin')")
    ask(page, "我的订单")
    settled(page, 2)
    other = page.context.new_page()
    other.goto(shop_url)
    other.click("#launcher")
    settled(other, 2)
    page.evaluate("LiveCrew.identify(null)")
    settled(other, 0)
    expect(other.locator("#shopper")).to_be_hidden()


def test_a_token_renewed_in_one_tab_serves_the_other(visit: Opener, desk: FakeDesk, shop_url: str) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    other = page.context.new_page()
    other.goto(shop_url)
    other.click("#launcher")
    settled(other, 2)
    page.evaluate("LiveCrew.identify('lin')")
    expect(page.locator("#shopper")).to_be_visible()
    ask(other, "另一个标签页")
    settled(other, 4)
    settled(page, 4)
    assert len(desk.conversations) == 1


def test_what_is_typed_offline_is_sent_once_when_the_line_is_back(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    page.context.set_offline(True)
    desk.stop()  # an open stream survives the emulation
    ask(page, "离线第一句")
    ask(page, "离线第二句")
    expect(page.locator("#connection")).to_contain_text("网络已断开")
    expect(page.locator(".pending").first).to_contain_text("待联网后自动发出")
    desk.start()
    page.context.set_offline(False)
    settled(page, 6)
    asked = [one["text"] for one in desk.newest.messages if one["author"] == "shopper"]
    assert asked == ["你好", "离线第一句", "离线第二句"]
    expect(page.locator("#connection")).to_be_hidden()


def test_a_desk_killed_in_the_middle_of_an_answer_loses_nothing(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    desk.answers["慢"] = Answer(["第一句。", "第二句。"], step_s=30)
    ask(page, "慢")
    expect(page.locator("#status")).to_contain_text("正在理解问题")
    seen = len(desk.newest.events)
    desk.stop()
    ask(page, "断线时说的")
    desk.answer(desk.newest, desk.answers["慢"], "trn_1")
    desk.start()
    settled(page, 4)
    assert words(page) == ["慢", "第一句。第二句。", "断线时说的", "好的，已经收到。"]
    assert desk.followed[-1] >= seen - 1


def test_a_tab_long_out_of_sight_lets_go_of_the_line_and_misses_nothing(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    page.clock.install()
    hidden = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true})"
    changed = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(f"[{hidden % 'true'}, {changed}]")
    page.clock.fast_forward(61_000)
    desk.add("operator", "您不在的时候")
    page.clock.run_for(5_000)
    followed = len(desk.followed)
    expect(page.locator(".entry.operator")).to_have_count(0)
    page.evaluate(f"[{hidden % 'false'}, {changed}]")
    settled(page, 3)
    assert len(desk.followed) == followed + 1
    expect(page.locator("#connection")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_follows_the_device_and_can_be_switched(visit: Opener, theme: str) -> None:
    page = visit(color_scheme=theme)
    other = {"light": "dark", "dark": "light"}[theme]
    shown = "root.getElementById('lc').dataset.theme"
    assert inside(page, shown) == theme
    page.click("#theme")
    assert inside(page, shown) == other
    page.reload()
    page.click("#launcher")
    assert inside(page, shown) == other
    assert low_contrast(page) == []


def test_a_phone_gives_it_the_whole_screen(visit: Opener) -> None:
    page = visit(width=390, height=780, has_touch=True, is_mobile=True, reduced_motion="reduce")
    ask(page, "b" * 300)
    settled(page, 2)
    box = page.locator("#panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    assert inside(page, "root.getElementById('scroll').scrollWidth <= root.getElementById('scroll').clientWidth")
    page.click("#close")
    expect(page.locator("#launcher")).to_be_visible()
