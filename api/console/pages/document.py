"""One document: its versions on a time line, and the pieces the index holds of one of them."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from nicegui import ui

from api.auth.rights import Right
from api.console.frame import page
from api.console.pages.documents import span
from api.console.parts import badge, box, card, confirm, empty, facts, main_button, quiet_button, words
from api.console.upload_document import upload_dialog
from api.console.visit import Visit
from api.console.wording import KINDS, STATES, TONES, moment, named
from knowledge.documents import repository
from knowledge.documents.effective import in_force
from knowledge.documents.models import ChunkRow, Document
from knowledge.kit.clock import shanghai_date
from knowledge.kit.errors import NotFoundError

_PIECES = 60
_UNIT_NAMES = {
    "title": ("标题", "title"),
    "body": ("正文", "body"),
    "window": ("片段", "window"),
    "question": ("问法", "question"),
    "says": ("断言", "statement"),
}


@page("/document", Right.DOCUMENTS_READ, ("文档", "Document"))
async def document(visit: Visit) -> None:
    doc = visit.param("doc")
    async with visit.scope(Right.DOCUMENTS_READ) as scope:
        history = await repository.versions(scope, doc)
    if not history:
        raise NotFoundError("There is no such document.", doc=doc)
    today = shanghai_date(visit.now())
    current = in_force([one for one in history if one.state == "ready"], today)
    chosen = next((one for one in history if one.id == visit.param("version")), current or history[-1])
    ui.link(visit.t("← 全部文档", "← All documents"), "/documents").classes("lc-back")
    _head(visit, chosen, history)
    _versions(visit, history, current, chosen)
    await _pieces(visit, chosen)
    if chosen.state == "pending":
        ui.timer(2.0, visit.does(lambda: _reload_when_done(visit, chosen.id)))


async def _reload_when_done(visit: Visit, document_id: str) -> None:
    async with visit.scope(Right.DOCUMENTS_READ) as scope:
        found = await repository.get(scope, document_id)
    if found.state != "pending":
        visit.go(_address(found.doc, found.id))


def _address(doc: str, version: str = "") -> str:
    return f"/document?doc={quote(doc, safe='')}" + (f"&version={version}" if version else "")


def _head(visit: Visit, chosen: Document, history: Sequence[Document]) -> None:
    doc = chosen.doc

    async def again() -> None:
        visit.go(_address(doc))

    with card():
        words(chosen.title or doc, "lc-page-name")
        facts([
            (visit.t("类型", "Kind"), named(KINDS, chosen.kind, english=visit.english)),
            (visit.t("文件", "File"), chosen.file_name),
            (visit.t("编号", "Key"), doc),
            (visit.t("版本", "Version"), f"v{chosen.version}"),
            (visit.t("生效期", "In force"), span(visit, chosen.effective_from, chosen.effective_to)),
            (visit.t("上传时间", "Uploaded"), moment(chosen.created_at)),
        ])  # fmt: skip
        if visit.has(Right.DOCUMENTS_WRITE):
            with box("lc-actions left"):
                main_button(
                    visit.t("上传新版本", "Upload a new version"),
                    lambda: upload_dialog(visit, again, doc=doc, kind=chosen.kind),
                    icon="upload",
                )
                quiet_button(
                    visit.t("撤下这一版", "Withdraw this version"), lambda: _withdraw(visit, chosen, history),
                    icon="remove_circle_outline",
                )  # fmt: skip
                quiet_button(
                    visit.t("彻底删除", "Erase"), lambda: _withdraw(visit, chosen, history, erase=True),
                    icon="delete_forever", tone="danger",
                )  # fmt: skip


def _withdraw(visit: Visit, chosen: Document, history: Sequence[Document], *, erase: bool = False) -> None:
    async def act() -> None:
        async with visit.may(Right.DOCUMENTS_WRITE) as services:
            await services.documents.delete(visit.shop_id, chosen.id, erase=erase)
            await services.retriever.refresh(visit.shop_id)
        visit.note("document_erased" if erase else "document_withdrawn", document=chosen.id)
        visit.go(_address(chosen.doc) if len(history) > 1 else "/documents")

    withdrawn = visit.t(
        f"《{chosen.title}》第 {chosen.version} 版将立即停止被引用。之前的会话仍显示当时的回答，但打不开原文。",
        f"Version {chosen.version} of “{chosen.title}” is no longer cited from now on. Old answers stay as they are.",
    )
    files = visit.t("索引文件也会重写，不留任何字节。", "Index files are rewritten, so that no byte is left behind.")
    confirm(
        visit,
        title=visit.t("彻底删除这一版？", "Erase this version?") if erase else visit.t("撤下这一版？", "Withdraw it?"),
        text=withdrawn + (files if erase else ""),
        button=visit.t("彻底删除", "Erase") if erase else visit.t("撤下", "Withdraw"),
        act=act,
    )


def _versions(visit: Visit, history: Sequence[Document], current: Document | None, chosen: Document) -> None:
    with card(
        visit.t("版本", "Versions"),
        visit.t("同一天有多个版本时，最晚开始生效的算数", "Of several in force, the one that began last counts"),
    ):
        with box("lc-timeline"):
            for one in reversed(history):
                with ui.link(target=_address(one.doc, one.id)).classes(
                    "lc-version chosen" if one is chosen else "lc-version"
                ):
                    words(f"v{one.version}", "lc-version-number")
                    with box("lc-version-words"):
                        words(span(visit, one.effective_from, one.effective_to))
                        words(f"{moment(one.created_at)} · {one.file_name}", "lc-hint")
                    if one is current:
                        badge(visit.t("今天生效", "In force today"), "good")
                    elif one.state == "ready" and one.effective_from and one.effective_from > _today(visit):
                        badge(visit.t("将来生效", "Not yet in force"), "wait")
                    elif one.state != "ready":
                        badge(named(STATES, one.state, english=visit.english), TONES.get(one.state, ""))
        if chosen.state == "failed":
            words(chosen.error, "lc-problem")


def _today(visit: Visit) -> date:
    return shanghai_date(visit.now())


async def _pieces(visit: Visit, chosen: Document) -> None:
    async with visit.scope(Right.DOCUMENTS_READ) as scope:
        chunks = await repository.chunks_of(scope, [chosen.id])
        units = await repository.units_of(scope, [chosen.id], "")
    texts: dict[str, list[tuple[str, str]]] = {}
    for unit in units:
        texts.setdefault(unit.chunk_id, []).append((unit.kind, unit.text))
    hint = visit.t("客服引用的最小单位；展开可看检索用的文字", "What an answer cites; open one to see what is searched")
    with card(visit.t(f"条目（{len(chunks)}）", f"Pieces ({len(chunks)})"), hint):
        if not chunks:
            pending = chosen.state == "pending"
            empty(visit.t("正在处理…", "Being processed …") if pending else visit.t("没有条目", "No pieces"))
        for piece in chunks[:_PIECES]:
            _piece(visit, piece, texts.get(piece.id, []))
        if len(chunks) > _PIECES:
            words(visit.t(f"只显示前 {_PIECES} 条", f"The first {_PIECES} are shown"), "lc-hint")


def _piece(visit: Visit, piece: ChunkRow, units: Sequence[tuple[str, str]]) -> None:
    with box("lc-piece"):
        place = " › ".join(piece.path)
        article = visit.t(f"第 {piece.article} 条", f"Article {piece.article}") if piece.article else ""
        words(" ".join(filter(None, (place, article))) or f"#{piece.ordinal + 1}", "lc-piece-path")
        words(piece.text, "lc-piece-text")
        label = visit.t(
            f"{piece.tokens} tokens · {len(units)} 条检索文字", f"{piece.tokens} tokens · {len(units)} units"
        )
        with ui.expansion(label).props("dense").classes("lc-more"):
            for kind, text in units:
                with box("lc-unit"):
                    badge(_UNIT_NAMES.get(kind, (kind, kind))[visit.english], "quiet")
                    words(text)
