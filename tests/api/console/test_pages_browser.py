"""The console in headless Chromium, on the real service."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from agents.support.gate import Answerability
from api.auth import keys, operators
from api.auth.operators import SignedIn
from api.console.guard import COOKIE
from api.settings import ApiSettings
from knowledge.documents import repository as documents
from knowledge.documents.law_cards import card_uploads
from knowledge.kit import jobs
from knowledge.kit.clock import SystemClock
from tests.api.console.running import PASSWORD, Running, running
from tests.support.desk import TWO_ANSWERS, Desk, faq
from tests.support.gates import set_verdict
from tests.support.servers import Cluster
from tests.support.serving import with_stand_ins

pytestmark = pytest.mark.browser

POLICY = "# 退货规则\n\n## 运费\n\n无理由退货的运费由买家承担。\n\n## 时限\n\n签收次日起7天内可以申请退货。\n"
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    urls = cluster.clone("console_pages")
    with pytest.MonkeyPatch.context() as patch:
        with_stand_ins(patch)
        set_verdict(patch, Answerability("answer"))
        patch.setattr(jobs, "_POLL_S", 0.2)
        patch.setattr("api.console.pages.welcome.card_uploads", lambda: card_uploads()[-1:])
        with running(tmp_path_factory.mktemp("console"), urls, ApiSettings()) as found:
            yield found
    cluster.drop("console_pages")


@pytest.fixture
def open_page(browser: Browser, server: Running) -> Iterator[Opener]:
    """A page in a browser of its own; at the end no script may have failed and nothing foreign been asked for."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def watch(sent: Request) -> None:
        if not sent.url.startswith((server.url, "data:", "blob:")):
            faults.append(sent.url)

    def opened(path: str = "/", who: SignedIn | None = None, *, width: int = 1180) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", watch)
        if who is not None:
            context.add_cookies([{"name": COOKIE, "value": server.cookie(who), "url": f"{server.url}/console"}])
        page.goto(f"{server.url}/console{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def sign_in(page: Page, url: str, login: str, password: str) -> None:
    page.goto(f"{url}/console/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.click("button[type=submit]")


def said(page: Page, text: str) -> None:
    expect(page.locator(".q-notification", has_text=text).first).to_be_visible()


def test_the_first_run_leads_from_a_token_to_a_cited_answer(open_page: Opener, server: Running, tmp_path: Path) -> None:
    server.forget_everybody()
    page = open_page()
    expect(page.locator("h1")).to_have_text("首次设置")
    page.fill("[name=token]", "guessed")
    page.click("button[type=submit]")
    expect(page.locator(".problem")).to_contain_text("不一致")
    page.goto(server.url + str(server.do(server.console.setup_path())))
    page.fill("[name=shop_name]", "晴野小店")
    page.fill("[name=name]", "店长")
    page.fill("[name=login]", "boss")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.get_by_label("欢迎语").fill("您好，欢迎光临。")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_role("button", name="加入法规卡片").click()
    expect(page.locator(".lc-badge", has_text="已处理")).to_be_visible()
    page.get_by_role("button", name="下一步").first.click()
    policy = tmp_path / "退货规则.md"
    policy.write_text(POLICY, encoding="utf-8")
    page.locator("input[type=file]").set_input_files(policy)
    expect(page.locator(".lc-piece-text").first).to_have_text("无理由退货的运费由买家承担。")
    page.get_by_role("button", name="上传并继续").click()
    expect(page.get_by_label("顾客会怎么问？")).to_be_visible()
    who = server.do(operators.sign_in(server.services.database, "boss", PASSWORD))
    found = server.within(who.shop_id, documents.listed)
    assert {one.kind for one in found} == {"card", "policy"}
    page.goto(f"{server.url}/console/setup?token={server.console.setup.token}")
    expect(page.locator("h1")).to_have_text("登录")


def test_wrong_passwords_lock_the_account(open_page: Opener, server: Running) -> None:
    who = server.account()
    page = open_page("/login")
    for _ in range(operators.WRONG_TRIES):
        sign_in(page, server.url, who.login, "not this one")
        expect(page.locator(".problem")).to_contain_text("登录名或密码不对")
    sign_in(page, server.url, who.login, PASSWORD)
    expect(page.locator(".problem")).to_contain_text("锁定 15 分钟")
    page.goto(f"{server.url}/console/keys")
    expect(page.locator("h1")).to_have_text("登录")


def test_an_uploaded_document_is_cut_indexed_and_withdrawn(open_page: Opener, server: Running, tmp_path: Path) -> None:
    page = open_page("/documents", server.account())
    page.get_by_role("button", name="上传文档").click()
    broken = tmp_path / "坏.pdf"
    broken.write_bytes(b"no pdf at all")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.locator(".lc-problem")).to_contain_text("intact file")
    policy = tmp_path / "退货规则.md"
    policy.write_text(POLICY, encoding="utf-8")
    page.locator("input[type=file]").set_input_files(policy)
    expect(page.locator(".lc-piece")).to_have_count(2)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator(".lc-badge.good", has_text="已生效")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="退货规则").click()
    expect(page.locator(".lc-piece-text", has_text="签收次日起7天内可以申请退货。")).to_be_visible()
    expect(page.locator(".lc-version")).to_have_count(1)
    page.get_by_role("button", name="撤下这一版").click()
    page.locator(".lc-dialog").get_by_role("button", name="撤下", exact=True).click()
    expect(page.locator(".lc-empty")).to_contain_text("还没有文档")


def test_a_test_question_shows_answer_citation_and_scores(open_page: Opener, server: Running) -> None:
    who = server.account("host")
    desk = Desk(server.services.database, who.shop_id, server.services.retriever._embedder, SystemClock())
    server.do(desk.ingest(*(faq(f"faq-{n}", {q: a}) for n, (q, a) in enumerate(TWO_ANSWERS.items()))))
    question, answer = next(iter(TWO_ANSWERS.items()))
    page = open_page("/ask", who)
    page.get_by_label("顾客会怎么问？").fill(question)
    page.get_by_role("button", name="问一下").click()
    expect(page.locator(".lc-answer-text")).to_contain_text(answer)
    expect(page.locator(".lc-meter-value").first).to_be_visible()
    page.locator(".lc-citation").click()
    expect(page.locator(".lc-clause")).to_have_text(answer)
    row = server.within(
        who.shop_id, lambda scope: scope.one("select count(*) as n from conversations where shop_id = :shop_id")
    )
    assert row.n == 0


def test_a_key_is_shown_once_and_works_until_it_is_revoked(open_page: Opener, server: Running) -> None:
    page = open_page("/keys", server.account())
    page.get_by_role("button", name="新建 API 密钥").click()
    page.get_by_label("用途").fill("网店后端")
    page.get_by_role("button", name="生成").click()
    said(page, "至少勾选一个范围")
    page.get_by_role("checkbox", name="documents:read").click()
    page.get_by_role("button", name="生成").click()
    key = page.locator(".lc-secret").inner_text()
    page.get_by_role("button", name="我已保存").click()
    assert server.do(keys.authenticate(server.services.database, key)).scopes == {"documents:read"}
    expect(page.locator(".lc-secret")).to_have_count(0)
    assert key not in page.content()
    page.get_by_role("button", name="吊销").click()
    page.locator(".lc-dialog").get_by_role("button", name="吊销").click()
    expect(page.locator(".lc-badge.bad", has_text="已吊销")).to_be_visible()
    with pytest.raises(Exception, match="not valid"):
        server.do(keys.authenticate(server.services.database, key))


def test_disabling_an_operator_ends_the_other_browsers_sign_in(open_page: Opener, server: Running) -> None:
    admin = server.account()
    other = server.account("supervisor", shop_id=admin.shop_id)
    theirs = open_page("/documents", other)
    expect(theirs.get_by_role("button", name="上传文档")).to_be_visible()
    page = open_page("/operators", admin)
    person = page.locator(".lc-person", has_text=other.login)
    person.get_by_role("button", name="停用").click()
    page.locator(".lc-dialog").get_by_role("button", name="停用").click()
    expect(person.locator(".lc-badge.bad")).to_have_text("已停用")
    expect(theirs.locator(".problem")).to_contain_text("登录已失效")
    theirs.goto(f"{server.url}/console/documents")
    expect(theirs.locator("h1")).to_have_text("登录")


def test_a_right_taken_away_is_gone_for_a_page_that_is_still_open(open_page: Opener, server: Running) -> None:
    """Without an event: the very next action asks again."""
    admin = server.account()
    who = server.account("merchandiser", shop_id=admin.shop_id)
    page = open_page("/insights", who)
    expect(page.locator(".lc-title")).to_have_text("待补问题与统计")
    server.within(
        who.shop_id,
        lambda scope: scope.run("update operators set roles = '{host}' where id = :id", id=who.operator_id),
    )
    page.goto(f"{server.url}/console/insights")
    expect(page.locator(".lc-empty")).to_contain_text("看不到这一页")
    expect(page.locator(".lc-place", has_text="成员")).to_have_count(0)


def test_an_import_is_looked_through_before_it_changes_anything(
    open_page: Opener, server: Running, tmp_path: Path
) -> None:
    who = server.account("merchandiser")
    head, good = "商品编号,商品名称,类目,规格编号,价格", "X1,晴雨伞,通勤,X1-1,39.9"
    page = open_page("/imports", who)
    broken = tmp_path / "商品.csv"
    broken.write_text(f"{head}\n{good}\nX2,水杯,通勤,X2-1,很贵\n", encoding="utf-8")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.locator(".lc-answer")).to_contain_text("什么都没有改动")
    expect(page.locator(".lc-answer")).to_contain_text("很贵")
    page.reload()
    right = tmp_path / "商品.csv"
    right.write_text(f"{head}\n{good}\n", encoding="utf-8")
    page.locator("input[type=file]").set_input_files(right)
    expect(page.locator(".lc-answer")).to_contain_text("核对通过，尚未导入")
    assert server.do(server.services.catalog.counted(who.shop_id)) == 0
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator(".lc-answer")).to_contain_text("已导入")
    page.goto(f"{server.url}/console/catalog?search=晴雨")
    page.get_by_role("link", name="晴雨伞").click()
    expect(page.locator(".lc-page-name")).to_have_text("晴雨伞")
    expect(page.locator(".lc-chart canvas, .lc-chart svg").first).to_be_visible()


def test_an_unanswered_question_becomes_a_document(open_page: Opener, server: Running) -> None:
    who = server.account("supervisor")
    desk = Desk(server.services.database, who.shop_id, server.services.retriever._embedder, SystemClock())
    turn = server.do(desk.ask("充电宝能租借吗，我的电话是13812345678"))
    assert turn.outcome in ("abstained", "handed_off")
    page = open_page("/insights", who)
    expect(page.locator(".lc-question-text")).to_contain_text("充电宝能租借吗")
    assert "13812345678" not in page.content()
    page.get_by_role("button", name="写答案").click()
    page.get_by_label("标准问题").fill("充电宝能租借吗？")
    page.get_by_label("答案", exact=True).fill("本店暂不提供充电宝租借。")
    page.get_by_role("button", name="写入资料").click()
    said(page, "已写入资料")
    (made,) = server.within(who.shop_id, documents.listed)
    assert (made.kind, made.title) == ("faq", "充电宝能租借吗？")
    page.goto(f"{server.url}/console/conversation?id={turn.conversation_id}")
    expect(page.locator(".lc-message.shopper")).to_contain_text("[手机号]")
    page.get_by_role("button", name="显示被隐去的个人信息").click()
    expect(page.locator(".lc-message.shopper")).to_contain_text("13812345678")


def test_no_page_of_a_phone_scrolls_sideways(open_page: Opener, server: Running) -> None:
    page = open_page("/", server.account(), width=390)
    for path in ("/", "/documents", "/policies", "/catalog", "/imports", "/ask", "/model", "/keys", "/operators",
                 "/insights", "/conversations", "/handoffs", "/desk", "/supervise", "/welcome",
                 "/account"):  # fmt: skip
        page.goto(f"{server.url}/console{path}")
        expect(page.locator(".lc-main-column > *").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{server.url}/console/language?to=en&back=/console/keys")
    expect(page.locator(".lc-title")).to_have_text("Keys")
