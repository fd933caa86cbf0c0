"""A table of products, stock, orders …: looked through first, imported whole or not at all."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import background_tasks, events, ui

from api.auth.rights import Right
from api.console.frame import page
from api.console.parts import badge, box, card, column, empty, facts, main_button, quiet_button, table, words
from api.console.visit import Visit
from api.console.wording import Pair, moment, named, problem_text
from knowledge.imports.refusal import ImportRefusedError
from knowledge.imports.registry import KINDS
from knowledge.imports.service import ImportFile, ImportReport, ImportService, Progress
from knowledge.kit.errors import LiveCrewError

_NAMES: dict[str, Pair] = {
    "products": ("商品", "Products"),
    "stock": ("库存", "Stock"),
    "offers": ("活动与优惠", "Offers"),
    "prices": ("历史价格", "Past prices"),
    "trace": ("一品一码", "Trace codes"),
    "traces": ("一品一码", "Trace codes"),
    "shoppers": ("顾客", "Shoppers"),
    "orders": ("订单", "Orders"),
    "shipments": ("物流", "Shipments"),
    "refunds": ("退款售后", "Refunds"),
}
_STAGES: dict[str, Pair] = {
    "reading": ("读取并核对", "Reading"),
    "checking": ("核对整表", "Checking"),
    "writing": ("写入", "Writing"),
    "written": ("完成", "Done"),
}
_MAX_BYTES = 24_000_000
_SHOWN = 30


@page("/imports", Right.IMPORTS_WRITE, ("导入", "Import"))
async def imports(visit: Visit) -> None:
    words(visit.t("支持 csv、xlsx、json，表头中英文皆可。先核对再导入；有一行不对就全部不导入。",
                  "csv, xlsx or json, Chinese or English headers. Checked first: one wrong row and nothing goes in."),
          "lc-lead")  # fmt: skip
    with card(visit.t("选择文件", "Choose a file")):
        names = {kind: named(_NAMES, kind, english=visit.english) for kind in KINDS}
        kind = ui.select(names, value=next(iter(names)), label=visit.t("导入什么", "What it holds"))
        kind.props("outlined dense").classes("lc-field")
        place = ui.element("div")
        history = ui.element("div")
        run = _Run(visit, place, lambda: str(kind.value), lambda: _history(visit, history))
        ui.upload(
            label=visit.t(
                "选择或拖入文件（24 MB 以内，更大的用命令行导入）",
                "Choose or drop a file, up to 24 MB; larger ones by the command",
            ),
            on_upload=visit.does(run.received),
            on_rejected=lambda: visit.tell(visit.t("这个文件不能导入", "This file cannot be taken"), bad=True),
            auto_upload=True,
            max_file_size=_MAX_BYTES,
        ).props('accept=".csv,.xlsx,.json,.jsonl" flat bordered').classes("lc-upload")
        place.move(target_index=-1)
    with card(visit.t("最近的导入", "Recent imports")) as last:
        history.move(last)
        await _history(visit, history)


async def _history(visit: Visit, place: ui.element) -> None:
    async with visit.may(Right.IMPORTS_WRITE) as services:
        found = await ImportService(services.database).listed(visit.shop_id, limit=20)
    place.clear()
    with place:
        if not found:
            return empty(visit.t("还没有导入过", "No imports yet"))
        rows = [
            {
                "id": one.id,
                "kind": named(_NAMES, one.kind, english=visit.english),
                "file": one.file_name,
                "counts": f"+{one.new_count:,} / ~{one.changed_count:,} / ={one.unchanged_count:,}",
                "at": moment(one.created_at),
            }
            for one in found
        ]
        columns = [
            column("kind", visit.t("类型", "Kind")),
            column("file", visit.t("文件", "File"), classes="lc-cell-wrap"),
            column("counts", visit.t("新增 / 更新 / 不变", "New / changed / same")),
            column("at", visit.t("时间", "Time")),
        ]
        table(columns, rows, key="id")


class _Run:
    """One file on its way: dry run, report, the real one. The copy on disk goes with the page."""

    def __init__(self, visit: Visit, place: ui.element, kind: Callable[[], str], after: Callable[[], Any]) -> None:
        self._visit = visit
        self._place = place
        self._kind = kind
        self._after = after
        self._folder = tempfile.TemporaryDirectory(prefix="lc-import-", ignore_cleanup_errors=True)
        visit.client.on_delete(self._folder.cleanup)
        self._busy = False

    async def received(self, event: events.UploadEventArguments) -> None:
        path = Path(self._folder.name) / "file"
        async with self._visit.may(Right.IMPORTS_WRITE):
            await event.file.save(path)
        await self._go(ImportFile(self._kind(), path, event.file.name), dry_run=True)

    async def _go(self, given: ImportFile, *, dry_run: bool) -> None:
        if self._busy:
            return self._visit.tell(self._visit.t("上一个文件还在处理", "The last file is still on its way"), bad=True)
        self._busy = True
        try:
            await self._work(given, dry_run=dry_run)
        finally:
            self._busy = False

    async def _work(self, given: ImportFile, *, dry_run: bool) -> None:
        visit, latest = self._visit, [Progress("reading", 0, 0.0)]
        self._place.clear()
        with self._place:
            told = words("", "lc-hint")
            bar = ui.linear_progress(value=0, show_value=False).classes("lc-progress")

        async def show() -> None:
            while True:
                now = latest[0]
                told.text = f"{named(_STAGES, now.stage, english=visit.english)} · {now.rows:,} " + visit.t(
                    "行", "rows"
                )
                bar.value = now.share
                await asyncio.sleep(0.2)

        showing = background_tasks.create(show(), name="import progress")
        try:
            async with visit.may(Right.IMPORTS_WRITE) as services:
                report = await ImportService(services.database).run(
                    visit.shop_id, given, dry_run=dry_run, created_by=visit.who.operator_id,
                    progress=lambda one: latest.__setitem__(0, one),
                )  # fmt: skip
        except LiveCrewError as error:
            self._place.clear()
            with self._place:
                _refused(visit, error)
            return
        finally:
            showing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await showing
        self._place.clear()
        with self._place:
            self._report(given, report)
        if not dry_run:
            visit.note("imported", kind=given.kind, rows=report.row_count)
            visit.tell(visit.t("导入完成", "Imported"))
            await self._after()

    def _report(self, given: ImportFile, report: ImportReport) -> None:
        visit = self._visit
        with box("lc-answer"):
            badge(visit.t("核对通过，尚未导入", "Checked, not yet imported") if report.dry_run
                  else visit.t("已导入", "Imported"), "wait" if report.dry_run else "good")  # fmt: skip
            facts([
                (visit.t("文件", "File"), report.file_name),
                (visit.t("行数", "Rows"), f"{report.row_count:,}"),
                (visit.t("新增", "New"), f"{report.new_count:,}"),
                (visit.t("更新", "Changed"), f"{report.changed_count:,}"),
                (visit.t("不变", "Same"), f"{report.unchanged_count:,}"),
            ])  # fmt: skip
            _columns(visit, report)
            if report.dry_run:
                with box("lc-actions left"):
                    main_button(
                        visit.t("确认导入", "Import"),
                        visit.does(lambda: self._go(given, dry_run=False)), icon="check",
                    ).mark("confirm-import")  # fmt: skip
                    quiet_button(visit.t("放弃", "Discard"), self._place.clear)


def _columns(visit: Visit, report: ImportReport) -> None:
    with ui.expansion(visit.t("各列的去处", "Where each column goes")).classes("lc-more"):
        for taken in report.columns:
            words(" → ".join(str(value) for value in vars(taken).values() if value not in ("", None)), "lc-hint")


def _refused(visit: Visit, error: LiveCrewError) -> None:
    with box("lc-answer"):
        badge(visit.t("未导入，什么都没有改动", "Not imported; nothing was changed"), "bad")
        if not isinstance(error, ImportRefusedError):
            words(problem_text(error, english=visit.english), "lc-problem")
            return
        errors = error.data["errors"]
        rows = [{"id": n, **one, "row": one["row"] or "—"} for n, one in enumerate(errors[:_SHOWN])]
        columns = [
            column("row", visit.t("行", "Row")),
            column("field", visit.t("字段", "Field")),
            column("rule", visit.t("规则", "Rule"), classes="lc-cell-wrap"),
            column("value", visit.t("表中的值", "Value"), classes="lc-cell-wrap"),
        ]
        table(columns, rows, key="id")
        count = error.data["error_count"]
        words(visit.t(f"共 {count} 处错误", f"{count} errors in all"), "lc-hint")
