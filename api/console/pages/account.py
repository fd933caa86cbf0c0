"""One's own password."""

from api.auth import operators as accounts
from api.auth.rights import Right
from api.console.frame import page
from api.console.parts import box, card, field, main_button, words
from api.console.visit import Visit
from knowledge.kit.errors import InvalidInputError


@page("/account", None, ("我的账号", "My account"))
async def account(visit: Visit) -> None:
    with card(visit.t("修改密码", "Change password")):
        words(
            visit.t("修改后，你在所有浏览器上的登录都会结束。", "Ends all your sign-ins, in every browser."), "lc-hint"
        )
        old = field(visit.t("当前密码", "Current password"), password=True)
        new = field(visit.t("新密码（至少 10 个字符）", "New password, 10 characters or more"), password=True)
        again = field(visit.t("再输一次", "Once more"), password=True)

        async def change() -> None:
            if new.value != again.value:
                told = visit.t("两次输入的新密码不同。", "The two new passwords differ.")
                raise InvalidInputError(told, field="password", rule="twice the same")
            async with visit.may(Right.DOCUMENTS_READ) as services:
                await accounts.change_own_password(services.database, visit.who, old.value or "", new.value or "")
            visit.note("password_changed")
            visit.leave()

        with box("lc-actions left"):
            main_button(visit.t("修改密码", "Change password"), visit.does(change))
