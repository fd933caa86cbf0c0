"""Small questions the desk asks before it acts."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from api.console.desk.acts import Acts
from api.console.parts import box, field, main_button, quiet_button, words
from api.console.visit import Visit
from knowledge.shops.canned import CannedReply

Run = Callable[[Awaitable[object]], Awaitable[bool]]
"""Runs an act, shows what stands afterwards; False when it was refused, which has been told."""
KEYS = (
    ("j / k", ("下一条 / 上一条", "Next / previous item")),
    ("c", ("领取下一个", "Claim the next")),
    ("r", ("写回复", "Write a reply")),
    ("n", ("写备注", "Write a note")),
    ("e", ("升级", "Escalate")),
    ("Enter", ("发送回复", "Send the reply")),
    ("Esc", ("离开输入框、关闭弹窗", "Leave the field, close a dialog")),
    ("?", ("显示本页快捷键", "Show these keys")),
)


@contextmanager
def asked(visit: Visit, title: str) -> Iterator[ui.dialog]:
    with visit.client, ui.dialog() as dialog, ui.card().classes("lc-dialog").props(f'role=dialog aria-label="{title}"'):
        words(title, "lc-dialog-title")
        yield dialog
    dialog.on("hide", dialog.delete)
    dialog.open()


def _ends(visit: Visit, dialog: ui.dialog, button: str, act: Callable[[], Awaitable[bool]]) -> None:
    """A refused act leaves the words where they are."""

    async def done() -> None:
        if await act():
            dialog.close()

    with box("lc-actions"):
        quiet_button(visit.t("取消", "Cancel"), dialog.close)
        main_button(button, visit.does(done)).mark("agreed")


def _area(label: str) -> ui.textarea:
    made = ui.textarea(label).props("outlined autogrow autofocus maxlength=2000")
    return made.classes("lc-field").style("width: 100%")


def note_dialog(visit: Visit, acts: Acts, run: Run) -> None:
    with asked(visit, visit.t("内部备注", "Note")) as dialog:
        words(visit.t("只有同事看得到。", "Only colleagues read this."), "lc-hint")
        text = _area(visit.t("备注", "Note"))

        async def act() -> bool:
            return await run(acts.note(str(text.value or "")))

        _ends(visit, dialog, visit.t("保存备注", "Save the note"), act)


def escalate_dialog(visit: Visit, acts: Acts, run: Run) -> None:
    with asked(visit, visit.t("升级", "Escalate")) as dialog:
        words(visit.t("紧急度提高一级，主管会收到提醒。", "One class more urgent; supervisors are warned."), "lc-hint")
        why = _area(visit.t("原因", "Why"))
        back = ui.checkbox(visit.t("同时放回队列，由别人接手", "Also put it back for somebody else"))

        async def act() -> bool:
            return await run(acts.escalate(str(why.value or ""), release=bool(back.value)))

        _ends(visit, dialog, visit.t("升级", "Escalate"), act)


def resolve_dialog(visit: Visit, acts: Acts, run: Run, *, support: bool) -> None:
    with asked(visit, visit.t("标记为已解决", "Resolve")) as dialog:
        told = visit.t("之后由 AI 继续接待。", "The bot goes on afterwards.") if support else ""
        if told:
            words(told, "lc-hint")
        text = _area(visit.t("处理结果（选填）", "What was done (optional)"))
        ends = ui.checkbox(visit.t("同时结束会话，请顾客评价", "Also end the conversation and ask for a rating"))
        ends.set_visibility(support)

        async def act() -> bool:
            return await run(acts.resolve(str(text.value or ""), end_conversation=support and bool(ends.value)))

        _ends(visit, dialog, visit.t("已解决", "Resolved"), act)


def reveal_dialog(visit: Visit, reveal: Callable[[str], Awaitable[None]]) -> None:
    with asked(visit, visit.t("显示被隐去的个人信息", "Show masked personal data")) as dialog:
        words(visit.t("谁在何时看过，会记入审计。", "Who looked, and when, is kept in the audit."), "lc-hint")
        why = _area(visit.t("原因", "Why"))

        async def act() -> bool:
            await reveal(str(why.value or ""))
            return True

        _ends(visit, dialog, visit.t("显示", "Show"), act)


def help_dialog(visit: Visit) -> None:
    with asked(visit, visit.t("快捷键", "Keys")) as dialog:
        with box("lc-facts lc-keys"):
            for key, pair in KEYS:
                ui.html(f"<kbd>{key}</kbd>", sanitize=False)
                words(pair[visit.english])
        with box("lc-actions"):
            quiet_button(visit.t("关闭", "Close"), dialog.close)


def canned_dialog(visit: Visit, acts: Acts, found: list[CannedReply]) -> None:
    """A supervisor edits the shop's list; nothing is kept before it is saved whole."""
    rows: list[tuple[ui.input, ui.textarea]] = []
    with asked(visit, visit.t("编辑常用语", "Edit canned replies")) as dialog:
        place = ui.element("div").classes("lc-canned-rows")

        def add(one: CannedReply) -> None:
            with place, box("lc-canned-row") as row:
                title = field(visit.t("名称", "Name"), one.title).props("maxlength=20")
                text = ui.textarea(visit.t("内容", "Words"), value=one.text).props(
                    "outlined dense autogrow maxlength=500"
                )
                pair = (title, text.classes("lc-field grow"))
                rows.append(pair)

                def drop() -> None:
                    rows.remove(pair)
                    row.delete()

                ui.button(icon="delete", on_click=drop, color="secondary").props(
                    f'flat round dense aria-label="{visit.t("删除", "Delete")}"'
                )

        for one in found:
            add(one)
        quiet_button(visit.t("添加一条", "Add one"), lambda: add(CannedReply("", "")), icon="add")

        async def save() -> bool:
            await acts.set_canned([CannedReply(str(title.value), str(text.value)) for title, text in rows])
            visit.tell(visit.t("常用语已保存", "Saved"))
            return True

        _ends(visit, dialog, visit.t("保存", "Save"), save)
