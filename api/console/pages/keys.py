"""Keys for programs: API keys of the shop, and the keys that sign who a shopper is."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from api.auth import identity
from api.auth import keys as api_keys
from api.auth.models import ApiKey, IdentityKey
from api.auth.rights import Right
from api.console.frame import page
from api.console.parts import badge, box, card, confirm, empty, field, main_button, quiet_button, secret_shown, words
from api.console.samples import samples
from api.console.visit import Visit
from api.console.wording import moment
from knowledge.kit.db import check_storable
from knowledge.kit.errors import InvalidInputError


@page("/keys", Right.KEYS_WRITE, ("密钥", "Keys"))
async def keys(visit: Visit) -> None:
    await _api(visit)
    await _identity(visit)


async def _api(visit: Visit) -> None:
    with card(
        visit.t("API 密钥", "API keys"),
        visit.t("给店铺自己的程序使用，按范围授权", "For the shop's own programs, by scope"),
    ):
        place = ui.element("div").classes("lc-list")

        async def redraw() -> None:
            async with visit.scope(Right.KEYS_WRITE) as scope:
                found = await api_keys.listed(scope)
            place.clear()
            with place:
                for one in found:
                    _api_key(visit, one, redraw)
                if not found:
                    empty(visit.t("还没有密钥", "No keys yet"))

        await redraw()
        with box("lc-actions left"):
            main_button(visit.t("新建 API 密钥", "New API key"), lambda: _new_api_key(visit, redraw), icon="add")


def _api_key(visit: Visit, one: ApiKey, redraw: Callable[[], Any]) -> None:
    async def revoke() -> None:
        async with visit.scope(Right.KEYS_WRITE) as scope:
            await api_keys.revoke_key(scope, one.id)
        visit.note("api_key_revoked", key=one.id)
        await redraw()

    with box("lc-row off" if one.revoked_at else "lc-row"):
        with box("lc-row-words"):
            words(one.name, "lc-row-name")
            words(f"{one.id} · {moment(one.created_at)}", "lc-hint")
        with box("lc-badges grow"):
            for scope_name in one.scopes:
                badge(scope_name, "quiet")
        if one.revoked_at:
            badge(visit.t("已吊销", "Revoked"), "bad")
        else:
            quiet_button(
                visit.t("吊销", "Revoke"),
                lambda: confirm(
                    visit,
                    title=visit.t(f"吊销“{one.name}”？", f"Revoke “{one.name}”?"),
                    text=visit.t("使用它的程序会立即被拒绝。", "Programs that use it are refused at once."),
                    button=visit.t("吊销", "Revoke"),
                    act=revoke,
                ),
                tone="danger",
            )


def _new_api_key(visit: Visit, redraw: Callable[[], Any]) -> None:
    with visit.client, ui.dialog() as dialog, ui.card().classes("lc-dialog"):
        words(visit.t("新建 API 密钥", "New API key"), "lc-dialog-title")
        name = field(visit.t("用途", "What it is for")).mark("key-name")
        words(visit.t("范围：只勾选用得到的", "Scopes: only what is needed"), "lc-label")
        with box("lc-scopes"):
            boxes = {one: ui.checkbox(one, value=False) for one in api_keys.SCOPES}

        async def make() -> None:
            chosen = [one for one, ticked in boxes.items() if ticked.value]
            async with visit.scope(Right.KEYS_WRITE) as scope:
                secret = await api_keys.create_key(scope, _named(visit, name.value or "", chosen), chosen)
            visit.note("api_key_created", scopes=chosen)
            dialog.close()
            _shown_once(visit, secret)
            await redraw()

        with box("lc-actions"):
            quiet_button(visit.t("取消", "Cancel"), dialog.close)
            main_button(visit.t("生成", "Create"), visit.does(make)).mark("make-key")
    dialog.on("hide", dialog.delete)
    dialog.open()


def _named(visit: Visit, name: str, chosen: list[str]) -> str:
    """Raises: InvalidInputError."""
    if not 1 <= len(name.strip()) <= 60:
        raise InvalidInputError(visit.t("请写明用途（60 字以内）。", "Say what it is for."), field="name")
    if not chosen:
        raise InvalidInputError(visit.t("至少勾选一个范围。", "Tick at least one scope."), field="scopes")
    check_storable("name", name)
    return name.strip()


def _shown_once(visit: Visit, secret: str) -> None:
    secret_shown(
        visit,
        title=visit.t("请现在保存密钥", "Save the key now"),
        text=visit.t("关闭后无法再次查看，只能重新生成。", "It cannot be shown again, only made anew."),
        secret=secret,
    )


async def _identity(visit: Visit) -> None:
    hint = visit.t("店铺后端用它签发身份令牌，证明聊天的是哪位顾客", "The shop's server signs with it who a shopper is")
    with card(visit.t("顾客身份密钥", "Identity keys"), hint):
        place = ui.element("div").classes("lc-list")
        code = ui.element("div")

        async def redraw() -> None:
            async with visit.scope(Right.KEYS_WRITE) as scope:
                found = await identity.identity_keys(scope)
            place.clear()
            with place:
                for one in found:
                    _identity_key(visit, one, redraw)
                if not found:
                    empty(visit.t("还没有身份密钥", "No identity keys yet"))
            active = next((one.id for one in found if one.retired_at is None), "idk_…")
            code.clear()
            with code:
                _samples(visit, active)

        async def make() -> None:
            async with visit.scope(Right.KEYS_WRITE) as scope:
                made = await identity.create_identity_key(scope)
            visit.note("identity_key_created", key=made.id)
            _shown_once(visit, made.secret)
            await redraw()

        with box("lc-actions left"):
            main_button(visit.t("新建身份密钥", "New identity key"), visit.does(make), icon="add")
        words(visit.t("轮换：先新建并换到店铺后端，再停用旧的，期间两把都有效。",
                      "To rotate: make a new one, change the server over, then retire the old; both work meanwhile."),
              "lc-hint")  # fmt: skip
        code.move(target_index=-1)
        await redraw()


def _identity_key(visit: Visit, one: IdentityKey, redraw: Callable[[], Any]) -> None:
    async def retire() -> None:
        async with visit.scope(Right.KEYS_WRITE) as scope:
            await identity.retire_identity_key(scope, one.id)
        visit.note("identity_key_retired", key=one.id)
        await redraw()

    with box("lc-row off" if one.retired_at else "lc-row"):
        with box("lc-row-words grow"):
            words(one.id, "lc-row-name mono")
            words(moment(one.created_at), "lc-hint")
        if one.retired_at:
            badge(visit.t("已停用", "Retired"), "bad")
        else:
            quiet_button(
                visit.t("停用", "Retire"),
                lambda: confirm(
                    visit,
                    title=visit.t("停用这把身份密钥？", "Retire this identity key?"),
                    text=visit.t("用它签的令牌立即失效，不能恢复。", "Tokens it signed stop working, for good."),
                    button=visit.t("停用", "Retire"),
                    act=retire,
                ),
                tone="danger",
            )


def _samples(visit: Visit, key_id: str) -> None:
    with ui.expansion(visit.t("店铺后端怎么签（复制即用）", "How the shop's server signs (copy and use)")).classes(
        "lc-more"
    ):
        shown = samples(key_id, visit.shop_id)
        with ui.tabs().props("dense no-caps align=left").classes("lc-tabs") as tabs:
            for name in shown:
                ui.tab(name)
        with ui.tab_panels(tabs, value=next(iter(shown))).classes("lc-panels"):
            for name, text in shown.items():
                with ui.tab_panel(name):
                    ui.element("pre").classes("lc-code").props["innerText"] = text
                    quiet_button(visit.t("复制", "Copy"), lambda text=text: ui.clipboard.write(text), "content_copy")
