"""Candidates in cards: what was asked, what a person answered, what the guards say, and one click to publish."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from nicegui import ui

from agents.support.learning.flags import blocks
from agents.support.learning.review_rows import Teachable
from api.auth.rights import Right
from api.console.learning.proposing import proposer
from api.console.learning.words import FINDINGS, STATES, TABS, TONES, actor_of
from api.console.parts import badge, box, card, empty, main_button, quiet_button, words
from api.console.visit import Visit
from api.console.wording import REASONS, moment, named
from knowledge.candidates.duplicates import Duplicate
from knowledge.candidates.models import Candidate

Same = Mapping[str, Sequence[Duplicate]]
Redraw = Callable[[], Awaitable[None]]
_LIMIT = 50


async def draw_list(visit: Visit) -> None:
    tab = visit.param("tab") if visit.param("tab") in TABS else "waiting"
    place = ui.element("div").classes("lc-people")

    async def redraw() -> None:
        async with visit.may(Right.KNOWLEDGE_REVIEW) as services:
            counts = await services.review.counts(visit.shop_id)
            found = await services.review.listed(visit.shop_id, states=TABS[tab][1], limit=_LIMIT)
            same = await services.review.duplicates(visit.shop_id, found) if tab == "waiting" else {}
            left = await services.review.teachable(visit.shop_id) if tab == "waiting" else []
        place.clear()
        with place:
            _tabs(visit, tab, counts)
            _cards(visit, tab, found, same, redraw)
            if left:
                _teachable(visit, left)

    await redraw()


def _tabs(visit: Visit, here: str, counts: dict[str, int]) -> None:
    with box("lc-bar wrap"):
        for name, (title, states) in TABS.items():
            number = sum(counts.get(state, 0) for state in states)
            link = ui.link(f"{title[visit.english]} {number}", f"/learning?tab={name}")
            link.classes("lc-tab here" if name == here else "lc-tab")


def _cards(visit: Visit, tab: str, found: Sequence[Candidate], same: Same, redraw: Redraw) -> None:
    if not found:
        hint = visit.t("客服答不上来、由人工解决的问题，结束后会出现在这里",
                       "Questions the desk could not answer and a person did appear here once resolved")  # fmt: skip
        return empty(visit.t("没有候选", "No candidates"), hint if tab == "waiting" else "")
    for one in found:
        _card(visit, one, same.get(one.id, ()), redraw)


def _card(visit: Visit, one: Candidate, same: Sequence[Duplicate], redraw: Redraw) -> None:
    with card(classes="candidate"):
        with box("lc-question-head"):
            ui.link(one.question, f"/learning?id={one.id}").classes("lc-link lc-question-text")
            badge(named(STATES, one.state, english=visit.english), TONES.get(one.state, ""))
        words(one.answer, "lc-piece-text")
        with box("lc-badges"):
            for kind in dict.fromkeys(str(finding["kind"]) for finding in one.findings):
                badge(named(FINDINGS, kind, english=visit.english), "bad")
            for other in same[:1]:
                badge(visit.t(f"资料里可能已有：{other.question}", f"perhaps there: {other.question}"), "wait")
            badge(named(REASONS, one.reason, english=visit.english), "quiet")
            words(moment(one.updated_at), "lc-hint")
        with box("lc-actions left"):
            _buttons(visit, one, redraw)


def _buttons(visit: Visit, one: Candidate, redraw: Redraw) -> None:
    async def publish() -> None:
        async with visit.may(Right.KNOWLEDGE_REVIEW) as services:
            await services.review.publish(visit.shop_id, one.id, actor_of(visit), revision=one.revision)
        visit.tell(visit.t("已发布，几秒后 AI 客服就能回答", "Published; the desk answers it in seconds"))
        await redraw()

    async def withdraw() -> None:
        async with visit.may(Right.KNOWLEDGE_REVIEW) as services:
            await services.review.withdraw(visit.shop_id, one.id, actor_of(visit))
        visit.tell(visit.t("已撤回，AI 客服不再这样回答", "Withdrawn; the desk no longer says so"))
        await redraw()

    if one.state == "published":
        quiet_button(visit.t("撤回", "Withdraw"), visit.does(withdraw), icon="undo", tone="danger")
    elif one.state != "rejected" and not blocks(one):
        main_button(visit.t("发布", "Publish"), visit.does(publish), icon="publish")
    told = visit.t("修改后发布", "Edit to publish") if blocks(one) else visit.t("查看与修改", "Look and edit")
    quiet_button(told, lambda: visit.go(f"/learning?id={one.id}"), icon="edit")


def _teachable(visit: Visit, found: Sequence[Teachable]) -> None:
    hint = visit.t("人工已解决、还没有沉淀成知识的会话", "Ended by a person, and nothing made of it yet")
    with card(visit.t(f"可以沉淀的转人工（{len(found)}）", f"Resolved handoffs ({len(found)})"), hint):
        for one in found:
            with box("lc-row"):
                with box("lc-row-words grow"):
                    ui.link(one.ask or one.handoff_id, f"/conversation?id={one.subject_id}").classes("lc-link")
                    reason = named(REASONS, one.reason, english=visit.english)
                    words(f"{reason} · {moment(one.resolved_at)}", "lc-hint")
                quiet_button(
                    visit.t("提为候选", "Propose"), visit.does(proposer(visit, one.handoff_id)), icon="add_comment"
                )
