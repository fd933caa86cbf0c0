"""Accounts of this shop: who may come in, as what, and the way to throw somebody out at once."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from api.auth import operators as accounts
from api.auth.models import Operator
from api.auth.passwords import random_password
from api.auth.rights import Right, Role
from api.console.frame import page
from api.console.parts import badge, box, confirm, field, main_button, quiet_button, secret_shown, words
from api.console.visit import Visit
from api.console.wording import ROLE_HINTS, ROLES, moment, named


@page("/operators", Right.OPERATORS_WRITE, ("成员", "Operators"))
async def operators(visit: Visit) -> None:
    with box("lc-bar"):
        words(visit.t("角色决定能看到和能做的事；改动立即生效，对方需重新登录。",
                      "Roles decide what one sees and does; a change ends that person's sign-ins at once."),
              "lc-hint grow")  # fmt: skip
        main_button(visit.t("添加成员", "Add"), lambda: _edit(visit, None, redraw), icon="person_add")
    place = ui.element("div").classes("lc-people")

    async def redraw() -> None:
        async with visit.scope(Right.OPERATORS_WRITE) as scope:
            found = await accounts.listed(scope)
            locked_until = visit.now()
        place.clear()
        with place:
            for one in found:
                _person(visit, one, redraw, locked=bool(one.locked_until and one.locked_until > locked_until))

    await redraw()


def _person(visit: Visit, one: Operator, redraw: Callable[[], Any], *, locked: bool) -> None:
    own = one.id == visit.who.operator_id
    with ui.element("div").classes("lc-person off" if one.disabled_at else "lc-person").mark(f"person-{one.login}"):
        words(one.name[:1], "lc-mark small")
        with box("lc-person-words"):
            words(one.name + (visit.t("（你）", " (you)") if own else ""), "lc-person-name")
            last = visit.t(f"上次登录 {moment(one.last_login_at)}", f"last sign-in {moment(one.last_login_at)}")
            words(f"{one.login} · {last}", "lc-hint")
        with box("lc-badges"):
            for role in one.roles:
                badge(named(ROLES, role, english=visit.english))
            if one.disabled_at:
                badge(visit.t("已停用", "Disabled"), "bad")
            elif locked:
                badge(visit.t("暂时锁定", "Locked"), "wait")
        with box("lc-person-actions"):
            quiet_button(visit.t("编辑", "Edit"), lambda: _edit(visit, one, redraw))
            quiet_button(visit.t("重置密码", "Reset password"), lambda: _reset(visit, one, redraw))
            if not own:
                _switch(visit, one, redraw)


def _switch(visit: Visit, one: Operator, redraw: Callable[[], Any]) -> None:
    disable = one.disabled_at is None

    async def act() -> None:
        async with visit.scope(Right.OPERATORS_WRITE) as scope:
            await accounts.set_disabled(scope, one.id, disabled=disable)
        visit.note("operator_disabled" if disable else "operator_enabled", target=one.id)
        await redraw()

    if disable:
        quiet_button(
            visit.t("停用", "Disable"),
            lambda: confirm(
                visit,
                title=visit.t(f"停用 {one.name}？", f"Disable {one.name}?"),
                text=visit.t(
                    "对方所有已登录的页面会立即退出。", "Every page this person has open is signed out at once."
                ),
                button=visit.t("停用", "Disable"),
                act=act,
            ),
            tone="danger",
        )
    else:
        quiet_button(visit.t("恢复", "Enable"), visit.does(act))


def _reset(visit: Visit, one: Operator, redraw: Callable[[], Any]) -> None:
    async def act() -> None:
        password = random_password()
        async with visit.scope(Right.OPERATORS_WRITE) as scope:
            await accounts.set_password(scope, one.id, password)
        visit.note("password_reset", target=one.id)
        _show_password(visit, one.login, password)
        await redraw()

    confirm(
        visit,
        title=visit.t(f"重置 {one.name} 的密码？", f"Reset the password of {one.name}?"),
        text=visit.t("会生成新密码并只显示一次；对方需重新登录。", "A new one is made and shown once; sign-ins end."),
        button=visit.t("重置", "Reset"),
        act=act,
    )


def _show_password(visit: Visit, login: str, password: str) -> None:
    secret_shown(
        visit,
        title=visit.t(f"{login} 的新密码", f"New password of {login}"),
        text=visit.t("只显示这一次，请转交本人。", "Shown this once; hand it over in person."),
        secret=password,
    )


def _edit(visit: Visit, one: Operator | None, redraw: Callable[[], Any]) -> None:
    with visit.client, ui.dialog() as dialog, ui.card().classes("lc-dialog"):
        words(visit.t("编辑成员", "Edit") if one else visit.t("添加成员", "Add an operator"), "lc-dialog-title")
        name = field(visit.t("姓名", "Name"), one.name if one else "").mark("operator-name")
        login = None if one else field(visit.t("登录名", "Login")).mark("operator-login")
        words(visit.t("角色", "Roles"), "lc-label")
        boxes = {}
        for role in Role:
            with box("lc-role"):
                chosen = role.value in one.roles if one else role is Role.OPERATOR
                boxes[role.value] = ui.checkbox(ROLES[role.value][visit.english], value=chosen)
                words(ROLE_HINTS[role.value][visit.english], "lc-hint")

        async def save() -> None:
            roles = [role for role, ticked in boxes.items() if ticked.value]
            if one:
                async with visit.scope(Right.OPERATORS_WRITE) as scope:
                    await accounts.change_operator(scope, one.id, name=name.value or "", roles=roles)
                visit.note("operator_changed", target=one.id, roles=roles)
            else:
                await _create(visit, str(login.value if login else ""), name.value or "", roles)
            dialog.close()
            if one and one.id == visit.who.operator_id:
                return visit.leave()
            await redraw()

        with box("lc-actions"):
            quiet_button(visit.t("取消", "Cancel"), dialog.close)
            main_button(visit.t("保存", "Save"), visit.does(save)).mark("save-operator")
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _create(visit: Visit, login: str, name: str, roles: list[str]) -> None:
    password = random_password()
    async with visit.scope(Right.OPERATORS_WRITE) as scope:
        made = await accounts.create_operator(scope, login, name=name, password=password, roles=roles)
    visit.note("operator_created", target=made.operator_id, roles=roles)
    _show_password(visit, made.login, password)
