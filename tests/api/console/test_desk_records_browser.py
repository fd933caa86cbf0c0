"""What the desk keeps, shows and calls: ended work, personal data, what is worth knowing, and alerts; in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from agents.conversations.service import accept_message
from agents.handoff import audit
from agents.handoff.presence import Presence
from agents.handoff.views import Actor
from api.auth.operators import SignedIn
from api.settings import ApiSettings
from tests.api.console.desk_kit import People, Waiting
from tests.api.console.running import Running, running
from tests.support.servers import Cluster
from tests.support.serving import with_stand_ins

pytestmark = pytest.mark.browser

PHONE = "13812345678"
_STUBS = """
window.called = [];
window.sounded = 0;
window.Notification = class {
  static permission = "granted";
  constructor(title, { body }) { window.called.push([title, body]); }
};
const node = () => ({ frequency: {}, gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} },
  connect: (to) => to, start: () => (window.sounded += 1), stop() {} });
window.AudioContext = class {
  state = "running"; currentTime = 0; destination = {};
  resume() {}
  createOscillator = node;
  createGain = node;
};
Object.defineProperty(document, "hidden", { get: () => true });
"""


@pytest.fixture(scope="module")
def server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    urls = cluster.clone("console_desk_records")
    with pytest.MonkeyPatch.context() as patch:
        with_stand_ins(patch)
        with running(tmp_path_factory.mktemp("records"), urls, ApiSettings()) as found:
            yield found
    cluster.drop("console_desk_records")


def served(server: Running, waiting: Waiting, who: SignedIn, *, ask: str, reply: str = "") -> str:
    """A handoff this operator took, answered and resolved."""
    handoff_id = waiting.enqueue(ask)
    subject = waiting.read(handoff_id).subject_id
    server.within(who.shop_id, lambda scope: accept_message(scope, subject, ask))
    me = Actor(who.operator_id, who.name)
    server.do(Presence(server.services.database).sign_in(who.shop_id, me.id, name=me.name))
    fence = server.do(waiting.queue.claim(who.shop_id, handoff_id, me)).fence
    if reply:
        server.do(waiting.queue.reply(who.shop_id, handoff_id, me, fence, reply, client_key="k"))
    server.do(waiting.queue.resolve(who.shop_id, handoff_id, me, fence))
    return handoff_id


def ended_tab(page: Page) -> None:
    page.get_by_role("button", name="已结束").click()


def test_what_ended_today_is_read_again_ones_own_or_as_a_supervisor_everybodys(people: People, server: Running) -> None:
    chief = server.account("supervisor")
    anna, ben = (server.account("operator", shop_id=chief.shop_id) for _ in range(2))
    waiting = Waiting(server, chief.shop_id)
    served(server, waiting, anna, ask=f"帐篷漏水，电话{PHONE}", reply="给您换一顶新的。")
    served(server, waiting, ben, ask="睡袋拉链坏了", reply="寄回来修。")
    long_ago = served(server, waiting, anna, ask="去年的事")
    server.within(
        chief.shop_id,
        lambda scope: scope.run(
            "update handoffs set resolved_at = resolved_at - interval '1 day' where id = :id", id=long_ago
        ),
    )
    page = people.at_desk(anna)
    expect(page.locator(".lc-queue-empty")).to_have_text("没有等待处理的")
    ended_tab(page)
    expect(page.locator(".lc-item")).to_have_count(1)
    expect(page.locator(".lc-item")).to_contain_text("已解决 · 小周")
    page.locator(".lc-item").click()
    thread = page.locator(".lc-desk-thread")
    expect(thread).to_contain_text("给您换一顶新的。")
    expect(thread).to_contain_text("电话[手机号]")
    expect(page.locator(".lc-composer")).to_have_count(0)
    expect(page.get_by_role("button", name="提为知识候选")).to_have_count(0)
    above = people.at_desk(chief)
    ended_tab(above)
    expect(above.locator(".lc-item")).to_have_count(2)
    expect(above.locator(".lc-item").first).to_contain_text("睡袋拉链坏了")
    expect(above.locator(".lc-age").first).to_contain_text(":")


def test_what_a_person_answered_becomes_a_candidate_from_the_desk_and_from_the_record(
    people: People, server: Running
) -> None:
    chief = server.account("supervisor")
    waiting = Waiting(server, chief.shop_id)
    handoff_id = served(server, waiting, chief, ask="帐篷可以到门店自提吗？", reply="支持门店自提，提前一天预约即可。")
    page = people.at_desk(chief, f"/desk?id={handoff_id}")
    page.get_by_role("button", name="提为知识候选").click()
    page.wait_for_url("**/console/learning?id=cnd_*")
    expect(page.get_by_label("答案", exact=True)).to_have_value("支持门店自提，提前一天预约即可。")
    made = page.url
    page.goto(f"{server.url}/console/conversation?id={waiting.read(handoff_id).subject_id}")
    page.get_by_role("button", name="提为知识候选").click()
    page.wait_for_url(made)
    silent = served(server, waiting, chief, ask="没有人答过")
    page.goto(f"{server.url}/console/conversation?id={waiting.read(silent).subject_id}")
    expect(page.get_by_role("button", name="由我来接待")).to_be_visible()
    expect(page.get_by_role("button", name="提为知识候选")).to_have_count(0)


def test_an_operator_sees_personal_data_while_they_hold_the_handoff(people: People, server: Running) -> None:
    who = server.account("operator")
    waiting = Waiting(server, who.shop_id)
    handoff_id = waiting.enqueue(f"请打{PHONE}给我")
    page = people.at_desk(who, f"/desk?id={handoff_id}")
    packet, reveal = page.locator(".lc-desk-packet"), page.get_by_role("button", name="显示被隐去的个人信息")
    expect(packet).to_contain_text("请打[手机号]给我")
    expect(reveal).to_have_count(0)
    page.get_by_role("button", name="领取", exact=True).click()
    reveal.click()
    dialog = page.get_by_role("dialog", name="显示被隐去的个人信息")
    dialog.get_by_role("button", name="显示").click()
    expect(page.locator(".q-notification")).to_be_visible()
    assert PHONE not in page.content()
    dialog.get_by_label("原因").fill("要回电核对地址")
    dialog.get_by_role("button", name="显示").click()
    expect(packet).to_contain_text(PHONE)
    lines = server.within(who.shop_id, lambda scope: audit.entries(scope, handoff_id=handoff_id))
    assert [(one.actor, "why_sha256" in one.detail) for one in lines if one.action == "revealed"] == [
        (f"operator:{who.operator_id}", True)
    ]
    page.get_by_role("button", name="放回队列").click()
    page.get_by_role("button", name="放回", exact=True).click()
    expect(packet).to_contain_text("请打[手机号]给我")
    expect(reveal).to_have_count(0)
    assert PHONE not in page.content()


def test_who_asked_for_alerts_is_called_by_sound_and_notification_and_nobody_else(
    people: People, server: Running
) -> None:
    who = server.account("operator")
    waiting = Waiting(server, who.shop_id)
    page = people.page()
    page.add_init_script(_STUBS)
    people.at_desk(who, on=page)
    waiting.enqueue(f"打{PHONE}")
    expect(page.locator(".lc-item")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="有新的待处理")).to_have_count(1)
    assert page.evaluate("[called, sounded]") == [[], 0]
    choice = page.get_by_role("button", name="开启声音与桌面提醒")
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")
    before = page.evaluate("sounded")
    waiting.enqueue("第二条")
    page.wait_for_function("called.length === 1")
    assert page.evaluate("called") == [["有新的待处理", "要求人工"]]
    assert page.evaluate("sounded") > before
    page.reload()
    expect(page.locator(".lc-status")).to_be_visible()
    expect(choice).to_have_attribute("aria-pressed", "true")
    choice.click()
    waiting.enqueue("第三条")
    expect(page.locator(".lc-item")).to_have_count(3)
    assert page.evaluate("called") == []
