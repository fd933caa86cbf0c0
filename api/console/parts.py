"""The few pieces every page is made of, so that they look alike."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from nicegui import ui

from api.console.visit import Visit


def words(text: str, classes: str = "") -> ui.label:
    return ui.label(text).classes(classes)


@contextmanager
def box(classes: str) -> Iterator[ui.element]:
    with ui.element("div").classes(classes) as made:
        yield made


@contextmanager
def card(title: str = "", hint: str = "", classes: str = "") -> Iterator[ui.element]:
    with ui.element("section").classes(f"lc-card {classes}") as made:
        if title:
            with box("lc-card-head"):
                words(title, "lc-card-title")
                if hint:
                    words(hint, "lc-hint")
        yield made


def badge(text: str, tone: str = "") -> ui.label:
    return ui.label(text).classes(f"lc-badge {tone}")


def empty(text: str, hint: str = "") -> None:
    with box("lc-empty"):
        ui.icon("inbox").classes("lc-empty-icon")
        words(text)
        if hint:
            words(hint, "lc-hint")


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Name and value, two columns; a blank value is left out."""
    with box("lc-facts"):
        for name, value in pairs:
            if value:
                words(name, "lc-fact-name")
                words(value, "lc-fact-value")


def figure(value: str, name: str, hint: str = "", tone: str = "") -> None:
    with box(f"lc-figure {tone}"):
        words(value, "lc-figure-value")
        words(name, "lc-figure-name")
        if hint:
            words(hint, "lc-hint")


def main_button(text: str, on_click: Callable[..., Any], icon: str = "", *, danger: bool = False) -> ui.button:
    made = ui.button(text, on_click=on_click, icon=icon or None, color="negative" if danger else "primary")
    return made.props("unelevated no-caps").classes("lc-main")


def quiet_button(text: str, on_click: Callable[..., Any], icon: str = "", tone: str = "") -> ui.button:
    made = ui.button(text, on_click=on_click, icon=icon or None, color="negative" if tone == "danger" else "secondary")
    return made.props("flat no-caps").classes("lc-quiet")


def field(label: str, value: str = "", **props: Any) -> ui.input:
    return ui.input(label, value=value, **props).props("outlined dense").classes("lc-field")


def column(name: str, label: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "field": name, "align": "left", **more}


def table(
    columns: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], *, key: str, link: str = "", badges: str = ""
) -> ui.table:
    """`link`: the column that opens `row.href`; `badges`: columns whose cells are {text, tone}, by blanks."""
    made = ui.table(columns=list(columns), rows=list(rows), row_key=key, pagination={"rowsPerPage": 0})
    made.props("flat hide-bottom dense").classes("lc-table")
    if link:
        made.add_slot(
            f"body-cell-{link}",
            '<q-td :props="props"><a class="lc-link" :href="props.row.href">{{ props.value }}</a></q-td>',
        )
    for name in badges.split():
        made.add_slot(
            f"body-cell-{name}",
            '<q-td :props="props"><span v-for="one in [].concat(props.value || [])" :class="\'lc-badge \' + one.tone">'
            "{{ one.text }}</span></q-td>",
        )
    return made


def confirm(
    visit: Visit, *, title: str, text: str, button: str, act: Callable[[], Awaitable[Any]], danger: bool = True
) -> None:
    """Asks first; the dialog closes once it was done."""
    with visit.client, ui.dialog() as dialog, ui.card().classes("lc-dialog"):
        words(title, "lc-dialog-title")
        words(text, "lc-dialog-text")

        async def agreed() -> None:
            dialog.close()
            await act()

        with box("lc-actions"):
            quiet_button(visit.t("取消", "Cancel"), dialog.close)
            main_button(button, visit.does(agreed), danger=danger).mark("agreed")
    dialog.on("hide", dialog.delete)
    dialog.open()


def secret_shown(visit: Visit, *, title: str, text: str, secret: str) -> None:
    """A value that is shown this once."""
    with visit.client, ui.dialog().props("persistent") as dialog, ui.card().classes("lc-dialog"):
        words(title, "lc-dialog-title")
        words(text, "lc-dialog-text")
        words(secret, "lc-secret").mark("secret")
        with box("lc-actions"):
            quiet_button(visit.t("复制", "Copy"), lambda: ui.clipboard.write(secret), icon="content_copy")
            main_button(visit.t("我已保存", "I have saved it"), dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()


def pager(visit: Visit, *, page: int, size: int, total: int, address: Callable[[int], str]) -> None:
    """`page` starts at 1."""
    last = max(1, -(-total // size))
    with box("lc-pager"):
        first = (page - 1) * size + 1 if total else 0
        words(visit.t(f"第 {first}–{min(page * size, total)} 条，共 {total} 条",
                      f"{first}–{min(page * size, total)} of {total}"), "lc-hint")  # fmt: skip
        back = quiet_button(visit.t("上一页", "Back"), lambda: visit.go(address(page - 1)), icon="chevron_left")
        back.set_enabled(page > 1)
        on = quiet_button(visit.t("下一页", "Next"), lambda: visit.go(address(page + 1)), icon="chevron_right")
        on.set_enabled(page < last)
