"""One page of the desk: three panes over one board, kept true by the queue's stream and the conversations' streams."""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from agents.conversations.streams import stream_name
from agents.handoff.errors import AlreadyClaimedError, StaleFenceError
from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.views import Claimed
from api.auth.rights import Right
from api.console.desk.acts import Acts
from api.console.desk.alerts import Alert, alert_of
from api.console.desk.board import Board, Line
from api.console.desk.dialogs import canned_dialog, help_dialog, reveal_dialog
from api.console.desk.following import keep
from api.console.desk.handoff_pane import HandoffPane
from api.console.desk.packet_view import PacketView
from api.console.desk.presence_bar import presence_bar
from api.console.desk.queue_pane import QueuePane
from api.console.desk.script import alert_script, load_script, opt_in
from api.console.desk.seat import BEAT_S, Seat
from api.console.parts import box, empty, quiet_button, words
from api.console.visit import Visit
from knowledge.kit.errors import ForbiddenError, NotFoundError
from knowledge.kit.events import Event

_GATHER_S = 0.15  # moves that come together are shown together


class DeskView:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.board = Board(visit)
        self.acts = Acts(self.board)
        self.seat = Seat(visit)
        self._touched: set[str] = set()
        self._woken = asyncio.Event()
        self._followed: dict[str, asyncio.Task[None]] = {}
        self._packed: object = None

    async def draw(self) -> None:
        visit = self.visit
        seen = await self.board.offset()
        await self.board.load()
        load_script()
        self._root = ui.element("div").classes("lc-desk").props("data-view=queue")
        with self._root:
            with ui.element("section").classes("lc-desk-queue").props(f'aria-label="{visit.t("队列", "Queue")}"'):
                self._top()
                self._queue = QueuePane(
                    visit, self.board, opened=self.open, changed=self.reload, claim_next=visit.does(self.claim_next)
                )
            with ui.element("section").classes("lc-desk-middle").props(f'aria-label="{visit.t("会话", "Handoff")}"'):
                self._middle()
            self._packet = ui.element("aside").classes("lc-desk-packet")
            self._packet.props(f'aria-label="{visit.t("资料包", "Packet")}"')
            self._told = ui.label("").classes("lc-sr").props("role=status aria-live=polite")
        self._queue.show()
        self._empty(True)
        ui.on("desk", self._on_key)
        ui.timer(0.05, visit.does(partial(self._begin, seen)), once=True)
        ui.timer(BEAT_S, visit.does(self.seat.beat), immediate=False)

    def _top(self) -> None:
        visit = self.visit
        with box("lc-desk-top"):
            self._presence = ui.element("div")
            ui.space()
            canned, keys = visit.t("编辑常用语", "Edit canned replies"), visit.t("快捷键", "Keys")
            opt_in(visit)
            if visit.has(Right.DESK_SUPERVISE):
                self._icon("edit_note", canned, visit.does(self._edit_canned)).mark("edit-canned")
            self._icon("keyboard", keys, lambda: help_dialog(visit)).mark("keys")

    def _icon(self, icon: str, label: str, act: Any) -> ui.button:
        made = ui.button(icon=icon, on_click=act, color="secondary")
        return made.props(f'flat round dense aria-label="{label}" title="{label}"')

    def _middle(self) -> None:
        with box("lc-desk-back"):
            quiet_button(self.visit.t("队列", "Queue"), lambda: self._view("queue"), icon="chevron_left")
            ui.space()
            quiet_button(self.visit.t("资料", "Packet"), self._flip, icon="assignment").mark("flip")
        self._nothing = ui.element("div").classes("lc-desk-nothing")
        with self._nothing:
            empty(
                self.visit.t("从左边选一条，或领取下一个", "Choose one on the left, or claim the next"),
                self.visit.t("按 ? 查看快捷键", "Press ? for keys"),
            )
        self._body = ui.element("div").classes("lc-desk-body")
        with self._body:
            self.pane = HandoffPane(self.visit, self.board, self.acts, self.run)

    async def _begin(self, seen: int) -> None:
        await self.seat.take()
        with self._presence:
            own = next((one for one in self.board.operators if one.operator_id == self.board.me), None)
            presence_bar(self.visit, self.seat, own.capacity if own else 5, self.reload)
        self._seen = seen
        keep(self.visit, self._follow_queue, "desk queue")
        keep(self.visit, self._redraw, "desk redraw")
        asked = self.visit.param("id")[:64]
        await self.reload()
        if asked:
            await self.open(asked)

    async def _follow_queue(self) -> None:
        async for event in self.visit.follow(Right.DESK_WORK, QUEUE_STREAM, self._seen):
            self._seen = event.offset
            alert = alert_of(
                event.kind, event.data, me=self.board.me, origins=self.board.origins, english=self.visit.english,
                supervises=self.visit.has(Right.DESK_SUPERVISE),
            )  # fmt: skip
            if alert:
                self._alert(alert)
            self._touched.add(str(event.data.get("handoff_id") or ""))
            self._woken.set()

    async def _redraw(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            touched, self._touched = self._touched, set()
            await self.reload()
            if self.board.selected in touched:
                await self.reopen()
            await asyncio.sleep(_GATHER_S)

    async def reload(self) -> None:
        await self.board.load()
        self._queue.show()
        self._follow_conversations()

    def _follow_conversations(self) -> None:
        """Of what is held and what is open: a shopper's words arrive by events, wherever the operator looks."""
        wanted = {one.subject_id for one in self.board.held if one.origin == "support"}
        opened = self.board.opened
        if opened is not None and opened.view.origin == "support":
            wanted.add(opened.view.subject_id)
        for gone in self._followed.keys() - wanted:
            self._followed.pop(gone).cancel()
        for subject in wanted - self._followed.keys():
            start = opened.offset if opened is not None and opened.view.subject_id == subject else None
            self._followed[subject] = keep(self.visit, _Follower(self, subject, start).run, "desk conversation")

    async def heard(self, subject: str, event: Event) -> None:
        if event.kind != "message":
            return
        opened, author = self.board.opened, event.data.get("author")
        if opened is not None and opened.view.subject_id == subject:
            self.pane.say(_line_of_event(event))
        if author == "shopper" and any(one.subject_id == subject for one in self.board.held):
            self._woken.set()  # a clock begins to run
            visit = self.visit
            self._alert(
                Alert("new", visit.t("顾客发来消息", "The shopper wrote"), visit.t("会话有新消息", "New message"))
            )

    async def open(self, handoff_id: str) -> None:
        """Raises: NotFoundError, ForbiddenError."""
        if handoff_id == self.board.selected:
            return self._view("handoff")
        self.pane.keep_draft()
        await self.board.open(handoff_id)
        self._empty(False)
        self.pane.show(fresh=True)
        self._show_packet()
        self._queue.show()
        self._follow_conversations()
        self._view("handoff")

    async def reopen(self) -> None:
        """The open handoff moved: what this page shows of it is read anew."""
        was_mine = self.board.mine
        try:
            opened = await self.board.open(self.board.selected)
        except (NotFoundError, ForbiddenError):
            return
        if self.pane.thread.plain and not self.board.reveals:
            self.pane.thread.hide()
        if self.board.mine:
            self.pane.found()
        elif was_mine and opened.view.state in ("claimed", "queued"):
            self.pane.lost(self._whose())
        self.pane.show(fresh=False)
        self._show_packet()

    async def run(self, work: Awaitable[object]) -> bool:
        """An act under its fence. One that came too late shows plainly who has it now; nothing was done."""
        done = await self.visit.guarded(self._told_plainly(work))
        if done and not self._late:
            await self.reload()
            await self.reopen()
        return done and not self._late

    _late = False

    async def _told_plainly(self, work: Awaitable[object]) -> None:
        self._late = False
        try:
            await work
        except (StaleFenceError, AlreadyClaimedError):
            self._late = True
            await self.reload()
            await self.reopen()
            told = self._whose()
            self.pane.lost(told)
            self.visit.tell(told, bad=True)

    def _whose(self) -> str:
        view = self.board.opened.view if self.board.opened else None
        visit = self.visit
        if view is None:
            return ""
        if view.state == "claimed":
            who = self.board.names.get(view.claimed_by or "", view.claimed_by or "")
            return visit.t(
                f"这条转接现在由 {who} 处理，你的操作没有生效。", f"{who} has this handoff now; nothing was done."
            )
        if view.state == "queued":
            return visit.t("这条转接已回到队列，需要重新领取。", "This handoff is queued again; claim it to go on.")
        return visit.t("这条转接已经结束。", "This handoff has ended.")

    async def claim_next(self) -> None:
        found: Claimed | None = None

        async def claim() -> None:
            nonlocal found
            found = await self.acts.claim_next()

        if await self.visit.guarded(claim()):
            if found is None:
                return self.visit.tell(self.visit.t("队列里没有可以领取的", "Nothing to claim"))
            await self.reload()
            await self._shown(found.handoff_id)

    async def _shown(self, handoff_id: str) -> None:
        if handoff_id == self.board.selected:
            return await self.reopen()
        await self.open(handoff_id)

    async def _on_key(self, event: GenericEventArguments) -> None:
        told = event.args if isinstance(event.args, dict) else {}
        act = str(told.get("act"))
        if act == "open":
            await self.visit.guarded(self.open(str(told.get("id"))))
        elif act == "claim":
            await self.claim_next()
        elif act == "note":
            self.pane.note()
        elif act == "escalate":
            self.pane.escalate()
        elif act == "help":
            help_dialog(self.visit)
        elif act == "back":
            self._view("queue")

    async def _edit_canned(self) -> None:
        canned_dialog(self.visit, self.acts, await self.acts.canned())

    async def _reveal(self, why: str) -> None:
        shown = self.board.selected
        await self.acts.reveal(why)
        if shown == self.board.selected:
            self.pane.thread.reveal()
            self._show_packet()

    def _show_packet(self) -> None:
        opened = self.board.opened
        if opened is None:
            return
        shown = self.pane.thread.plain
        looks = (opened.view.id, opened.view.packet, opened.view.reasons, opened.notes, opened.draft, shown,
                 self.board.mine)  # fmt: skip
        if looks == self._packed:
            return
        self._packed = looks
        self._packet.clear()
        with self._packet:
            if opened.draft is not None and self.board.mine:
                self._draft(opened.draft.text)
            insert = self.pane.composer.put if self.pane.composer and self.board.mine else None
            reveal = partial(reveal_dialog, self.visit, self._reveal) if self.board.reveals else None
            PacketView(self.visit, opened, plain=shown, names=self.board.names).draw(insert, reveal)

    def _draft(self, text: str) -> None:
        visit = self.visit
        with box("lc-suggestion incident"):
            words(visit.t("事件统一答复（未发送）", "The incident's reply (not sent)"), "lc-packet-head")
            words(text, "lc-message-text")
            quiet_button(
                visit.t("发送这条答复", "Send this reply"), visit.does(lambda: self.run(self.acts.send_draft())),
                icon="send",
            ).mark("send-draft")  # fmt: skip

    def _alert(self, alert: Alert) -> None:
        self._told.set_text(f"{alert.title}：{alert.body}")
        self.visit.client.run_javascript(alert_script(alert))

    def _view(self, name: str) -> None:
        self._root.props(f"data-view={name}")

    def _flip(self) -> None:
        self._view("handoff" if self._root.props.get("data-view") == "packet" else "packet")

    def _empty(self, yes: bool) -> None:
        self._nothing.set_visibility(yes)
        self._body.set_visibility(not yes)
        self._packet.set_visibility(not yes)


class _Follower:
    """One conversation's stream; goes on where it was after a fault."""

    def __init__(self, view: DeskView, subject: str, start: int | None) -> None:
        self._view, self._subject, self._seen = view, subject, start

    async def run(self) -> None:
        stream = stream_name(self._subject)
        if self._seen is None:
            self._seen = await self._view.visit.offset(Right.CONVERSATIONS_READ, stream)
        async for event in self._view.visit.follow(Right.CONVERSATIONS_READ, stream, self._seen):
            self._seen = event.offset
            await self._view.heard(self._subject, event)


def _line_of_event(event: Event) -> Line:
    data = event.data
    return Line(
        str(data["id"]), str(data["author"]), str(data["text"]), tuple(data.get("citations") or ()),
        tuple(data.get("cards") or ()), tuple(one["attachment_id"] for one in data.get("attachments") or ()),
        event.at.isoformat(),
    )  # fmt: skip
