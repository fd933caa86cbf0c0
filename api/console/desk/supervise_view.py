"""The supervisor's page, kept true by the queue's stream."""

import asyncio
from functools import partial

from nicegui import ui

from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.views import HandoffView, OperatorState
from api.auth.rights import Right
from api.console.charts import first_response_chart
from api.console.desk.dialogs import asked
from api.console.desk.following import keep
from api.console.desk.incidents_view import IncidentsView
from api.console.desk.keyed import Entry, Keyed
from api.console.desk.rows import CLOCKS, URGENT, ask_of, holder, urgent_clock
from api.console.desk.script import load_script
from api.console.desk.watch import Watch, worst
from api.console.parts import badge, box, card, empty, figure, quiet_button, words
from api.console.visit import Visit
from api.console.wording import REASONS, named

_GATHER_S = 0.5
_SHOWN = 30
_STATUS = {"online": ("在线", "Online"), "away": ("忙碌", "Busy"), "offline": ("离线", "Offline")}


class SuperviseView:
    def __init__(self, visit: Visit) -> None:
        self.visit, self.watch = visit, Watch(visit)
        self._woken = asyncio.Event()

    async def draw(self) -> None:
        visit = self.visit
        load_script()
        seen = await visit.offset(Right.DESK_SUPERVISE, QUEUE_STREAM)
        await self.watch.read()
        await self.watch.read_trend()
        self._figures = ui.element("div").classes("lc-figures")
        with box("lc-watch"):
            with card(visit.t("进行中", "Open"), classes="lc-watch-open"):
                self._nothing = ui.element("div")
                with self._nothing:
                    empty(visit.t("没有进行中的转接", "Nothing is open"))
                self._open = Keyed(ui.element("div").classes("lc-watch-rows"))
                self._rest = words("", "lc-hint")
            with box("lc-watch-side"):
                with card(visit.t("坐席", "Operators")):
                    self._people = Keyed(ui.element("div").classes("lc-list"))
                with card(visit.t("首次人工回复（近 14 天）", "First reply (14 days)")):
                    self._chart = ui.element("div")
        self._incidents = IncidentsView(visit, self.watch)
        self._show()
        with self._chart:
            first_response_chart(visit, self.watch.trend, *self.watch.span)
        await self._incidents.show()
        ui.timer(0.05, partial(self._begin, seen), once=True)

    def _begin(self, seen: int) -> None:
        self._seen = seen
        keep(self.visit, self._follow, "supervisor's queue")
        keep(self.visit, self._redraw, "supervisor's redraw")

    async def _follow(self) -> None:
        async for event in self.visit.follow(Right.DESK_SUPERVISE, QUEUE_STREAM, self._seen):
            self._seen = event.offset
            self._woken.set()

    async def _redraw(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self.refresh()
            await asyncio.sleep(_GATHER_S)

    async def refresh(self) -> None:
        await self.watch.read()
        self._show()
        await self._incidents.show()

    def _show(self) -> None:
        self._figures.clear()
        with self._figures:
            self._fill_figures()
        self._show_open()
        self._show_people()

    def _fill_figures(self) -> None:
        visit, load = self.visit, self.watch.load
        if load is None:
            return
        rate = f"{100 * load.first_response_rate:.0f}%" if load.first_response_rate is not None else "—"
        there = [one for one in load.operators if one.available]
        figure(f"{load.queued}", visit.t("排队中", "Queued"), tone="human" if load.queued else "")
        figure(f"{load.claimed}", visit.t("处理中", "Claimed"))
        figure(_minutes(visit, load.oldest_wait_s), visit.t("最久等待", "Oldest wait"))
        figure(rate, visit.t("24 小时首响达标", "First reply in time, 24 h"))
        near = visit.t(f"另有 {load.warned} 条将超时", f"{load.warned} near")
        figure(f"{load.breached}", visit.t("已超时", "Breached"), near, tone="warn" if load.breached else "")
        figure(
            f"{len(there)}", visit.t("在线坐席", "Operators there"), tone="warn" if load.queued and not there else ""
        )

    def _show_open(self) -> None:
        visit, views = self.visit, self.watch.views
        self._nothing.set_visibility(not views)
        self._open.show([Entry(one.id, self._looks(one), partial(self._row, one)) for one in views[:_SHOWN]])
        rest = len(views) - _SHOWN
        self._rest.set_text(visit.t(f"还有 {rest} 条，请在坐席台查看", f"{rest} more; see the desk"))
        self._rest.set_visibility(rest > 0)

    def _looks(self, view: HandoffView) -> tuple[object, ...]:
        who = self.watch.names.get(view.claimed_by or "", "")
        return (view.state, view.claimed_by, who, view.fence, view.reason, worst(view), view.returns)

    def _row(self, view: HandoffView) -> ui.element:
        visit, clock = self.visit, urgent_clock(view)
        level = ("ok", "warned", "breached")[worst(view)]
        row = ui.element("div").classes(f"lc-watch-row {level}").props(f'data-handoff="{view.id}"')
        with row:
            with box("lc-watch-words"):
                with box("lc-badges"):
                    badge(
                        named(REASONS, view.reason, english=visit.english), "bad" if view.reason in URGENT else "human"
                    )
                    words(holder(visit, view, self.watch.names, place=False), "lc-hint")
                    if clock is not None and clock.level != "ok":
                        over = clock.level == "breached"
                        told = visit.t("已超时", "over") if over else visit.t("将超时", "near")
                        badge(f"{CLOCKS[clock.name][visit.english]} {told}", "bad" if over else "wait")
                words(ask_of(visit, view), "lc-watch-ask")
            age = max((visit.now() - view.enqueued_at).total_seconds(), 0)
            ui.element("span").classes("lc-age").props(f"data-age={age:.0f}")
            with box("lc-watch-acts"):
                quiet_button(visit.t("指派", "Assign"), visit.does(partial(self._ask_whom, view))).mark("assign")
                quiet_button(visit.t("接管", "Take over"), visit.does(partial(self._take, view))).mark("take")
        return row

    async def _take(self, view: HandoffView) -> None:
        await self.watch.take_over(view.id)
        self.visit.note("handoff_taken_over", handoff=view.id)
        self.visit.go(f"/desk?id={view.id}")

    async def _ask_whom(self, view: HandoffView) -> None:
        visit = self.visit
        found = [one for one in await self.watch.fitting(view.id) if one.operator_id != view.claimed_by]
        with asked(visit, visit.t("指派给", "Assign to")) as dialog:
            if not found:
                words(visit.t("没有其他在线的坐席", "Nobody else is online"), "lc-hint")
            for one in found:
                ui.button(on_click=visit.does(partial(self._assign, view, one, dialog)), color=None).props(
                    "flat no-caps align=left"
                ).classes("lc-choice").set_text(f"{one.name} · {one.holding}/{one.capacity}")
            with box("lc-actions"):
                quiet_button(visit.t("取消", "Cancel"), dialog.close)

    async def _assign(self, view: HandoffView, operator: OperatorState, dialog: ui.dialog) -> None:
        await self.watch.assign(view.id, operator.operator_id)
        self.visit.note("handoff_assigned", handoff=view.id, target=operator.operator_id)
        dialog.close()
        self.visit.tell(self.visit.t(f"已指派给 {operator.name}", f"Assigned to {operator.name}"))

    def _show_people(self) -> None:
        found = self.watch.load.operators if self.watch.load else ()
        self._people.show([Entry(one.operator_id, (one.name, one.status, one.available, one.holding, one.capacity,
                                 one.skills), partial(self._person, one)) for one in found])  # fmt: skip

    def _person(self, one: OperatorState) -> ui.element:
        status = one.status if one.available or one.status != "online" else "offline"
        share = min(one.holding / one.capacity, 1) if one.capacity else 1
        skills = f" · {'、'.join(one.skills)}" if one.skills else ""
        row = ui.element("div").classes("lc-row lc-operator")
        with row:
            ui.element("span").classes(f"lc-dot {status}")
            with box("lc-row-words grow"):
                words(one.name, "lc-row-name")
                words(_STATUS[status][self.visit.english] + skills, "lc-hint")
            with box("lc-meter"):
                with box("lc-meter-bar"):
                    ui.element("i").style(f"width: {100 * share:.0f}%")
                words(f"{one.holding}/{one.capacity}", "lc-meter-value")
        return row


def _minutes(visit: Visit, seconds: float) -> str:
    if seconds < 60:
        return visit.t(f"{seconds:.0f} 秒", f"{seconds:.0f} s")
    minutes = int(seconds // 60)
    if minutes < 60:
        return visit.t(f"{minutes} 分", f"{minutes} min")
    return visit.t(f"{minutes // 60} 时 {minutes % 60} 分", f"{minutes // 60} h {minutes % 60} min")
