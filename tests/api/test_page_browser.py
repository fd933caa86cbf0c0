"""The shopper's page in headless Chromium against a desk with scripted answers."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.api.browsing import ask, chromium, inside, low_contrast, settled, words
from tests.api.fake_desk import STARTERS, Answer, FakeDesk, citation

pytestmark = pytest.mark.browser

ASKED = "退货运费谁出？"
CLAUSE = "消费者退货的，商品应当完好；运费由消费者承担，另有约定的从其约定。"
COMPLETE = Answer(
    ["七日内无理由退货的，退回运费一般由您承担。[1]", "买了运费险的，按保险理赔。[2]"],
    [
        citation(1, "rule#18", "七日无理由退货办法", article=18, section="第三章 退货程序"),
        citation(2, "shop#3", "店铺售后说明", section="运费险"),
    ],
    suggestions=["转人工"],
)
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    fake = FakeDesk()
    fake.answers[ASKED] = COMPLETE
    fake.sources["rule#18"] = {
        "title": "七日无理由退货办法",
        "section": "第三章 退货程序",
        "article": 18,
        "text": CLAUSE,
        "version": 2,
        "effective_from": "2024-03-01",
        "doc": "rule",
    }
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def open_page(browser: Browser, desk: FakeDesk) -> Iterator[Opener]:
    """Opens the page; at the end no script may have failed and nothing outside the desk may have been asked for."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def watch(sent: Request) -> None:
        if not sent.url.startswith((desk.url, "data:")):
            faults.append(sent.url)

    def opened(query: str = "", *, width: int = 1180, height: int = 760, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", watch)
        page.goto(f"{desk.url}/{query}")
        expect(page.locator("#welcome")).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def test_an_answer_shows_its_sources_and_a_marker_opens_the_clause(open_page: Opener) -> None:
    page = open_page()
    ask(page, ASKED)
    settled(page, 2)
    answer = page.locator(".entry.bot")
    expect(answer).to_contain_text("AI 生成")
    expect(answer.locator(".sources li")).to_have_count(2)
    expect(page.locator("#status")).to_be_empty()
    answer.locator("button.cite").first.click()
    panel = page.locator("#sources")
    expect(panel.locator(".clause-text")).to_have_text(CLAUSE)
    for shown in ("七日无理由退货办法", "第三章 退货程序", "第 18 条", "2024-03-01", "第 2 版"):
        expect(panel).to_contain_text(shown)
    expect(panel).to_have_attribute("role", "complementary")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(answer.locator("button.cite").first).to_be_focused()


def test_a_source_that_cannot_be_opened_says_so_and_can_be_tried_again(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, ASKED)
    page.locator("button.cite", has_text="2").click()
    expect(page.locator(".clause")).to_contain_text("原文暂时打不开")
    desk.sources["shop#3"] = desk.sources["rule#18"] | {"text": "运费险按保单理赔。"}
    page.locator(".clause button").click()
    expect(page.locator(".clause-text")).to_have_text("运费险按保单理赔。")


def test_a_number_no_citation_bears_stays_text(open_page: Opener, desk: FakeDesk) -> None:
    desk.answers["尺码"] = Answer(["选 [7] 码，见说明。[1]"], [citation(1, "a", "尺码表")])
    page = open_page()
    ask(page, "尺码")
    settled(page, 2)
    expect(page.locator(".entry.bot .words")).to_have_text("选 [7] 码，见说明。1")
    expect(page.locator("button.cite")).to_have_count(1)


def test_the_status_line_names_each_step(open_page: Opener, desk: FakeDesk) -> None:
    desk.answers["慢"] = Answer(["好的。"], step_s=0.25)
    page = open_page()
    ask(page, "慢")
    for step in ("正在理解问题", "查找规定", "组织回答", "逐句核对"):
        expect(page.locator("#status")).to_contain_text(step)
    settled(page, 2)
    expect(page.locator("#status")).to_be_empty()


def test_sentences_appear_before_the_message_is_complete(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, "你好")
    settled(page, 2)
    desk.emit("sentence", {"turn_id": "trn_9", "index": 0, "text": "第一句。[1]"})
    draft = page.locator(".entry[aria-busy=true]")
    expect(draft.locator(".words")).to_have_text("第一句。1")
    expect(draft.locator("button.cite")).to_have_count(0)
    desk.add("bot", "第一句。[1]第二句。", [citation(1, "a", "说明")])
    settled(page, 3)
    assert words(page)[-1] == "第一句。1第二句。"


def test_a_reload_resumes_the_conversation(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, ASKED)
    settled(page, 2)
    before = words(page)
    page.reload()
    settled(page, 2)
    assert words(page) == before
    expect(page.locator("#chips button")).to_have_text(["转人工"])
    assert len(desk.conversations) == 1
    ask(page, "谢谢")
    settled(page, 4)


def test_a_new_conversation_is_asked_for_and_starts_empty(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, "你好")
    settled(page, 2)
    page.click("#new")
    page.get_by_role("button", name="继续当前对话").click()
    settled(page, 2)
    page.click("#new")
    page.get_by_role("button", name="开始新对话").click()
    settled(page, 0)
    expect(page.locator(".starter")).to_have_text(STARTERS)
    assert len(desk.conversations) == 2


def test_an_expired_conversation_is_replaced_on_reload(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, "你好")
    settled(page, 2)
    desk.conversations.clear()
    page.reload()
    expect(page.locator(".starter")).to_have_text(STARTERS)
    ask(page, "还在吗")
    settled(page, 2)


def test_a_restart_of_the_server_loses_and_repeats_nothing(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, ASKED)
    settled(page, 2)
    seen = len(desk.newest.events)
    desk.stop()
    desk.add("bot", "断线时的第一条")
    desk.add("bot", "断线时的第二条")
    expect(page.locator("#connection")).to_contain_text("正在重连")
    ask(page, "断线时我说的话")
    expect(page.locator(".entry.failed")).to_contain_text("未送达")
    desk.start()
    settled(page, 6)
    assert words(page)[2:] == ["断线时的第一条", "断线时的第二条", "断线时我说的话", "好的，已经收到。"]
    assert desk.followed[-1] >= seen, "resumed from the last offset, not from the beginning"
    expect(page.locator("#connection")).to_be_hidden()


def test_a_message_whose_answer_was_lost_is_stored_once(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    desk.lose_answers = 1
    ask(page, "只说一次")
    settled(page, 2)
    page.reload()
    settled(page, 2)
    assert len({post["client_key"] for post in desk.posts}) == 1
    assert [message["author"] for message in desk.newest.messages] == ["shopper", "bot"]


def test_an_unsent_message_survives_a_reload_with_its_key(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    # Twice: the stream may connect after the first refusal, and a connected stream sends again at once.
    desk.refusals = [(503, {}, {"code": "configuration", "detail": "", "data": {}}) for _ in range(2)]
    ask(page, "留着这句")
    expect(page.locator(".entry.failed")).to_contain_text("重试")
    page.reload()
    settled(page, 2)
    assert words(page)[0] == "留着这句"
    assert len({post["client_key"] for post in desk.posts}) == 1
    assert len(desk.posts) >= 2


def test_too_many_messages_wait_as_long_as_the_service_says(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    desk.refusals = [(429, {"Retry-After": "1"}, {"code": "too_many_requests", "detail": "", "data": {}})]
    ask(page, "太快了")
    expect(page.locator(".delivery")).to_contain_text("1 秒后自动重试")
    settled(page, 2)


def test_a_refused_message_tells_why_and_can_be_deleted(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    desk.refusals = [(422, {}, {"code": "invalid_input", "detail": "The message holds a NUL.", "data": {}})]
    ask(page, "坏消息")
    expect(page.locator(".entry.failed")).to_contain_text("The message holds a NUL.")
    ask(page, "好消息")
    settled_after = page.locator(".entry[data-id]")
    expect(settled_after).to_have_count(2)
    page.get_by_role("button", name="删除").click()
    settled(page, 2)
    assert [post["text"] for post in desk.posts] == ["坏消息", "好消息"]


def test_markup_is_shown_literally_wherever_it_comes_from(open_page: Opener, desk: FakeDesk) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    desk.answers[attack] = Answer([attack + "[1]"], [citation(1, "x", attack, section=attack)], suggestions=[attack])
    desk.sources["x"] = desk.sources["rule#18"] | {"title": attack, "section": attack, "text": attack}
    page = open_page()
    ask(page, attack)
    settled(page, 2)
    page.locator("button.cite").click()
    expect(page.locator(".clause-text")).to_have_text(attack)
    desk.add("operator", attack)
    settled(page, 3)
    assert words(page) == [attack, attack + "1", attack]
    assert page.locator("#app img, #app script, #sources img, #sources script").count() == 0
    assert "owned" not in page.title()


def test_a_handoff_shows_the_place_in_the_queue_until_a_person_answers(open_page: Opener, desk: FakeDesk) -> None:
    desk.answers["转人工"] = Answer(["已为您排队等人工客服。"], queue=3)
    page = open_page()
    ask(page, "转人工")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("人工客服即将接手，前面还有 2 位")
    ask(page, "我补充一句")
    expect(page.locator("#status")).to_be_empty()
    page.reload()
    expect(banner).to_contain_text("前面还有 2 位")
    desk.emit("handoff", {"id": "hnd_1", "reason": "customer_request", "position": 1})
    expect(banner).to_contain_text("下一位就是您")
    desk.add("operator", "您好，我是小周。")
    expect(page.locator(".entry.operator")).to_contain_text("人工客服")
    expect(page.locator(".entry.operator")).not_to_contain_text("AI")
    expect(banner).to_contain_text("人工客服正在为您服务")
    desk.newest.owner = "bot"
    ask(page, "还有个问题")
    expect(banner).to_be_hidden()


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_has_no_sideways_scroll_and_opens_sources_as_a_sheet(
    open_page: Opener, desk: FakeDesk, width: int
) -> None:
    address = "很长的网址 https://example.test/" + "a" * 300 + "。[1]"
    desk.answers["长"] = Answer([address], COMPLETE.citations[:1], ["很长的建议" * 20])
    page = open_page(width=width, height=780, has_touch=True)
    ask(page, "b" * 300)
    ask(page, "长")
    settled(page, 4)
    within = "[...root.querySelectorAll('*')].every(n => n.getBoundingClientRect().right <= innerWidth + 1)"
    assert inside(page, within)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("button.cite").click()
    sheet = page.locator("#sources")
    expect(sheet).to_have_attribute("aria-modal", "true")
    assert inside(page, "root.getElementById('app').inert")
    page.locator("#scrim").click(position={"x": 10, "y": 10})
    expect(sheet).to_be_hidden()
    assert not inside(page, "root.getElementById('app').inert")


def test_the_newest_message_stays_in_view_until_the_reader_scrolls_up(open_page: Opener, desk: FakeDesk) -> None:
    desk.answers["转人工"] = Answer(["已为您排队等人工客服。"], queue=3)
    page = open_page(width=390, height=600)
    for number in range(1, 4):
        ask(page, ASKED)
        settled(page, 2 * number)
    ask(page, "转人工")
    expect(page.locator("#banner")).to_be_visible()
    newest = page.locator(".entry").last
    expect(newest).to_be_in_viewport(ratio=1)
    expect(page.locator("#to-end")).to_be_hidden()
    # The browser may report a scroll after the column grew and before the page heard that it did.
    inside(
        page,
        """[root.querySelector('.entry .words').style.setProperty('padding-top', '400px'),
            root.getElementById('scroll').dispatchEvent(new Event('scroll'))]""",
    )
    page.wait_for_timeout(100)
    expect(newest).to_be_in_viewport(ratio=1)
    page.locator(".entry").first.scroll_into_view_if_needed()
    expect(page.locator("#to-end")).to_be_visible()
    desk.add("operator", "您好。")
    settled(page, 9)
    expect(newest).not_to_be_in_viewport()
    page.click("#to-end")
    expect(newest).to_be_in_viewport(ratio=1)


def test_a_marker_never_starts_a_line(open_page: Opener, desk: FakeDesk) -> None:
    desk.answers["满"] = Answer(["满" * count + "[1][1]\n" for count in range(10, 50)], [citation(1, "a", "说明")])
    page = open_page(width=390, height=780)
    ask(page, "满")
    settled(page, 2)
    # A marker at the start of a line has the left edge of the words; the character before it takes at least 10 px.
    left = "root.querySelector('.bot .words').getBoundingClientRect().left"
    starts = f"[...root.querySelectorAll('button.cite')].filter(one => one.getBoundingClientRect().left < {left} + 10)"
    assert inside(page, f"{starts}.length") == 0


def test_enter_that_ends_a_composition_does_not_send(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    page.fill("#text", "tui")
    press = "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true, isComposing: true})"
    inside(page, f"root.getElementById('text').dispatchEvent({press})")
    page.press("#text", "Shift+Enter")
    assert page.input_value("#text") == "tui\n"
    assert not desk.posts
    page.press("#text", "Enter")
    settled(page, 2)


def test_the_limit_counts_characters_not_utf16_units(open_page: Opener, desk: FakeDesk) -> None:
    page = open_page()
    page.fill("#text", "𠮷" * 2000)
    expect(page.locator("#count")).to_have_text("2000 / 2000")
    expect(page.locator("#send")).to_be_enabled()
    page.fill("#text", "字" * 2003)
    expect(page.locator("#count")).to_contain_text("超出 3 字")
    expect(page.locator("#send")).to_be_disabled()
    page.press("#text", "Enter")
    assert not desk.posts


def test_the_interface_speaks_english_on_request_and_keeps_the_shops_words(open_page: Opener) -> None:
    page = open_page("?lang=zh")
    ask(page, ASKED)
    settled(page, 2)
    page.click("#language")
    expect(page.locator(".entry.bot")).to_contain_text("AI-generated")
    expect(page.locator(".source").first).to_contain_text("Article 18")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert words(page)[0] == ASKED
    assert not re.search(r"\{\w+\}", page.inner_text("#lc"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_enough_contrast(open_page: Opener, desk: FakeDesk, theme: str) -> None:
    desk.answers["转人工"] = Answer(["已为您排队。"], queue=2)
    page = open_page(f"?theme={theme}", reduced_motion="reduce")
    assert inside(page, "root.getElementById('lc').dataset.theme") == theme
    ask(page, ASKED)
    settled(page, 2)
    page.locator("button.cite").first.click()
    ask(page, "转人工")
    desk_said = page.locator("#banner")
    expect(desk_said).to_be_visible()
    desk.add("operator", "您好。")
    settled(page, 5)
    page.wait_for_timeout(50)
    assert low_contrast(page) == []
