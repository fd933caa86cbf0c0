"""What the desk may answer from: one line a document, and the door for new ones."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.auth.rights import Right
from api.console.frame import page
from api.console.guard import PATH
from api.console.parts import box, column, empty, field, main_button, table, words
from api.console.upload_document import upload_dialog
from api.console.visit import Visit
from api.console.wording import KINDS, STATES, TONES, day, moment, named
from knowledge.documents import repository
from knowledge.documents.effective import in_force
from knowledge.documents.models import Document
from knowledge.kit.clock import shanghai_date

_POLL_S = 1.5


@page("/documents", Right.DOCUMENTS_READ, ("文档与政策", "Documents and policies"), wide=True)
async def documents(visit: Visit) -> None:
    found = await _load(visit)
    with box("lc-bar"):
        search = field(visit.t("搜索标题", "Search titles")).props("clearable").classes("grow")
        kinds = {"": visit.t("全部类型", "All kinds")} | {
            code: named(KINDS, code, english=visit.english) for code in KINDS
        }
        kind = ui.select(kinds, value="").props("outlined dense").classes("lc-field")
        if visit.has(Right.DOCUMENTS_WRITE):
            main_button(visit.t("上传文档", "Upload"), lambda: upload_dialog(visit, redraw), icon="upload")
    place = box_for_table()
    shown = _Shown(found)

    def draw() -> None:
        place.clear()
        with place:
            _table(visit, shown.documents, search.value or "", kind.value or "")

    async def redraw() -> None:
        shown.documents = await _load(visit)
        draw()
        timer.active = True

    async def poll() -> None:
        if any(one.state == "pending" for one in shown.documents):
            shown.documents = await _load(visit)
            draw()
        timer.active = any(one.state == "pending" for one in shown.documents)

    search.on_value_change(draw)
    kind.on_value_change(draw)
    timer = ui.timer(_POLL_S, visit.does(poll))
    draw()


class _Shown:
    def __init__(self, documents: list[Document]) -> None:
        self.documents = documents


def box_for_table() -> ui.element:
    return ui.element("div").classes("lc-card tight")


async def _load(visit: Visit) -> list[Document]:
    async with visit.scope(Right.DOCUMENTS_READ) as scope:
        return await repository.listed(scope)


def _table(visit: Visit, found: Sequence[Document], search: str, kind: str) -> None:
    histories: dict[str, list[Document]] = {}
    for document in found:
        histories.setdefault(document.doc, []).append(document)
    today = shanghai_date(visit.now())
    rows = [_row(visit, history, today) for history in histories.values()]
    wanted = search.strip().lower()
    rows = [row for row in rows if wanted in row["search"] and kind in ("", row["kind_code"])]
    if not rows:
        if found:
            return empty(visit.t("没有符合的文档", "No document matches"))
        return empty(
            visit.t("还没有文档", "No documents yet"),
            visit.t("上传退换货、发货、发票等规则，客服才能据此回答", "Upload your rules; the desk answers from them"),
        )
    columns = [
        column("title", visit.t("标题", "Title"), sortable=True, classes="lc-cell-wrap"),
        column("kind", visit.t("类型", "Kind"), sortable=True),
        column("state", visit.t("状态", "State")),
        column("version", visit.t("版本", "Version")),
        column("effective", visit.t("生效期", "In force")),
        column("chunks", visit.t("条目", "Pieces"), align="right", sortable=True),
        column("added", visit.t("上传时间", "Uploaded"), sortable=True),
    ]
    table(columns, rows, key="doc", link="title", badges="state").mark("documents")
    words(visit.t(f"共 {len(rows)} 份", f"{len(rows)} documents"), "lc-hint pad")


def _row(visit: Visit, history: list[Document], today: date) -> dict[str, Any]:
    newest = history[-1]
    current = in_force([one for one in history if one.state == "ready"], today)
    shown = current or newest
    badges = [] if current else [{"text": visit.t("今天不生效", "Not in force today"), "tone": "quiet"}]
    if newest.state != "ready" or not badges:
        badges = [{"text": named(STATES, newest.state, english=visit.english), "tone": TONES.get(newest.state, "")}]
    return {
        "doc": newest.doc,
        "href": f"{PATH}/document?doc={quote(newest.doc, safe='')}",
        "title": shown.title or newest.doc,
        "kind": named(KINDS, shown.kind, english=visit.english),
        "kind_code": shown.kind,
        "state": badges,
        "version": f"v{shown.version}" + (f" / {len(history)}" if len(history) > 1 else ""),
        "effective": span(visit, shown.effective_from, shown.effective_to),
        "chunks": shown.chunk_count,
        "added": moment(newest.created_at),
        "search": f"{shown.title} {newest.doc}".lower(),
    }


def span(visit: Visit, start: date | None, end: date | None) -> str:
    if start is None and end is None:
        return visit.t("一直有效", "Always")
    if end is None:
        return visit.t(f"{day(start)} 起", f"from {day(start)}")
    return visit.t(f"{day(start) or '…'} 至 {day(end)}", f"{day(start) or '…'} to {day(end)}")
