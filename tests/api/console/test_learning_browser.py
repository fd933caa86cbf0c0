"""The review of learned answers in headless Chromium, on the real service with the real gate."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from agents.handoff import audit
from agents.handoff.audit import AuditLine
from api.auth.operators import SignedIn
from api.console.guard import COOKIE
from api.settings import ApiSettings
from knowledge.index.embed_cache import CachedEmbedder, cached
from knowledge.index.embedders import BundledEmbedder
from knowledge.kit import jobs
from knowledge.kit.db import Scope
from knowledge.settings import KnowledgeSettings
from tests.agents.handoff.kit import AROUND_THE_CLOCK, Bench
from tests.agents.support.learning.school import School
from tests.api.console.running import Running, running
from tests.support.desk import TWO_ANSWERS, Desk, faq
from tests.support.servers import Cluster
from tests.support.waiting import until

pytestmark = pytest.mark.browser

ASKED = "你们家帐篷可以到门店自提吗？"
ANSWER = "支持门店自提，提前一天在订单页预约即可。"
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    def embedder(settings: KnowledgeSettings) -> CachedEmbedder:
        return cached(BundledEmbedder(), settings.embed_cache_path)

    urls = cluster.clone("console_learning")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.runtime.build_embedder", embedder)
        patch.setattr(jobs, "_POLL_S", 0.2)
        with running(tmp_path_factory.mktemp("learning"), urls, ApiSettings()) as found:
            yield found
    cluster.drop("console_learning")


@pytest.fixture
def open_page(browser: Browser, server: Running) -> Iterator[Opener]:
    """A page in a browser of its own; at the end no script may have failed."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(path: str, who: SignedIn, *, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.set_default_navigation_timeout(30_000)  # the first page loads the console
        page.on("pageerror", lambda error: faults.append(str(error)))
        context.add_cookies([{"name": COOKIE, "value": server.cookie(who), "url": f"{server.url}/console"}])
        page.goto(f"{server.url}/console{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def boss(server: Running) -> SignedIn:
    return server.account("supervisor")


@pytest.fixture
def school(server: Running, boss: SignedIn) -> School:
    wired = server.services
    desk = Desk(wired.database, boss.shop_id, wired.retriever._embedder, wired.clock)
    desk.documents, desk.retriever = wired.documents, wired.retriever
    bench = Bench(wired.database, boss.shop_id)

    async def opened() -> None:
        await bench.setting(**AROUND_THE_CLOCK)
        await bench.sign_in()
        await desk.ingest(faq("faq", TWO_ANSWERS))

    server.do(opened())
    return School(desk, bench, wired.review)


def _outcome(server: Running, school: School, expected: str) -> None:
    """Once the worker has indexed the new version the answer changes."""

    async def asked() -> bool:
        return (await school.desk.ask(ASKED)).outcome == expected

    server.do(until(asked))


def _actions(server: Running, shop_id: str, handoff_id: str) -> list[str]:
    async def read(scope: Scope) -> list[AuditLine]:
        return await audit.entries(scope, handoff_id=handoff_id)

    return [one.action for one in server.within(shop_id, read)]


def test_a_flagged_answer_is_edited_published_and_withdrawn(
    open_page: Opener, server: Running, school: School, boss: SignedIn, tmp_path: Path
) -> None:
    replies = ["亲，您这单可以的，我的电话13812345678", ANSWER]
    handoff_id = server.do(school.helped([ASKED, "转人工"], replies))
    server.do(school.learned())
    page = open_page("/learning", boss)
    item = page.locator(".candidate")
    expect(item.locator(".lc-question-text")).to_have_text(ASKED)
    expect(item.locator(".lc-badge.bad", has_text="个人信息")).to_be_visible()
    expect(item.get_by_role("button", name="发布", exact=True)).to_have_count(0)
    item.get_by_role("button", name="修改后发布").click()
    expect(page.locator(".lc-message.operator")).to_have_count(2)
    expect(page.locator(".lc-message .lc-badge", has_text="取作问题")).to_be_visible()
    assert "13812345678" not in page.content()
    page.screenshot(path=tmp_path / "flagged.png", full_page=True)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".q-notification", has_text="还有不能直接发布的内容")).to_be_visible()
    page.get_by_label("答案", exact=True).fill(ANSWER)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".lc-badge.good", has_text="已发布")).to_be_visible()
    expect(page.locator(".lc-fact-value", has_text="小周")).to_be_visible()
    _outcome(server, school, "answered")
    page.goto(f"{server.url}/console/learning?tab=published")
    page.get_by_role("button", name="撤回").click()
    expect(page.locator(".q-notification", has_text="已撤回")).to_be_visible()
    expect(page.locator(".candidate")).to_have_count(0)
    _outcome(server, school, "abstained")
    told = [one for one in _actions(server, boss.shop_id, handoff_id) if one.startswith("candidate_")]
    assert told == ["candidate_proposed", "candidate_edited", "candidate_published", "candidate_withdrawn"]


def test_one_click_publishes_what_nothing_speaks_against(
    open_page: Opener, server: Running, school: School, boss: SignedIn, tmp_path: Path
) -> None:
    server.do(school.helped([ASKED, "转人工"], [ANSWER]))
    server.do(school.learned())
    page = open_page("/learning", boss)
    page.screenshot(path=tmp_path / "list.png", full_page=True)
    page.locator(".candidate").get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".q-notification", has_text="已发布")).to_be_visible()
    _outcome(server, school, "answered")


def test_any_resolved_handoff_can_be_proposed_by_hand(
    open_page: Opener, server: Running, school: School, boss: SignedIn, tmp_path: Path
) -> None:
    server.do(school.helped([next(iter(TWO_ANSWERS)), "转人工"], ["数电发票提交后一般当天就能开好。"]))
    assert server.do(school.learned()) == []
    page = open_page("/learning", boss)
    page.get_by_role("button", name="提为候选").click()
    expect(page.get_by_label("标准问题")).to_have_value(next(iter(TWO_ANSWERS)))
    expect(page.get_by_label("答案", exact=True)).to_have_value("数电发票提交后一般当天就能开好。")
    expect(page.locator(".duplicate").first).to_contain_text(next(iter(TWO_ANSWERS)))
    page.screenshot(path=tmp_path / "by_hand.png", full_page=True)
    page.get_by_role("button", name="不采用").click()
    page.locator(".lc-dialog").get_by_role("button", name="不采用").click()
    expect(page.locator(".lc-empty")).to_contain_text("没有候选")


def test_the_page_is_for_reviewers_and_fits_a_phone(
    open_page: Opener, server: Running, school: School, boss: SignedIn, tmp_path: Path
) -> None:
    server.do(school.helped([ASKED, "转人工"], [ANSWER]))
    (candidate,) = server.do(school.learned())
    page = open_page("/learning", server.account("operator", shop_id=boss.shop_id))
    expect(page.locator(".lc-empty")).to_contain_text("看不到这一页")
    expect(page.locator(".lc-place", has_text="知识沉淀")).to_have_count(0)
    for path in ("/learning", f"/learning?id={candidate.id}"):
        phone = open_page(path, boss, width=390)
        expect(phone.locator(".lc-main-column > *").first).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    phone.screenshot(path=tmp_path / "phone.png", full_page=True)
