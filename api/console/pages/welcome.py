"""The shop's first steps, in order, each of which can be come back to: words, law, rules, a question."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from api.auth.rights import Right
from api.console.frame import page
from api.console.pages.ask import ask_box
from api.console.parts import badge, box, card, field, main_button, quiet_button, words
from api.console.upload_document import UploadForm
from api.console.visit import Visit
from knowledge.documents import repository as documents
from knowledge.documents.law_cards import SOURCE, card_uploads
from knowledge.kit.db import check_storable
from knowledge.kit.errors import InvalidInputError
from knowledge.shops.models import Shop

_SUGGESTIONS = 6


@page("/welcome", Right.SHOP_WRITE, ("店铺设置", "Shop"))
async def welcome(visit: Visit) -> None:
    words(visit.t("五步就能开始接待；每一步都可以随时回来修改。",
                  "A few steps to the first answer; each can be changed later."), "lc-lead")  # fmt: skip
    with ui.stepper().props("vertical flat animated header-nav").classes("lc-steps") as steps:
        with ui.step("words", title=visit.t("店铺与欢迎语", "Shop and greeting"), icon="storefront"):
            await _words(visit, steps.next)
        with ui.step("law", title=visit.t("法规卡片", "Law cards"), icon="gavel"):
            await _law(visit, steps.next)
        with ui.step("rules", title=visit.t("第一份店铺规则", "First policy"), icon="description"):
            await _rules(visit, steps.next)
        with ui.step("try", title=visit.t("试问一句", "A test question"), icon="quiz"):
            await ask_box(visit)
            with box("lc-actions left"):
                quiet_button(visit.t("下一步", "Next"), steps.next)
        with ui.step("go", title=visit.t("接入网店", "Put it on your shop"), icon="rocket_launch"):
            _embed(visit)


async def _words(visit: Visit, on: Callable[[], Any]) -> None:
    async with visit.scope(Right.SHOP_WRITE) as scope:
        shop = await scope.session.get_one(Shop, visit.shop_id)
        name, settings = shop.name, dict(shop.settings)
    shop_name = field(visit.t("店铺名称", "Shop name"), name)
    greeting = field(visit.t("欢迎语", "Greeting"), str(settings.get("greeting", "")))
    suggestions = ui.textarea(
        visit.t(
            f"建议问题（每行一条，最多 {_SUGGESTIONS} 条）", f"Suggested questions, one a line, at most {_SUGGESTIONS}"
        ),
        value="\n".join(settings.get("suggestions", [])),
    )
    suggestions.props("outlined dense autogrow").classes("lc-field")

    async def save() -> None:
        lines = [line.strip() for line in (suggestions.value or "").splitlines() if line.strip()]
        await _save_words(visit, (shop_name.value or "").strip(), (greeting.value or "").strip(), lines)
        visit.tell(visit.t("已保存", "Saved"))
        on()

    with box("lc-actions left"):
        main_button(visit.t("保存并继续", "Save and go on"), visit.does(save)).mark("save-shop")


async def _save_words(visit: Visit, name: str, greeting: str, suggestions: list[str]) -> None:
    """Raises: InvalidInputError."""
    if not 1 <= len(name) <= 60:
        raise InvalidInputError("A shop's name has 1 to 60 characters.", field="name", rule="1 to 60")
    if len(greeting) > 300 or len(suggestions) > _SUGGESTIONS or any(len(one) > 60 for one in suggestions):
        told = visit.t("欢迎语最多 300 字；建议问题最多 6 条、每条 60 字。",
                       "A greeting has at most 300 characters; six suggestions of 60.")  # fmt: skip
        raise InvalidInputError(told, field="greeting")
    for text in (name, greeting, *suggestions):
        check_storable("greeting", text)
    async with visit.scope(Right.SHOP_WRITE) as scope:
        shop = await scope.session.get_one(Shop, visit.shop_id)
        shop.name, shop.settings = name, {**shop.settings, "greeting": greeting, "suggestions": suggestions}
    visit.note("shop_changed")


async def _law(visit: Visit, on: Callable[[], Any]) -> None:
    words(visit.t("把消费者权益保护法、七日无理由退货办法等常用条款做成了白话卡片，客服可以直接引用。",
                  "The clauses shoppers ask about most, in plain words the desk can cite."))  # fmt: skip
    place = ui.element("div").classes("lc-badges")

    async def redraw() -> bool:
        async with visit.scope(Right.DOCUMENTS_READ) as scope:
            found = [one for one in await documents.listed(scope) if one.source == SOURCE]
        ready = sum(one.state == "ready" for one in found)
        place.clear()
        with place:
            if found:
                badge(visit.t(f"已处理 {ready} / {len(found)}", f"{ready} of {len(found)} ready"),
                      "good" if ready == len(found) else "wait")  # fmt: skip
        return ready == len(found)

    async def poll() -> None:
        timer.active = not await redraw()

    async def add() -> None:
        async with visit.may(Right.DOCUMENTS_WRITE) as services:
            for upload in card_uploads():
                await services.documents.add(visit.shop_id, upload)
        visit.note("law_cards_added")
        timer.active = not await redraw()

    timer = ui.timer(1.0, visit.does(poll))
    with box("lc-actions left"):
        main_button(visit.t("加入法规卡片", "Add the law cards"), visit.does(add), icon="library_add").mark("add-law")
        quiet_button(visit.t("下一步", "Next"), on)


async def _rules(visit: Visit, on: Callable[[], Any]) -> None:
    words(visit.t("上传退换货、发货或发票规则。客服只根据你上传的内容回答，不会自己编。",
                  "Upload your rules of returns, shipping or invoices. The desk answers from them alone."))  # fmt: skip
    form = UploadForm(visit)

    async def send() -> None:
        await form.store()
        on()

    with box("lc-actions left"):
        main_button(visit.t("上传并继续", "Upload and go on"), visit.does(send)).mark("wizard-upload")
        quiet_button(visit.t("以后再说", "Later"), on)


def _embed(visit: Visit) -> None:
    words(visit.t("在网店页面里加入这一行，聊天窗口就会出现：", "Add this line to your shop's pages:"))
    origin = str(visit.request.base_url).rstrip("/").removesuffix("/console")
    line = f'<script type="module" src="{origin}/web/widget.js" data-shop="{visit.shop_id}"></script>'
    ui.element("pre").classes("lc-code").props["innerText"] = line
    with box("lc-actions left"):
        quiet_button(visit.t("复制", "Copy"), lambda: ui.clipboard.write(line), icon="content_copy")
        address = f"{origin}/?shop={visit.shop_id}"
        quiet_button(visit.t("打开聊天页试试", "Open the chat page"),
                     lambda: ui.navigate.to(address, new_tab=True), icon="open_in_new")  # fmt: skip
        quiet_button(visit.t("进入概览", "To the overview"), lambda: visit.go("/"), icon="home")
    with card():
        words(visit.t("接着可以：", "Next:"))
        for text, path in (
            (visit.t("导入商品", "Import products"), "/imports"),
            (visit.t("设置政策数值", "Set the policy terms"), "/policies"),
            (visit.t("接入大模型", "Choose a model"), "/model"),
            (visit.t("添加同事", "Add colleagues"), "/operators"),
        ):
            ui.link(text, path).classes("lc-link")
