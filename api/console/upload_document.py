"""Upload with a look first: the file is cut as the index will cut it before anything is stored."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import PurePosixPath

from nicegui import events, ui

from api.auth.rights import Right
from api.console.parts import box, field, main_button, quiet_button, words
from api.console.visit import Visit
from api.console.wording import KINDS, named, problem_text
from knowledge.documents.chunking import Chunk, chunk
from knowledge.documents.parse import MAX_FILE_BYTES
from knowledge.documents.parsed import ParsedDocument
from knowledge.documents.service import Upload, parse_file
from knowledge.kit.errors import InvalidInputError, LiveCrewError

ACCEPTED = ".md,.markdown,.txt,.html,.htm,.pdf,.docx,.xlsx"
_SHOWN = 4
_OWN_KINDS = ("policy", "faq", "product", "law")


class UploadForm:
    def __init__(self, visit: Visit, doc: str = "", kind: str = "policy") -> None:
        self._visit = visit
        self._file_name = ""
        self._content = b""
        self._fixed_doc = doc
        self._draw(kind)

    def _draw(self, kind: str) -> None:
        visit = self._visit
        ui.upload(
            label=visit.t(
                "选择或拖入文件（md txt html pdf docx xlsx，20 MB 以内）", "Choose or drop a file, up to 20 MB"
            ),
            on_upload=visit.does(self._chosen),
            on_rejected=lambda: visit.tell(visit.t("这个文件不能上传", "This file cannot be taken"), bad=True),
            auto_upload=True,
            max_file_size=MAX_FILE_BYTES,
        ).props(f'accept="{ACCEPTED}" flat bordered').classes("lc-upload")
        with box("lc-form-row"):
            names = {code: named(KINDS, code, english=visit.english) for code in _OWN_KINDS}
            self._kind = ui.select(names, value=kind if kind in names else "policy", label=visit.t("类型", "Kind"))
            self._kind.props("outlined dense").classes("lc-field")
            self._title = field(visit.t("标题（可空）", "Title (may be blank)")).classes("grow")
        with box("lc-form-row"):
            self._from = field(visit.t("生效起（可空）", "In force from")).props("type=date stack-label")
            self._to = field(visit.t("生效止（可空）", "In force to")).props("type=date stack-label")
        self._preview = ui.element("div").classes("lc-preview")

    async def _chosen(self, event: events.UploadEventArguments) -> None:
        async with self._visit.may(Right.DOCUMENTS_WRITE):
            content = await event.file.read()
        self._preview.clear()
        with self._preview:
            try:
                parsed = await asyncio.to_thread(parse_file, event.file.name, content)
                chunks = await asyncio.to_thread(chunk, parsed)
            except LiveCrewError as error:
                self._file_name, self._content = "", b""
                words(problem_text(error, english=self._visit.english), "lc-problem").mark("refused")
                return
            self._file_name, self._content = event.file.name, content
            self._title.value = self._title.value or parsed.title
            self._show(parsed, chunks)

    def _show(self, parsed: ParsedDocument, chunks: list[Chunk]) -> None:
        visit = self._visit
        if parsed.effective_from and not self._from.value:
            self._from.value = parsed.effective_from.isoformat()
        if parsed.effective_to and not self._to.value:
            self._to.value = parsed.effective_to.isoformat()
        words(visit.t(f"将切成 {len(chunks)} 个可引用的条目：", f"Will be cut into {len(chunks)} citable pieces:"),
              "lc-hint")  # fmt: skip
        for one in chunks[:_SHOWN]:
            with box("lc-piece"):
                words(" › ".join(one.path) or parsed.title, "lc-piece-path")
                words(one.text[:160] + ("…" if len(one.text) > 160 else ""), "lc-piece-text")

    async def store(self) -> str:
        """The document's key. Raises: InvalidInputError."""
        if not self._content:
            raise InvalidInputError(self._visit.t("请先选择文件。", "Choose a file first."), field="file")
        upload = Upload(
            doc=self._fixed_doc or PurePosixPath(self._file_name).stem,
            file_name=self._file_name,
            content=self._content,
            kind=str(self._kind.value),
            source="console",
            title=(self._title.value or "").strip()[:200],
            effective_from=_day(self._from.value),
            effective_to=_day(self._to.value),
        )
        async with self._visit.may(Right.DOCUMENTS_WRITE) as services:
            added = await services.documents.add(self._visit.shop_id, upload)
        self._visit.note("document_added", document=added.document.id, unchanged=added.unchanged)
        told = self._visit.t("与最新版本相同，未新增版本", "Same as the newest version; nothing was added")
        stored = self._visit.t("已上传，正在处理", "Uploaded; it is being processed")
        self._visit.tell(told if added.unchanged else stored)
        return added.document.doc


def _day(value: str | None) -> date | None:
    """Raises: InvalidInputError."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise InvalidInputError("This is no date.", field="effective_from", rule="YYYY-MM-DD") from error


def upload_dialog(visit: Visit, after: Callable[[], Awaitable[None]], *, doc: str = "", kind: str = "policy") -> None:
    with visit.client, ui.dialog() as dialog, ui.card().classes("lc-dialog wide"):
        words(visit.t("上传新版本", "Upload a new version") if doc else visit.t("上传文档", "Upload a document"),
              "lc-dialog-title")  # fmt: skip
        form = UploadForm(visit, doc, kind)

        async def send() -> None:
            await form.store()
            dialog.close()
            await after()

        with box("lc-actions"):
            quiet_button(visit.t("取消", "Cancel"), dialog.close)
            main_button(visit.t("上传", "Upload"), visit.does(send)).mark("send-document")
    dialog.on("hide", dialog.delete)
    dialog.open()
