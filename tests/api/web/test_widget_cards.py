"""Facts beside the words: what each card shows, to the eye and to a screen reader."""

import pytest
from playwright.sync_api import expect

from tests.api.browsing import ask, inside, low_contrast, settled
from tests.api.fake_desk import Answer, FakeDesk
from tests.api.web.widget_kit import COMPARISON, ORDER, POLICY, PRICES, PRODUCT, Opener, dumped

pytestmark = pytest.mark.browser

ALL = dumped(ORDER, PRODUCT, COMPARISON, POLICY, PRICES)


@pytest.fixture(autouse=True)
def _answers(desk: FakeDesk) -> None:
    desk.answers["看卡片"] = Answer(["都在下面。"], cards=ALL)
    desk.answers["看对比"] = Answer(["差别在重量和承重。"], cards=dumped(COMPARISON))


def test_an_order_shows_items_state_courier_and_its_newest_step_first(visit: Opener) -> None:
    page = visit()
    ask(page, "看卡片")
    settled(page, 2)
    card = page.locator(".order-card")
    for shown in ("订单 O20260501", "已发货", "晴野纪折叠椅高背款", "军绿", "×2", "¥298", "¥317.90",
                  "顺途快递 · 运输中",
                  "ST7712009", "5月5日", "退款 ¥19.90 处理中"):  # fmt: skip
        expect(card).to_contain_text(shown)
    expect(card.locator(".timeline li")).to_have_count(3)
    expect(card.locator(".timeline li").first).to_contain_text("第4站")
    card.get_by_role("button", name="展开更早的 2 条").click()
    expect(card.locator(".timeline li")).to_have_count(5)
    expect(card.locator(".timeline li").last).to_contain_text("已揽收")
    expect(card.locator(".timeline li").nth(3)).to_be_focused()


def test_times_are_those_of_the_shop_wherever_the_shopper_is(visit: Opener) -> None:
    page = visit(timezone_id="America/New_York")
    ask(page, "看卡片")
    settled(page, 2)
    expect(page.locator(".order-card .card-facts")).to_contain_text("12:05")  # 04:05 UTC
    expect(page.locator(".policy-card")).to_contain_text("5月11日 23:59")


def test_a_product_tells_price_offer_and_facts(visit: Opener) -> None:
    page = visit()
    ask(page, "看卡片")
    settled(page, 2)
    card = page.locator(".product-card")
    for shown in ("晴野纪速开帐篷", "¥359", "原价 ¥399", "露营季特惠", "有货", "参数6"):
        expect(card).to_contain_text(shown)
    expect(card.get_by_text("值9")).to_be_hidden()
    card.get_by_text("展开其余 3 项").click()
    expect(card.get_by_text("值9")).to_be_visible()


def test_a_comparison_is_a_table_with_headers_and_its_differences_stand_out(visit: Opener) -> None:
    page = visit(width=390, height=780)
    ask(page, "看对比")
    settled(page, 2)
    table = page.get_by_role("table", name="商品对比")
    expect(table.get_by_role("columnheader")).to_have_count(5)
    expect(table.get_by_role("rowheader")).to_have_text(["现价 不同", "重量 不同", "承重 不同", "材质"])
    expect(table.locator("tr.differs td").first).to_have_text("¥129")
    expect(table.locator(".not-stated")).to_have_text("未标注")
    scroller = "root.querySelector('.table-scroll')"
    assert inside(page, f"{scroller}.scrollWidth > {scroller}.clientWidth")
    assert inside(page, "root.getElementById('scroll').scrollWidth <= root.getElementById('scroll').clientWidth")
    expect(page.locator(".table-hint")).to_be_visible()
    page.locator(".table-scroll").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "document.querySelector('livecrew-desk').shadowRoot.querySelector('.table-scroll').scrollLeft > 0"
    )
    page.get_by_role("button", name="只看不同").click()
    expect(table.get_by_role("rowheader", name="材质")).to_be_hidden()


def test_a_policy_tells_result_deadline_and_grounds(visit: Opener) -> None:
    page = visit()
    ask(page, "看卡片")
    settled(page, 2)
    card = page.get_by_role("region", name="七日无理由退货")
    for shown in ("可以", "退回运费由您承担。", "最晚", "七日无理由退货办法 第十条", "店铺售后说明 第二节"):
        expect(card).to_contain_text(shown)


def test_a_price_chart_says_in_words_what_it_draws(visit: Opener) -> None:
    page = visit()
    ask(page, "看卡片")
    settled(page, 2)
    chart = page.locator(".price-card").get_by_role("img")
    expect(chart).to_have_accessible_name(
        "晴野纪折叠椅轻量款 近 90 天标价在 ¥149 到 ¥169 之间，最近一次为 ¥149；含公开活动的最低价 ¥139。"
    )
    page.get_by_text("按日期查看标价").click()
    expect(page.locator(".price-table tbody tr")).to_have_count(3)
    expect(page.locator(".price-table tbody tr").last).to_contain_text("¥149")


def test_cards_speak_english_and_come_back_after_a_reload(visit: Opener) -> None:
    page = visit()
    ask(page, "看卡片")
    settled(page, 2)
    page.click("#language")
    for shown in ("Order O20260501", "Shipped", "Progress"):
        expect(page.locator(".order-card")).to_contain_text(shown)
    expect(page.get_by_role("table", name="Comparison")).to_be_visible()
    page.reload()
    page.click("#launcher")
    settled(page, 2)
    expect(page.locator(".cards > .card")).to_have_count(5)
    expect(page.locator(".order-card")).to_contain_text("Shipped")


def test_a_card_of_a_kind_not_known_yet_leaves_the_words(visit: Opener, desk: FakeDesk) -> None:
    desk.answers["新"] = Answer(["有一句话。"], cards=[{"kind": "hologram"}, *dumped(POLICY)])
    page = visit()
    ask(page, "新")
    settled(page, 2)
    expect(page.locator(".entry.bot .words")).to_have_text("有一句话。")
    expect(page.locator(".cards > .card")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_of_a_card_has_enough_contrast(visit: Opener, theme: str) -> None:
    page = visit(color_scheme=theme, reduced_motion="reduce")
    ask(page, "看卡片")
    settled(page, 2)
    page.get_by_role("button", name="解决了", exact=True).click()
    assert low_contrast(page) == []
