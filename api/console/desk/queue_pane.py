"""The left of the desk: claiming, filters, and the list."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from api.console.desk.board import Board
from api.console.desk.rows import rows_html
from api.console.parts import box, main_button, words
from api.console.visit import Visit
from api.console.wording import ORIGINS, REASONS, Pair

_STATES: dict[str, Pair] = {
    "open": ("全部", "All"),
    "queued": ("待领取", "Queued"),
    "mine": ("我的", "Mine"),
    "claimed": ("他人", "Others"),
    "ended": ("已结束", "Ended"),
}
_ROW = '(e) => { const row = e.target.closest("[data-id]"); if (row) emit(row.dataset.id) }'


class QueuePane:
    def __init__(
        self, visit: Visit, board: Board, *, opened: Callable[[str], Awaitable[None]],
        changed: Callable[[], Awaitable[None]], claim_next: Callable[[], Any],
    ) -> None:  # fmt: skip
        self._visit, self._board, self._changed = visit, board, changed
        self._tabs: dict[str, ui.element] = {}
        main_button(visit.t("领取下一个", "Claim the next"), claim_next, icon="front_hand").mark("claim-next").classes(
            "lc-claim-next"
        )
        self._filters()
        label = visit.t("队列", "Queue")
        self._list = ui.html("", sanitize=False).classes("lc-queue")
        self._list.props(f'role=listbox tabindex=0 aria-label="{label}"').mark("queue")

        async def chosen(event: GenericEventArguments) -> None:
            await visit.guarded(opened(str(event.args)))

        self._list.on("click", chosen, js_handler=_ROW)
        self._nothing = words("", "lc-queue-empty")

    def show(self) -> None:
        board = self._board
        self._list.content = rows_html(self._visit, board.views, selected=board.selected, names=board.names)
        self._list.set_visibility(bool(board.views))
        self._nothing.set_visibility(not board.views)
        self._nothing.set_text(
            self._visit.t("今天还没有结束的", "Nothing ended today")
            if board.filters.state == "ended"
            else self._visit.t("没有等待处理的", "Nothing waits")
        )

    def _filters(self) -> None:
        visit, filters = self._visit, self._board.filters
        with ui.element("div").classes("lc-desk-tabs").props(f'role=group aria-label="{visit.t("状态", "State")}"'):
            for state, pair in _STATES.items():
                tab = ui.element("button").classes("lc-desk-tab").props("type=button").mark(f"state-{state}")
                with tab:
                    words(pair[visit.english])
                tab.on("click", visit.does(self._chooser(state)))
                self._tabs[state] = tab
        self._mark(filters.state)
        reasons = {"": visit.t("全部原因", "All reasons")} | {k: v[visit.english] for k, v in REASONS.items()}
        origins = {"": visit.t("全部来源", "All origins")} | {
            one: ORIGINS[one][visit.english] for one in self._board.origins
        }
        with box("lc-desk-selects"):
            reason = ui.select(reasons, value="").props("dense outlined").classes("lc-field").mark("reason")
            origin = ui.select(origins, value="").props("dense outlined").classes("lc-field").mark("origin")
            reason.props(f'aria-label="{visit.t("原因", "Reason")}"')
            origin.props(f'aria-label="{visit.t("来源", "Origin")}"')
        origin.set_visibility(len(origins) > 2)

        async def narrow() -> None:
            filters.reason, filters.origin = str(reason.value or ""), str(origin.value or "")
            await self._changed()

        reason.on_value_change(visit.does(narrow))
        origin.on_value_change(visit.does(narrow))

    def _chooser(self, state: str) -> Callable[[], Awaitable[None]]:
        async def choose() -> None:
            self._board.filters.state = state
            self._mark(state)
            await self._changed()

        return choose

    def _mark(self, state: str) -> None:
        for name, tab in self._tabs.items():
            tab.props(f"aria-pressed={str(name == state).lower()}")
