"""How the desk does, and the questions it could not answer: the list of what to write next."""

from datetime import datetime, timedelta

from nicegui import ui

from agents.conversations import statistics
from agents.support.insights import QuestionGroup, group_questions
from agents.support.screen import screen
from api.auth.rights import Right
from api.console.charts import outcome_chart, rate_chart
from api.console.frame import page
from api.console.pages.home import share
from api.console.parts import badge, box, card, empty, field, figure, main_button, quiet_button, words
from api.console.visit import Visit
from api.console.wording import OUTCOME_TONES, OUTCOMES, moment, named
from knowledge.demo.sheet import sheet
from knowledge.documents import repository as documents
from knowledge.documents.service import Upload
from knowledge.kit.errors import InvalidInputError
from knowledge.kit.ids import new_id

_LOOKED_AT = 1_000
_SHOWN = 40
_SPANS = (7, 30, 90)
_TITLE = 60
SOURCE = "console_answer"


@page("/insights", Right.INSIGHTS_READ, ("待补问题与统计", "Unanswered and rates"))
async def insights(visit: Visit) -> None:
    days = int(visit.param("days", "30")) if visit.param("days", "30") in map(str, _SPANS) else 30
    since = visit.now() - timedelta(days=days - 1)
    async with visit.scope(Right.INSIGHTS_READ, snapshot=True) as scope:
        counts = await statistics.outcomes_by_day(scope, since)
        totals = await statistics.totals(scope, since)
        found = await statistics.unanswered(scope, since, limit=_LOOKED_AT)
    with box("lc-bar"):
        for span in _SPANS:
            ui.link(visit.t(f"近 {span} 天", f"{span} days"), f"/insights?days={span}").classes(
                "lc-tab here" if span == days else "lc-tab"
            )
    _figures(visit, counts, totals)
    first = since.date()
    with card(visit.t("每天的结果", "Outcomes by day")):
        outcome_chart(visit, counts, first, visit.now().date())
    with card(visit.t("未能回答的比例", "Abstain rate")):
        rate_chart(visit, counts, first, visit.now().date())
    async with visit.scope(Right.INSIGHTS_READ) as scope:
        written = {one.title for one in await documents.listed(scope) if one.source == SOURCE}
    _groups(visit, group_questions(found), written)


def _figures(visit: Visit, counts: list[statistics.DayCounts], totals: statistics.Totals) -> None:
    turns = sum(sum(day.counts.values()) for day in counts)

    def of(outcome: str) -> int:
        return sum(day.counts.get(outcome, 0) for day in counts)

    solved = totals.solved_yes + totals.solved_no
    with box("lc-figures"):
        figure(f"{turns:,}", visit.t("轮问答", "Turns"))
        figure(share(of("answered"), turns), visit.t("已回答", "Answered"))
        figure(share(of("abstained"), turns), visit.t("未能回答", "Abstained"))
        figure(share(of("handed_off"), turns), visit.t("转人工", "Handed off"))
        figure(share(totals.resolved, totals.conversations), visit.t("AI 独立解决的会话", "Resolved by the desk"))
        rating = f"{totals.rating_sum / totals.ratings:.1f}" if totals.ratings else "—"
        told = visit.t(f"{totals.ratings} 条；说已解决 {share(totals.solved_yes, solved)}",
                       f"{totals.ratings} given; solved {share(totals.solved_yes, solved)}")  # fmt: skip
        figure(rating, visit.t("满意度（满分 5）", "Rating of 5"), told)


def _groups(visit: Visit, groups: list[QuestionGroup], written: set[str]) -> None:
    hint = visit.t("问法相近的归在一起，问得多的在前", "Similar wordings together, the most frequent first")
    with card(visit.t(f"待补问题（{len(groups)}）", f"Unanswered questions ({len(groups)})"), hint):
        if not groups:
            return empty(visit.t("没有待补的问题", "Nothing is unanswered"))
        for group in groups[:_SHOWN]:
            _group(visit, group, answered=screen(group.title).masked[:_TITLE] in written)
        if len(groups) > _SHOWN:
            words(visit.t(f"只显示前 {_SHOWN} 组", f"The first {_SHOWN} are shown"), "lc-hint")


def _group(visit: Visit, group: QuestionGroup, *, answered: bool) -> None:
    with box("lc-question"):
        with box("lc-question-head"):
            words(str(len(group.items)), "lc-count")
            words(screen(group.title).masked, "lc-question-text")
            if visit.has(Right.DOCUMENTS_WRITE):
                main_button(visit.t("写答案", "Write an answer"), lambda: _write(visit, group), icon="edit")
        with box("lc-badges"):
            if answered:
                badge(visit.t("已写答案", "Answer written"), "good")
            for outcome in dict.fromkeys(item.outcome for item in group.items):
                badge(named(OUTCOMES, outcome, english=visit.english), OUTCOME_TONES.get(outcome, ""))
            for word in group.missing:
                badge(visit.t(f"缺：{word}", f"lacks: {word}"), "quiet")
            words(_last(visit, group.items[0].at), "lc-hint")
        with ui.expansion(visit.t("问法与会话", "Wordings and conversations")).props("dense").classes("lc-more"):
            for text in group.wordings[:8]:
                words(f"· {screen(text).masked}")
            if visit.has(Right.CONVERSATIONS_READ):
                with box("lc-badges"):
                    for conversation_id in group.conversations[:5]:
                        ui.link(conversation_id, f"/conversation?id={conversation_id}").classes("lc-link mono")


def _last(visit: Visit, at: datetime) -> str:
    return visit.t(f"最近 {moment(at)}", f"last {moment(at)}")


def _write(visit: Visit, group: QuestionGroup) -> None:
    with visit.client, ui.dialog() as dialog, ui.card().classes("lc-dialog wide"):
        words(visit.t("写成问答", "Write it as a question and answer"), "lc-dialog-title")
        asked = field(visit.t("标准问题", "Question"), screen(group.title).masked)
        others = [text for text in group.wordings if text != group.title][:10]
        similar = ui.textarea(
            visit.t("相似问法（每行一条）", "Other wordings, one a line"),
            value="\n".join(screen(text).masked for text in others),
        )
        answer = ui.textarea(visit.t("答案", "Answer")).mark("answer-text")
        for one in (similar, answer):
            one.props("outlined dense autogrow").classes("lc-field")
        words(visit.t("会成为一份问答文档，处理完就能被引用；之后可在“文档与政策”里撤下。",
                      "It becomes a question document, cited once processed; withdraw it under Documents."),
              "lc-hint")  # fmt: skip

        async def save() -> None:
            await _publish(visit, asked.value or "", similar.value or "", answer.value or "")
            dialog.close()
            visit.tell(visit.t("已写入资料，稍后即可回答", "Stored; the desk can answer it in a moment"))

        with box("lc-actions"):
            quiet_button(visit.t("取消", "Cancel"), dialog.close)
            main_button(visit.t("写入资料", "Publish"), visit.does(save)).mark("publish-answer")
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _publish(visit: Visit, question: str, similar: str, answer: str) -> None:
    """Raises: InvalidInputError."""
    if not question.strip() or not answer.strip():
        told = visit.t("问题和答案都要填写。", "Both question and answer are needed.")
        raise InvalidInputError(told, field="answer")
    rows = [("问题", "相似问法", "答案"), (question.strip(), similar.strip(), answer.strip())]
    doc = f"answers/{new_id('ans')}"
    upload = Upload(
        doc=doc, file_name=f"{doc.rpartition('/')[2]}.xlsx", content=sheet(rows), kind="faq", source=SOURCE,
        title=question.strip()[:_TITLE],
    )  # fmt: skip
    async with visit.may(Right.DOCUMENTS_WRITE) as services:
        added = await services.documents.add(visit.shop_id, upload)
    visit.note("answer_written", document=added.document.id)
