"""The operators' desk in headless Chromium, on the real service: nobody loses, nobody is told a lie."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from agents.conversations.attachments import attach
from agents.conversations.pictures import Picture
from agents.conversations.service import accept_message
from agents.handoff import audit
from agents.handoff.reasons import HandoffReason
from agents.handoff.views import Actor
from agents.support.gate import Answerability
from api.auth import operators
from api.settings import ApiSettings
from knowledge.kit import jobs
from knowledge.kit.clock import SystemClock
from knowledge.kit.db import Scope
from tests.api.console.desk_kit import People, Waiting
from tests.api.console.running import PASSWORD, Running, running
from tests.support.desk import TWO_ANSWERS, Desk, faq
from tests.support.gates import set_verdict
from tests.support.servers import Cluster
from tests.support.serving import with_stand_ins

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    urls = cluster.clone("console_desk")
    with pytest.MonkeyPatch.context() as patch:
        with_stand_ins(patch)
        set_verdict(patch, Answerability("answer"))
        patch.setattr(jobs, "_POLL_S", 0.2)
        with running(tmp_path_factory.mktemp("desk"), urls, ApiSettings()) as found:
            yield found
    cluster.drop("console_desk")


def said(page: Page, text: str) -> None:
    expect(page.locator(".q-notification", has_text=text).first).to_be_visible()


def composer(page: Page) -> None:
    expect(page.locator(".lc-composer textarea")).to_be_visible()


def write(page: Page, text: str) -> None:
    page.locator(".lc-composer textarea").fill(text)
    page.locator(".lc-composer textarea").press("Enter")


def tell_why(page: Page, why: str) -> None:
    dialog = page.get_by_role("dialog", name="显示被隐去的个人信息")
    dialog.get_by_label("原因").fill(why)
    dialog.get_by_role("button", name="显示").click()


def until(page: Page, true: Callable[[], bool]) -> None:
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It never came true.")


def test_from_the_wish_for_a_person_to_the_bot_again(people: People, server: Running) -> None:
    who = server.account("operator")
    desk = Desk(server.services.database, who.shop_id, server.services.retriever._embedder, SystemClock())
    server.do(desk.ingest(faq("faq-0", TWO_ANSWERS)))
    Waiting(server, who.shop_id)
    page = people.at_desk(who)
    shopper = people.shopper(who.shop_id, "转人工，我的电话是13812345678")
    expect(shopper.locator("#banner")).to_contain_text("下一位就是您")
    item = page.locator(".lc-item")
    expect(item).to_contain_text("[手机号]")
    assert "13812345678" not in page.content()
    page.get_by_role("button", name="领取下一个").click()
    composer(page)
    expect(shopper.locator("#banner")).to_contain_text("人工客服 小周 正在为您服务")
    shopper.reload()
    expect(shopper.locator("#banner")).to_contain_text("人工客服 小周 正在为您服务")
    expect(page.locator(".lc-desk-thread")).to_contain_text("[手机号]")
    write(page, "您好，我是小周。")
    expect(shopper.locator(".entry.operator")).to_contain_text("我是小周")
    expect(page.locator(".lc-composer textarea")).to_have_value("")
    shopper.fill("#text", "快一点，谢谢")
    shopper.press("#text", "Enter")
    expect(page.locator(".lc-message.shopper", has_text="快一点，谢谢")).to_be_visible()
    expect(page.locator(".lc-sla")).to_contain_text("待回复")
    page.get_by_role("button", name="已解决").click()
    page.locator(".lc-dialog").get_by_role("button", name="已解决").click()
    expect(page.locator(".lc-item")).to_have_count(0)
    expect(shopper.locator("#banner")).to_be_hidden()
    expect(shopper.locator("#log")).to_contain_text("接下来由 AI 客服为您服务")
    question, answer = next(iter(TWO_ANSWERS.items()))
    shopper.fill("#text", question)
    shopper.press("#text", "Enter")
    expect(shopper.locator(".entry.bot").last).to_contain_text(answer)


def test_of_two_who_claim_the_same_one_gets_it_and_the_other_reads_who(people: People, server: Running) -> None:
    first = server.account("operator")
    second = server.account("operator", shop_id=first.shop_id)
    waiting = Waiting(server, first.shop_id)
    handoff_id = waiting.enqueue()
    pages = [people.at_desk(who, f"/desk?id={handoff_id}") for who in (first, second)]
    buttons = [page.get_by_role("button", name="领取", exact=True) for page in pages]
    for button in buttons:
        expect(button).to_be_visible()
    for page in pages:  # both clicks are on their way before either is answered
        page.evaluate("[...document.querySelectorAll('.lc-desk-invitation button')].at(-1).click()")
    holder = waiting.read(handoff_id).claimed_by
    while holder is None:
        pages[0].wait_for_timeout(50)
        holder = waiting.read(handoff_id).claimed_by
    winner, loser = (0, 1) if holder == first.operator_id else (1, 0)
    composer(pages[winner])
    expect(pages[loser].locator(".lc-desk-foot")).to_contain_text("小周 处理中")
    expect(pages[loser].locator(".lc-composer")).to_have_count(0)
    assert waiting.read(handoff_id).fence == 1


def test_a_claim_that_was_taken_away_is_told_at_once_and_keeps_the_words(people: People, server: Running) -> None:
    who = server.account("operator")
    chief = server.account("supervisor", shop_id=who.shop_id)
    waiting = Waiting(server, who.shop_id)
    handoff_id = waiting.enqueue()
    page = people.at_desk(who)
    page.get_by_role("button", name="领取下一个").click()
    composer(page)
    page.locator(".lc-composer textarea").fill("还没写完的回复")
    other = people.at_desk(chief, f"/desk?id={handoff_id}")
    other.get_by_role("button", name="接管").click()
    composer(other)
    expect(page.locator(".lc-desk-lost")).to_contain_text("现在由 小周 处理")
    expect(page.locator(".lc-composer")).to_have_count(0)
    actor = Actor(chief.operator_id, kind="supervisor")
    server.do(waiting.queue.release(who.shop_id, handoff_id, actor, waiting.read(handoff_id).fence))
    page.get_by_role("button", name="领取", exact=True).click()
    expect(page.locator(".lc-composer textarea")).to_have_value("还没写完的回复")
    expect(page.locator(".lc-desk-lost")).to_be_hidden()


def test_an_act_under_a_stale_fence_does_nothing_and_says_who_has_it(people: People, server: Running) -> None:
    """Without the event: the page believes it still holds the handoff, the fence knows better."""
    who = server.account("operator")
    waiting = Waiting(server, who.shop_id)
    handoff_id = waiting.enqueue()
    page = people.at_desk(who)
    page.get_by_role("button", name="领取下一个").click()
    composer(page)
    words = page.locator(".lc-composer textarea")
    words.fill("这句不能发出去")
    server.within(
        who.shop_id,
        lambda scope: scope.run(
            "update handoffs set claimed_by = 'opr_else', fence = fence + 1 where id = :id", id=handoff_id
        ),
    )
    words.press("Enter")  # at once: the sweep takes work from operators who are not there within a second
    said(page, "你的操作没有生效")
    expect(page.locator(".lc-desk-lost")).to_contain_text("opr_else")
    row = server.within(
        who.shop_id, lambda scope: scope.one("select count(*) as n from messages where author = 'operator'")
    )
    assert row.n == 0


def test_a_sign_in_that_ends_leaves_the_desk_and_gives_back_what_was_held(people: People, server: Running) -> None:
    who = server.account("operator", shop_id=server.account().shop_id)
    waiting = Waiting(server, who.shop_id)
    handoff_id = waiting.enqueue()
    page = people.at_desk(who)
    page.get_by_role("button", name="领取下一个").click()
    composer(page)
    server.within(
        who.shop_id, lambda scope: operators.change_operator(scope, who.operator_id, name="小周", roles=["host"])
    )
    expect(page.locator(".problem")).to_contain_text("登录已失效")
    until(page, lambda: waiting.read(handoff_id).state == "queued")
    assert waiting.operators(who) == "offline"


def test_signing_out_in_one_tab_ends_the_others_of_that_browser(people: People, server: Running) -> None:
    who = server.account("operator")
    waiting = Waiting(server, who.shop_id)
    elsewhere = people.page()
    elsewhere.goto(f"{server.url}/console/login")
    elsewhere.fill("[name=login]", who.login)
    elsewhere.fill("[name=password]", PASSWORD)
    elsewhere.press("[name=password]", "Enter")
    expect(elsewhere.locator(".lc-title")).to_be_visible()
    desk = elsewhere.context.new_page()
    desk.goto(f"{server.url}/console/desk")
    expect(desk.locator(".lc-status")).to_be_visible()
    until(desk, lambda: waiting.operators(who) == "online")
    elsewhere.get_by_role("button", name="退出").click()
    expect(desk.locator("h1")).to_have_text("登录")
    until(desk, lambda: waiting.operators(who) == "offline")


def test_hosts_and_merchandisers_see_the_work_of_their_own_agents_only(people: People, server: Running) -> None:
    host = server.account("host")
    waiting = Waiting(server, host.shop_id)
    waiting.enqueue("顾客的话")
    line = waiting.enqueue("这句话术没通过核对", reason=HandoffReason.LINE_HOLD, origin="narration")
    page = people.at_desk(host)
    expect(page.locator(".lc-item")).to_have_count(1)
    expect(page.locator(".lc-item")).to_contain_text("这句话术没通过核对")
    page.get_by_role("button", name="领取下一个").click()
    expect(page.get_by_role("button", name="已解决")).to_be_visible()
    assert waiting.read(line).claimed_by == host.operator_id
    page.goto(f"{server.url}/console/supervise")
    expect(page.locator(".lc-empty")).to_contain_text("看不到这一页")


def test_the_packet_its_suggestion_and_the_audited_look_at_personal_data(people: People, server: Running) -> None:
    who = server.account("supervisor")
    waiting = Waiting(server, who.shop_id)
    handoff_id = waiting.enqueue(
        "请打13812345678给我", suggestion={"text": "您好，运费由我们承担。"}, order_ids=["A1"],
        risks=[{"where": "said", "kind": "guarantee", "span": "保证今天到"}], slots={"courier": "顺丰"},
    )  # fmt: skip
    page = people.at_desk(who)
    page.get_by_role("button", name="领取下一个").click()
    packet = page.locator(".lc-desk-packet")
    expect(packet).to_contain_text("请打[手机号]给我")
    expect(packet).to_contain_text("顺丰")
    expect(packet).to_contain_text("保证今天到")
    page.get_by_role("button", name="填入输入框").click()
    expect(page.locator(".lc-composer textarea")).to_have_value("您好，运费由我们承担。")
    assert waiting.read(handoff_id).first_reply_at is None
    page.get_by_role("button", name="显示被隐去的个人信息").click()
    tell_why(page, "核对收货人")
    expect(packet).to_contain_text("13812345678")
    lines = server.within(who.shop_id, lambda scope: audit.entries(scope, handoff_id=handoff_id))
    assert [(one.action, one.order_ids) for one in lines][-1] == ("revealed", ("A1",))
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".lc-message.operator")).to_contain_text("运费由我们承担")


def test_the_desk_is_worked_by_keys_alone(people: People, server: Running) -> None:
    who = server.account("operator")
    waiting = Waiting(server, who.shop_id)
    urgent = waiting.enqueue("孩子起了红疹", reason=HandoffReason.SAFETY)
    waiting.enqueue("想找人工")
    page = people.at_desk(who)
    rows = page.get_by_role("listbox", name="队列").get_by_role("option")
    expect(rows).to_have_count(2)
    page.keyboard.press("j")
    expect(rows.nth(0)).to_have_attribute("aria-selected", "true")
    expect(page.locator(".lc-packet-ask")).to_have_text("孩子起了红疹")
    page.keyboard.press("j")
    expect(page.locator(".lc-packet-ask")).to_have_text("想找人工")
    page.keyboard.press("k")
    expect(page.locator(".lc-packet-ask")).to_have_text("孩子起了红疹")
    page.keyboard.press("c")
    composer(page)
    assert waiting.read(urgent).claimed_by == who.operator_id
    page.keyboard.press("r")
    page.keyboard.type("请先停用，jkcen 都只是字。")
    page.keyboard.press("Enter")
    expect(page.locator(".lc-message.operator")).to_contain_text("jkcen 都只是字")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="内部备注")
    dialog.get_by_label("备注").fill("已联系品控")
    dialog.get_by_role("button", name="保存备注").click()
    expect(page.locator(".lc-note")).to_contain_text("已联系品控")
    expect(dialog).to_have_count(0)
    page.keyboard.press("e")
    page.get_by_role("dialog", name="升级").get_by_role("button", name="升级").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_contain_text("领取下一个")


def test_leaving_the_desk_is_leaving_the_queue(people: People, server: Running) -> None:
    who = server.account("operator")
    waiting = Waiting(server, who.shop_id)
    page = people.at_desk(who)
    until(page, lambda: waiting.operators(who) == "online")
    page.locator(".lc-status").click()
    page.get_by_role("option", name="忙碌").click()
    until(page, lambda: waiting.operators(who) == "away")
    handoff_id = waiting.enqueue()
    page.get_by_role("button", name="领取下一个").click()
    said(page, "不在线")
    page.locator(".lc-status").click()
    page.get_by_role("option", name="在线").click()
    until(page, lambda: waiting.operators(who) == "online")
    page.get_by_role("button", name="领取下一个").click()
    composer(page)
    page.locator(".lc-status").click()
    page.get_by_role("option", name="离线").click()
    until(page, lambda: waiting.read(handoff_id).state == "queued")
    expect(page.locator(".lc-composer")).to_have_count(0)


def test_a_supervisor_pushes_work_and_answers_a_burst_once(people: People, server: Running) -> None:
    chief = server.account("supervisor")
    who = server.account("operator", shop_id=chief.shop_id)
    waiting = Waiting(server, chief.shop_id)
    desk = people.at_desk(who)
    made = [waiting.enqueue(f"快递不动了 {n}", reason=HandoffReason.COMPLAINT, intents=["logistics"]) for n in range(3)]
    page = people.at_desk(chief, "/supervise")
    expect(page.locator(".lc-watch-row")).to_have_count(3)
    page.locator(f"[data-handoff={made[0]}]").get_by_role("button", name="指派").click()
    page.get_by_role("dialog", name="指派给").get_by_role("button", name="小周").click()
    expect(desk.locator(".lc-item", has_text="我处理中")).to_be_visible()
    page.get_by_role("button", name="并为一个事件").click()
    page.get_by_role("button", name="建立").click()
    page.get_by_role("button", name="写统一答复").click()
    page.get_by_label("答复", exact=True).fill("快递因天气延误，预计后天送达。")
    page.get_by_role("button", name="生成草稿").click()
    expect(page.locator(".lc-badge", has_text="3 条待发送")).to_be_visible()
    page.get_by_role("button", name="逐条发送").click()
    page.get_by_role("dialog").get_by_role("button", name="发送", exact=True).click()
    said(page, "已发送 2 条，1 条在其他坐席手上")
    assert [waiting.read(one).state for one in made] == ["claimed", "resolved", "resolved"]
    desk.locator(".lc-item", has_text="我处理中").click()
    desk.get_by_role("button", name="发送这条答复").click()
    expect(desk.locator(".lc-message.operator")).to_contain_text("预计后天送达")
    expect(page.locator(".lc-badge", has_text="3 条已发送")).to_be_visible()


def test_canned_replies_are_written_by_supervisors_and_sent_by_hand(people: People, server: Running) -> None:
    chief = server.account("supervisor")
    waiting = Waiting(server, chief.shop_id)
    handoff_id = waiting.enqueue()
    page = people.at_desk(chief)
    page.get_by_role("button", name="编辑常用语").click()
    dialog = page.get_by_role("dialog", name="编辑常用语")
    dialog.get_by_label("名称").first.fill("开场")
    dialog.get_by_label("内容").first.fill("您好，这里是晴野小店。")
    dialog.get_by_role("button", name="保存").click()
    said(page, "常用语已保存")
    page.get_by_role("button", name="领取下一个").click()
    composer(page)
    page.get_by_role("button", name="常用语", exact=True).click()
    page.locator(".lc-canned-item", has_text="开场").click()
    expect(page.locator(".lc-composer textarea")).to_have_value("您好，这里是晴野小店。")
    assert waiting.read(handoff_id).first_reply_at is None


def test_a_phone_shows_one_pane_at_a_time(people: People, server: Running) -> None:
    who = server.account("operator")
    Waiting(server, who.shop_id).enqueue("想找人工")
    page = people.at_desk(who, width=390, dark=True)
    page.locator(".lc-item").click()
    expect(page.locator(".lc-item")).to_be_hidden()
    page.get_by_role("button", name="资料").click()
    expect(page.locator(".lc-packet-ask")).to_be_visible()
    page.get_by_role("button", name="队列").click()
    expect(page.locator(".lc-item")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_picture_is_shown_to_this_shops_desk_and_to_nobody_else(people: People, server: Running) -> None:
    who = server.account("operator")
    waiting = Waiting(server, who.shop_id)
    handoff_id = waiting.enqueue()
    subject = waiting.read(handoff_id).subject_id
    page = people.at_desk(who, f"/desk?id={handoff_id}")
    expect(page.get_by_role("button", name="领取", exact=True)).to_be_visible()
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")

    async def send(scope: Scope) -> str:
        found = await attach(scope, subject, Picture("image/png", 40, 30, drawn.getvalue()))
        await accept_message(scope, subject, "", None, [found.id])
        return found.id

    attachment_id = server.within(who.shop_id, send)
    picture = page.locator(".lc-pictures img")
    expect(picture).to_be_visible()
    until(page, lambda: bool(picture.evaluate("one => one.naturalWidth === 40")))
    strangers = (server.account("admin"), server.account("host", shop_id=who.shop_id))
    for stranger, status in zip(strangers, (404, 403), strict=True):
        other = people.at_desk(stranger, "/account")
        assert other.request.get(f"{server.url}/console/picture/{attachment_id}").status == status
