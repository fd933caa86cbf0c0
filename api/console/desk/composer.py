"""Where an operator writes. One key a message, made when it is first tried: a retry can never be a second message."""

from nicegui import ui
from nicegui.events import GenericEventArguments

from agents.handoff.acts import MAX_WORDS
from api.console.desk.acts import Acts
from api.console.desk.dialogs import Run
from api.console.parts import box, main_button, quiet_button, words
from api.console.visit import Visit
from knowledge.kit.ids import new_id

_ENTER = "(e) => { if (e.isComposing || e.shiftKey) return; e.preventDefault(); emit(e.target.value) }"


class Composer:
    """`act` runs the sending, tells a lost fence plainly, and returns whether it was done."""

    def __init__(self, visit: Visit, acts: Acts, act: Run, text: str = "") -> None:
        self._visit, self._acts, self._act = visit, acts, act
        self._key = ""
        self._tried = ""
        self._busy = False
        with box("lc-composer"):
            label = visit.t("回复顾客", "Reply to the shopper")
            self._text = ui.textarea(placeholder=label, value=text).props(
                f'outlined autogrow dense maxlength={MAX_WORDS} aria-label="{label}" input-class="lc-composer-input"'
            )
            self._text.classes("lc-composer-text").mark("composer")
            self._text.on("keydown.enter", self._enter, js_handler=_ENTER)
            with box("lc-composer-bar"):
                self._canned()
                words(visit.t("Enter 发送 · Shift+Enter 换行", "Enter sends · Shift+Enter breaks"), "lc-hint grow")
                self._send = main_button(visit.t("发送", "Send"), visit.does(self._from_button), icon="send")
                self._send.mark("send")

    @property
    def text(self) -> str:
        return str(self._text.value or "")

    def put(self, text: str) -> None:
        """After what is written already; sending stays the operator's own act."""
        own = self.text.rstrip()
        self._text.value = f"{own}\n{text}" if own else text
        self._text.run_method("focus")

    async def _enter(self, event: GenericEventArguments) -> None:
        await self._visit.guarded(self._deliver(str(event.args or "")))

    async def _from_button(self) -> None:
        await self._deliver(self.text)

    async def _deliver(self, typed: str) -> None:
        text = typed.strip()
        if not text or self._busy:
            return
        if text != self._tried:
            self._key, self._tried = new_id("key"), text
        self._busy = True
        self._send.props(add="loading")
        try:
            sent = await self._act(self._acts.reply(text, self._key))
        finally:
            self._busy = False
            self._send.props(remove="loading")
        if sent:
            self._tried = ""
            self._text.value = ""

    def _canned(self) -> None:
        visit = self._visit
        button = quiet_button(visit.t("常用语", "Canned replies"), lambda: None, icon="bolt").mark("canned")
        button.props("aria-haspopup=menu")
        with button, ui.menu().classes("lc-canned") as menu:
            place = ui.element("div")

        async def fill() -> None:
            found = await self._acts.canned()
            place.clear()
            with place:
                for one in found:
                    with ui.menu_item(on_click=lambda text=one.text: self.put(text)), box("lc-canned-item"):
                        words(one.title, "lc-canned-title")
                        words(one.text, "lc-hint")
                if not found:
                    words(visit.t("还没有常用语", "None yet"), "lc-hint pad")

        menu.on("before-show", visit.does(fill))
