"""What a candidate rests on: the conversation, who answered, and what the shop says already."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from agents.support.learning.views import CandidateDetail, Said
from api.console.parts import badge, box, card, facts, words
from api.console.visit import Visit
from api.console.wording import AUTHORS, REASONS, moment, named
from knowledge.candidates.duplicates import Duplicate


def provenance(visit: Visit, found: CandidateDetail, names: Mapping[str, str]) -> None:
    """`names` of the shop's operators by id."""
    one = found.candidate
    decided = f"{moment(one.decided_at)} · {_who(visit, one.decided_by, names)}" if one.decided_by else ""
    with card(visit.t("来源", "Where it comes from")):
        facts([
            (visit.t("回答的坐席", "Answered by"), found.operator_name),
            (visit.t("转人工原因", "Reason"), named(REASONS, one.reason, english=visit.english)),
            (visit.t("转人工编号", "Handoff"), one.handoff_id),
            (visit.t("提出", "Proposed"), f"{moment(one.created_at)} · {_who(visit, one.proposed_by, names)}"),
            (visit.t("审核", "Decided"), decided),
            (visit.t("文档版本", "Document version"), f"v{one.document_version}" if one.document_version else ""),
            (visit.t("说明", "Why"), one.why),
        ])  # fmt: skip
        if one.subject_id:
            ui.link(visit.t("打开整段会话", "Open the conversation"), f"/conversation?id={one.subject_id}").classes(
                "lc-link"
            )


def _who(visit: Visit, actor: str, names: Mapping[str, str]) -> str:
    kind, _, actor_id = actor.partition(":")
    if kind == "system":
        return visit.t("系统自动", "by itself")
    return visit.t("API 密钥", "an API key") if kind == "api" else names.get(actor_id, actor_id)


def thread(visit: Visit, said: Sequence[Said]) -> None:
    with card(visit.t("会话依据", "The conversation"), visit.t("个人信息已隐去", "personal data masked")):
        if not said:
            words(visit.t("会话已按顾客要求删除", "The shopper's data was erased"), "lc-hint")
        with box("lc-thread"):
            for one in said:
                with box(f"lc-message {one.author}"):
                    with box("lc-message-head"):
                        words(named(AUTHORS, one.author, english=visit.english), "lc-author")
                        words(moment(one.at), "lc-hint")
                        if one.of_question:
                            badge(visit.t("取作问题", "the question"), "wait")
                        if one.of_answer:
                            badge(visit.t("取作答案", "the answer"), "good")
                    words(one.text, "lc-message-text")


def duplicates(visit: Visit, found: Sequence[Duplicate]) -> None:
    if not found:
        return
    hint = visit.t(
        "意思相近；若是同一件事，改那一条或不采用", "Near in meaning; if it is the same, edit that one instead"
    )
    with card(visit.t(f"资料里可能已有（{len(found)}）", f"Perhaps there already ({len(found)})"), hint):
        for one in found:
            with box("lc-piece duplicate"):
                with box("lc-piece-head"):
                    words(one.question, "lc-piece-path")
                    words(f"{one.nearness:.2f}", "lc-meter-value")
                words(one.answer, "lc-piece-text")
                ui.link(one.title, f"/document?doc={one.doc}").classes("lc-link lc-hint")
