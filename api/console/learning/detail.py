"""One candidate: its text to edit and decide on, beside what it was made from."""

from datetime import date

from nicegui import ui

from agents.support.learning.views import CandidateDetail, Edit
from api.auth import operators
from api.auth.rights import Right
from api.console.learning.evidence import duplicates, provenance, thread
from api.console.learning.words import FINDINGS, PLACES, STATES, TONES, actor_of
from api.console.parts import badge, box, card, confirm, field, main_button, quiet_button, words
from api.console.visit import Visit
from api.console.wording import day, named
from knowledge.candidates.publishing import DOC
from knowledge.kit.errors import InvalidInputError

_COLUMNS = "display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px"


async def draw_detail(visit: Visit, candidate_id: str) -> None:
    async with visit.may(Right.KNOWLEDGE_REVIEW) as services:
        found = await services.review.read(visit.shop_id, candidate_id)
    async with visit.scope(Right.KNOWLEDGE_REVIEW) as scope:
        names = {one.id: one.name for one in await operators.listed(scope)}
    ui.link(visit.t("← 全部候选", "← All candidates"), "/learning").classes("lc-back")
    with ui.element("div").style(_COLUMNS):
        with ui.element("div").classes("lc-people"):
            _Form(visit, found)
            duplicates(visit, found.duplicates)
        with ui.element("div").classes("lc-people"):
            provenance(visit, found, names)
            thread(visit, found.said)


class _Form:
    def __init__(self, visit: Visit, found: CandidateDetail) -> None:
        self._visit = visit
        self._found = found
        self._candidate = found.candidate
        self._accepted: dict[str, ui.checkbox] = {}
        with card():
            with box("lc-question-head"):
                words(visit.t("审核", "Review"), "lc-card-title lc-question-text")
                badge(named(STATES, self._candidate.state, english=visit.english), TONES[self._candidate.state])
            self._draw_fields()
            self._draw_findings()
            with box("lc-actions left"):
                self._draw_buttons()

    def _draw_fields(self) -> None:
        visit, one = self._visit, self._candidate
        self._question = field(visit.t("标准问题", "Question"), one.question)
        self._wordings = ui.textarea(visit.t("相似问法（每行一条）", "Other wordings, one a line"),
                                     value="\n".join(one.wordings))  # fmt: skip
        self._answer = ui.textarea(visit.t("答案", "Answer"), value=one.answer)
        for area in (self._wordings, self._answer):
            area.props("outlined dense autogrow").classes("lc-field")
        with box("lc-form-row"):
            dated = "type=date stack-label"
            self._from = field(visit.t("生效起（可空）", "In force from"), day(one.effective_from)).props(dated)
            self._to = field(visit.t("生效止（可空）", "In force to"), day(one.effective_to)).props(dated)
        if one.answer != one.proposed_answer:
            with ui.expansion(visit.t("人工原话", "As it came")).props("dense").classes("lc-more"):
                words(one.proposed_answer, "lc-diff old")

    def _draw_findings(self) -> None:
        visit = self._visit
        if not self._candidate.findings:
            return
        words(visit.t("发布前要处理：", "To be settled before it is published:"), "lc-hint")
        for finding in self._candidate.findings:
            span = str(finding["span"])
            with box("lc-finding"):
                badge(named(FINDINGS, str(finding["kind"]), english=visit.english), "bad")
                words(f"“{span}”（{named(PLACES, str(finding['where']), english=visit.english)}）")
                if not finding["hard"] and span not in self._accepted:
                    kept = ui.checkbox(visit.t("这是店铺通用规则，保留", "A rule of the shop; keep it"),
                                       value=span in self._candidate.accepted)  # fmt: skip
                    self._accepted[span] = kept.props("dense")
        words(visit.t("改写成对所有顾客都成立的说法；个人信息、单号和联系方式必须删掉。",
                      "Reword it so that it holds for everybody; personal data, numbers and contacts must go."),
              "lc-hint")  # fmt: skip

    def _draw_buttons(self) -> None:
        visit, state = self._visit, self._candidate.state
        if state == "published":
            main_button(visit.t("保存并更新", "Save and update"), visit.does(self._save), icon="save")
            quiet_button(visit.t("撤回", "Withdraw"), visit.does(self._withdraw), icon="undo", tone="danger")
            quiet_button(visit.t("看文档版本", "Versions"), lambda: visit.go(f"/document?doc={DOC}"), icon="history")
            return
        main_button(visit.t("发布", "Publish"), visit.does(self._publish), icon="publish").mark("publish")
        quiet_button(visit.t("只保存", "Save only"), visit.does(self._save), icon="save")
        if state in ("proposed", "edited"):
            quiet_button(visit.t("通过，稍后发布", "Approve for later"), visit.does(self._approve), icon="done")
        if state != "rejected":
            quiet_button(visit.t("不采用", "Reject"), self._ask_why, icon="block", tone="danger")

    async def _kept(self) -> int:
        """Saves what was changed in the form; the revision to decide on."""
        one = self._candidate
        edit = Edit(
            question=self._question.value or "", answer=self._answer.value or "", revision=one.revision,
            wordings=tuple(filter(None, (line.strip() for line in (self._wordings.value or "").splitlines()))),
            effective_from=_day(self._from.value), effective_to=_day(self._to.value),
            accepted=tuple(span for span, box_ in self._accepted.items() if box_.value),
        )  # fmt: skip
        stored = Edit(one.question, one.answer, one.revision, tuple(one.wordings), one.effective_from,
                      one.effective_to, tuple(one.accepted))  # fmt: skip
        if edit == stored and one.state != "rejected":
            return one.revision
        async with self._visit.may(Right.KNOWLEDGE_REVIEW) as services:
            self._candidate = await services.review.edit(self._visit.shop_id, one.id, actor_of(self._visit), edit)
        return self._candidate.revision

    async def _save(self) -> None:
        await self._kept()
        self._again(self._visit.t("已保存", "Saved"))

    async def _publish(self) -> None:
        """A text that does not pass is kept all the same, and shown with what the guards say of it now."""
        visit = self._visit
        before = self._candidate.revision
        revision = await self._kept()
        async with visit.may(Right.KNOWLEDGE_REVIEW) as services:
            try:
                await services.review.publish(visit.shop_id, self._candidate.id, actor_of(visit), revision=revision)
            except InvalidInputError:
                if revision != before:
                    visit.go(f"/learning?id={self._candidate.id}")
                raise
        self._again(visit.t("已发布，几秒后 AI 客服就能回答", "Published; the desk answers it in seconds"))

    async def _approve(self) -> None:
        revision = await self._kept()
        async with self._visit.may(Right.KNOWLEDGE_REVIEW) as services:
            await services.review.approve(
                self._visit.shop_id, self._candidate.id, actor_of(self._visit), revision=revision
            )
        self._again(self._visit.t("已通过", "Approved"))

    async def _withdraw(self) -> None:
        async with self._visit.may(Right.KNOWLEDGE_REVIEW) as services:
            await services.review.withdraw(self._visit.shop_id, self._candidate.id, actor_of(self._visit))
        self._again(self._visit.t("已撤回，AI 客服不再这样回答", "Withdrawn; the desk no longer says so"))

    def _ask_why(self) -> None:
        visit = self._visit

        async def reject() -> None:
            async with visit.may(Right.KNOWLEDGE_REVIEW) as services:
                await services.review.reject(visit.shop_id, self._candidate.id, actor_of(visit))
            visit.go("/learning")

        confirm(
            visit,
            title=visit.t("不采用这条候选？", "Reject this candidate?"),
            text=visit.t(
                "它会移到“已撤回与不采用”，之后仍可修改再发布。", "It can still be edited and published later."
            ),
            button=visit.t("不采用", "Reject"),
            act=reject,
        )

    def _again(self, told: str) -> None:
        self._visit.tell(told)
        self._visit.go(f"/learning?id={self._candidate.id}")


def _day(value: str | None) -> date | None:
    """Raises: InvalidInputError."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise InvalidInputError("This is no date.", field="effective_from", rule="YYYY-MM-DD") from error
