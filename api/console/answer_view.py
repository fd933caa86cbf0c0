"""An answer and its citations, as the console shows them; a citation opens the clause."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from api.auth.rights import Right
from api.console.parts import box, facts, quiet_button, words
from api.console.visit import Visit
from api.console.wording import day
from knowledge.documents import sources


def answer_text(text: str) -> ui.label:
    return words(text, "lc-answer-text")


def citation_list(visit: Visit, citations: Sequence[Mapping[str, Any]]) -> None:
    if not citations:
        return
    with box("lc-citations"):
        for one in citations:
            chip = ui.element("button").classes("lc-citation").props("type=button")
            with chip:
                words(str(one["number"]), "lc-citation-number")
                place = visit.t(f"第 {one['article']} 条", f"Article {one['article']}") if one.get("article") else ""
                words(" ".join(filter(None, (str(one["title"]), place or str(one.get("section") or "")))))
            chip.on("click", visit.does(_Opener(visit, str(one.get("chunk_id") or "")).open))


class _Opener:
    def __init__(self, visit: Visit, chunk_id: str) -> None:
        self._visit = visit
        self._chunk_id = chunk_id

    async def open(self) -> None:
        visit = self._visit
        async with visit.scope(Right.DOCUMENTS_READ) as scope:
            chunk, document = await sources.chunk_with_document(scope, self._chunk_id)
        with visit.client, ui.dialog() as dialog, ui.card().classes("lc-dialog wide"):
            words(document.title, "lc-dialog-title")
            facts([
                (visit.t("位置", "Section"), " › ".join(chunk.path)),
                (visit.t("条号", "Article"), str(chunk.article or "")),
                (visit.t("版本", "Version"), f"v{document.version}"),
                (visit.t("生效起", "In force from"), day(document.effective_from)),
            ])  # fmt: skip
            words(chunk.text, "lc-clause")
            with box("lc-actions"):
                quiet_button(visit.t("关闭", "Close"), dialog.close)
        dialog.on("hide", dialog.delete)
        dialog.open()
