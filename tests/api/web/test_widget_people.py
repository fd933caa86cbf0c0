"""When a person takes over, leaves again, and what the shopper thinks of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.api.browsing import ask, low_contrast, settled
from tests.api.fake_desk import Answer, FakeDesk, citation
from tests.api.web.widget_kit import Opener

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _answers(desk: FakeDesk) -> None:
    desk.answers["转人工"] = Answer(["已为您排队等人工客服。"], queue=3, wait_s=230)
    desk.answers["运费"] = Answer(["运费由您承担。[1]"], [citation(1, "rule#18", "退货办法")])


def test_joining_tells_place_and_wait_until_a_person_is_there_and_has_left(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "转人工")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("前面还有 2 位")
    expect(banner).to_contain_text("预计等待约 4 分钟")
    page.reload()
    page.click("#launcher")
    expect(banner).to_contain_text("预计等待约 4 分钟")
    desk.emit("handoff", {"id": "hnd_1", "reason": "customer_request", "position": 1, "expected_wait_s": 20})
    expect(banner).to_contain_text("下一位就是您")
    expect(banner).to_contain_text("预计等待不到 1 分钟")
    desk.add("operator", "您好，我是小周。")
    expect(banner).to_contain_text("人工客服正在为您服务")
    said = page.get_by_role("article").filter(has_text="我是小周")
    expect(said).to_contain_text("人工客服")
    expect(said).not_to_contain_text("AI")
    expect(page.locator("#text")).to_have_attribute("placeholder", "给人工客服发消息…")
    expect(page.locator(".small-print")).to_contain_text("正在与人工客服对话")
    desk.emit("owner", {"owner": "bot"})
    expect(banner).to_be_hidden()
    expect(page.locator("#log")).to_contain_text("接下来由 AI 客服为您服务")
    expect(page.locator(".small-print")).to_contain_text("回答由 AI 生成")
    expect(page.get_by_role("form", name="请为这次服务打分")).to_be_visible()


def test_outside_service_hours_it_tells_when_people_are_back(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "转人工")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("预计等待约 4 分钟")
    told = {"id": "hnd_1", "reason": "customer_request", "position": 1, "expected_wait_s": 180}
    desk.emit("handoff", {**told, "opens_in_s": 7200})
    expect(banner).to_contain_text(re.compile(r"现在不在人工服务时间，\d\d:\d\d 开始服务"))
    desk.emit("handoff", {**told, "opens_in_s": 0})
    expect(banner).to_contain_text("预计等待约 3 分钟")


def test_a_person_who_is_already_there_is_shown_after_a_reload(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "转人工")
    expect(page.locator("#banner")).to_be_visible()
    assert desk.newest.handoff
    desk.newest.handoff |= {"state": "claimed", "position": 0, "operator_name": "小李"}
    page.reload()
    page.click("#launcher")
    expect(page.locator("#banner")).to_contain_text("人工客服 小李 正在为您服务")


def test_a_colleague_who_takes_over_is_named(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "转人工")
    expect(page.locator("#banner")).to_contain_text("前面还有 2 位")
    told = {"id": "hnd_1", "state": "claimed", "reason": "customer_request", "position": 0, "expected_wait_s": 0}
    for name in ("小李", "<b>小王</b>"):
        desk.emit("handoff", {**told, "operator_name": name})
        expect(page.locator("#banner")).to_contain_text(f"人工客服 {name} 正在为您服务")
    desk.emit("handoff", {**told, "state": "queued", "position": 1, "operator_name": ""})
    expect(page.locator("#banner")).to_contain_text("下一位就是您")


def test_after_an_answer_with_sources_it_asks_once_and_keeps_what_is_told(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    expect(page.locator("#rating")).to_be_hidden()
    ask(page, "运费")
    settled(page, 4)
    page.get_by_role("button", name="没解决").click()
    form = page.get_by_role("form", name="请为这次服务打分")
    expect(form.get_by_role("radio", name="没解决")).to_be_checked()
    expect(form.get_by_role("button", name="提交评价")).to_be_disabled()
    form.get_by_role("radio", name="2 分，不满意").check()
    form.get_by_role("textbox", name="想补充的话").fill("没说到重点")
    form.get_by_role("button", name="提交评价").click()
    expect(page.locator("#rating")).to_contain_text("感谢评价：2 分")
    assert desk.newest.rating == {"score": 2, "solved": False, "comment": "没说到重点"}
    page.reload()
    page.click("#launcher")
    expect(page.locator("#rating")).to_contain_text("感谢评价：2 分")
    ask(page, "运费")
    settled(page, 6)
    expect(page.get_by_role("button", name="解决了", exact=True)).to_have_count(0)


def test_a_conversation_that_has_ended_asks_how_it_went(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    desk.newest.state = "closed"
    page.reload()
    page.click("#launcher")
    expect(page.locator("#connection")).to_contain_text("这段对话已结束")
    form = page.get_by_role("form", name="请为这次服务打分")
    form.get_by_role("radio", name="5 分").check()
    form.get_by_role("button", name="提交评价").click()
    expect(page.locator("#rating")).to_contain_text("感谢评价：5 分")
    assert desk.newest.rating == {"score": 5}
    page.get_by_role("button", name="开始新对话").click()
    expect(page.locator(".starter").first).to_be_visible()
    expect(page.locator("#rating")).to_be_hidden()


def test_the_steps_of_the_shops_tools_have_words(visit: Opener, desk: FakeDesk) -> None:
    page = visit()
    ask(page, "你好")
    settled(page, 2)
    told = {"order": "查询订单", "shipment": "查询物流", "product": "查看商品资料", "comparing": "逐项比较商品",
            "pricing": "核对价格与活动", "policy": "按规则计算"}  # fmt: skip
    for step, shown in told.items():
        desk.emit("status", {"turn_id": "trn_9", "step": step})
        expect(page.locator("#status")).to_have_text(shown)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_of_the_handoff_has_enough_contrast(visit: Opener, desk: FakeDesk, theme: str) -> None:
    page = visit(color_scheme=theme, reduced_motion="reduce")
    ask(page, "转人工")
    expect(page.locator("#banner")).to_be_visible()
    assert low_contrast(page) == []
    desk.add("operator", "您好。")
    settled(page, 3)
    assert low_contrast(page) == []
