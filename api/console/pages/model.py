"""Which model writes for this shop, tried before it is saved."""

from dataclasses import dataclass

from nicegui import ui

from agents.llm.model_check import ModelCheck, check_model
from agents.llm.shop_writer import ShopModel
from api.auth.rights import Right
from api.console.frame import page
from api.console.model_words import PROBLEMS, STRUCTURES
from api.console.parts import badge, box, card, confirm, facts, field, main_button, quiet_button, words
from api.console.visit import Visit


@dataclass(frozen=True)
class _Form:
    base_url: ui.input
    model: ui.input
    api_key: ui.input


@page("/model", Right.MODEL_WRITE, ("模型", "Model"))
async def model(visit: Visit) -> None:
    async with visit.may(Right.MODEL_WRITE) as services:
        chosen = await services.shop_writer.chosen(visit.shop_id)
        name = await services.shop_writer.name_for(visit.shop_id)
    with card():
        words(visit.t("现在由谁成文", "Who writes now"), "lc-card-title")
        with box("lc-badges"):
            badge(visit.t("离线成文（摘录原文）", "Offline writer (quotes)") if name == "offline" else name, "good")
            own = visit.t("本店设置", "This shop's") if chosen else visit.t("服务器默认", "The server's default")
            badge(own, "quiet")
        words(visit.t("无论哪种，每句话都要通过核对才会发出；模型不可用时自动退回离线成文。",
                      "Either way each sentence is checked; when the model fails the offline writer takes over."),
              "lc-hint")  # fmt: skip
    with card(
        visit.t("本店模型", "This shop's model"), visit.t("任何兼容 OpenAI 的接口", "Any OpenAI-compatible endpoint")
    ):
        form = _form(visit, chosen)
        place = ui.element("div")
        _buttons(visit, form, chosen, place)


def _form(visit: Visit, chosen: ShopModel | None) -> _Form:
    saved = bool(chosen and chosen.api_key)
    key_hint = (
        visit.t("已保存，留空则不变", "Saved; leave blank to keep it")
        if saved
        else visit.t("没有可留空", "May be blank")
    )
    base_url = field(visit.t("接口地址", "Address"), chosen.base_url if chosen else "",
                     placeholder="https://api.example.com/v1").props("stack-label").mark("base-url")  # fmt: skip
    name = field(visit.t("模型名", "Model"), chosen.model if chosen else "").mark("model-name")
    api_key = field(visit.t("密钥（只写不读）", "Key (write-only)"), placeholder=key_hint)
    api_key.props("type=password stack-label autocomplete=new-password").mark("api-key")
    return _Form(base_url, name, api_key)


def _given(form: _Form, chosen: ShopModel | None) -> ShopModel:
    """A blank key keeps the saved one only while the address stays: it is nobody's to carry elsewhere."""
    base_url = (form.base_url.value or "").strip().rstrip("/")
    kept = chosen.api_key if chosen and chosen.base_url == base_url else ""
    return ShopModel(base_url, (form.model.value or "").strip(), (form.api_key.value or "").strip() or kept)


def _buttons(visit: Visit, form: _Form, chosen: ShopModel | None, place: ui.element) -> None:
    async def test() -> None:
        place.clear()
        with place:
            ui.spinner(size="28px").classes("lc-spin")
        try:
            async with visit.may(Right.MODEL_WRITE) as services:
                result = await check_model(
                    services.shop_writer, visit.shop_id, _given(form, chosen), services.ledger, services.clock
                )
        finally:
            place.clear()
        with place:
            _result(visit, result)

    async def save() -> None:
        async with visit.may(Right.MODEL_WRITE) as services:
            await services.shop_writer.choose(visit.shop_id, _given(form, chosen))
        visit.note("model_chosen")
        visit.go("/model")

    async def forget() -> None:
        async with visit.may(Right.MODEL_WRITE) as services:
            await services.shop_writer.forget(visit.shop_id)
        visit.note("model_forgotten")
        visit.go("/model")

    with box("lc-actions left"):
        main_button(visit.t("保存并启用", "Save and use"), visit.does(save))
        quiet_button(visit.t("测试一下", "Test"), visit.does(test), icon="bolt").mark("test-model")
        if chosen:
            quiet_button(
                visit.t("恢复服务器默认", "Back to the default"),
                lambda: confirm(
                    visit,
                    title=visit.t("恢复服务器默认？", "Back to the server's default?"),
                    text=visit.t("会删除本店保存的地址和密钥。", "The saved address and key are deleted."),
                    button=visit.t("恢复", "Go back"),
                    act=forget,
                ),
            )


def _result(visit: Visit, result: ModelCheck) -> None:
    with box("lc-answer"):
        with box("lc-badges"):
            works = visit.t("可以使用", "It works"), visit.t("暂不可用", "Not usable")
            badge(works[bool(result.problem)], "bad" if result.problem else "good")
            badge(f"{result.ms} ms", "quiet")
        if result.problem:
            told = PROBLEMS.get(result.problem, (f"出错：{result.problem}", f"Error: {result.problem}"))
            words(told[visit.english], "lc-problem")
            return
        cites = visit.t("会", "Yes") if result.cited else visit.t("不会", "No")
        facts(
            [
                (visit.t("模型自称", "Calls itself"), result.answered_as),
                (visit.t("结构化输出", "Structured output"), STRUCTURES[result.structure][visit.english]),
                (visit.t("标注出处", "Cites"), cites),
                (visit.t("回答", "Said"), result.answer),
            ]
        )
