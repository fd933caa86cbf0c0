"""The middle of the desk: the open handoff, what may be done with it, and the place to write."""

from collections.abc import Callable

from nicegui import ui

from agents.handoff.lifecycle import OPEN_STATES
from api.auth.rights import Right
from api.console.desk.acts import Acts
from api.console.desk.board import Board, Line, line_of
from api.console.desk.composer import Composer
from api.console.desk.dialogs import Run, escalate_dialog, note_dialog, resolve_dialog
from api.console.desk.rows import holder
from api.console.desk.thread import Thread
from api.console.learning.proposing import propose_button
from api.console.parts import badge, box, confirm, main_button, quiet_button, words
from api.console.visit import Visit
from api.console.wording import REASONS, named


class HandoffPane:
    """`act` runs an act, tells a lost fence plainly, and shows what stands afterwards."""

    def __init__(self, visit: Visit, board: Board, acts: Acts, act: Run) -> None:
        self._visit, self._board, self._acts, self._act = visit, board, acts, act
        self._head = ui.element("div").classes("lc-desk-head")
        self._lost = ui.element("div").classes("lc-desk-lost").props("role=alert")
        self._lost.set_visibility(False)
        self.thread = Thread(visit)
        self._foot = ui.element("div").classes("lc-desk-foot")
        self.composer: Composer | None = None
        self._drafts: dict[str, str] = {}
        self._drawn: object = None
        self._invited: object = None
        self._composes = ""

    def show(self, *, fresh: bool) -> None:
        """`fresh`: another handoff than before."""
        opened = self._board.opened
        if opened is None:
            return
        lines = [line_of(one) for one in opened.lines]
        if fresh:
            self._lost.set_visibility(False)
            self.thread.show(lines, plain=False)
        else:
            for line in lines:
                self.thread.add(line)
        self._draw_head()
        self._draw_foot()

    def say(self, line: Line) -> bool:
        return self.thread.add(line)

    def lost(self, words_: str) -> None:
        """Stays until another handoff is opened or this one is held again."""
        self._lost.clear()
        with self._lost:
            ui.icon("swap_horiz")
            words(words_)
        self._lost.set_visibility(True)

    def found(self) -> None:
        self._lost.set_visibility(False)

    def keep_draft(self) -> None:
        if self.composer is not None:
            self._drafts[self._composes] = self.composer.text

    def _draw_head(self) -> None:
        visit, view = self._visit, self._board.opened.view if self._board.opened else None
        if view is None:
            return
        shopper = (view.packet.get("shopper") or {}).get("shopper_id")
        who = str(shopper or visit.t("访客", "Guest")) if view.origin == "support" else view.subject_id
        whose = holder(visit, view, self._board.names)
        looks = (view.id, view.state, view.reason, whose, self._board.mine)
        if looks == self._drawn:
            return
        self._drawn = looks
        self._head.clear()
        with self._head:
            with box("lc-desk-who"):
                words(who, "lc-desk-name").props("role=heading aria-level=2")
                badge(named(REASONS, view.reason, english=visit.english), "human")
                words(whose, "lc-hint").mark("holder")
            tools = ui.element("div").classes("lc-desk-acts")
            with tools.props(f'role=toolbar aria-label="{visit.t("操作", "Actions")}"'):
                self._buttons()

    def _buttons(self) -> None:
        visit, acts, board = self._visit, self._acts, self._board
        view = board.opened.view if board.opened else None
        if view is None:
            return
        if view.state not in OPEN_STATES:
            return propose_button(visit, [view])
        self._tool("sticky_note_2", visit.t("备注", "Note"), self.note)
        if not board.mine:
            return
        support = view.origin == "support"
        self._tool("priority_high", visit.t("升级", "Escalate"), self.escalate)
        self._tool("undo", visit.t("放回队列", "Release"), lambda: confirm(
            visit, title=visit.t("放回队列？", "Put it back?"), danger=False,
            text=visit.t("别的坐席会接手，已等待的时间保留。", "Somebody else will take it; its age is kept."),
            button=visit.t("放回", "Release"), act=lambda: self._act(acts.release()),
        ))  # fmt: skip
        if support:
            self._tool("smart_toy", visit.t("交回 AI", "Return to AI"), lambda: confirm(
                visit, title=visit.t("交回 AI？", "Return it to the AI desk?"), danger=False,
                text=visit.t("顾客还没得到回答的话，AI 会接着答。", "What nobody has answered, the AI answers."),
                button=visit.t("交回", "Return"), act=lambda: self._act(acts.return_to_bot()),
            ))  # fmt: skip
        main_button(visit.t("已解决", "Resolve"), self.resolve, icon="check").mark("resolve").classes("lc-resolve")

    def note(self) -> None:
        if self._board.opened is not None and self._board.opened.view.state in OPEN_STATES:
            note_dialog(self._visit, self._acts, self._act)

    def escalate(self) -> None:
        if self._board.mine:
            escalate_dialog(self._visit, self._acts, self._act)

    def resolve(self) -> None:
        if self._board.opened is not None and self._board.mine:
            support = self._board.opened.view.origin == "support"
            resolve_dialog(self._visit, self._acts, self._act, support=support)

    def _tool(self, icon: str, label: str, act: Callable[[], object]) -> None:
        quiet_button(label, act, icon=icon).props(f'aria-label="{label}" title="{label}"').classes("lc-tool").mark(
            f"tool-{icon}"
        )

    def _draw_foot(self) -> None:
        opened, board = self._board.opened, self._board
        if opened is None:
            return
        writes = board.mine and opened.view.origin == "support"
        if writes and self.composer is not None and self._composes == opened.view.id:
            return
        invited = (opened.view.id, opened.view.state, opened.view.claimed_by, self._board.names)
        if not writes and self.composer is None and invited == self._invited:
            return
        self._invited = invited
        self.keep_draft()
        self.composer = None
        self._foot.clear()
        with self._foot:
            if writes:
                self._composes = opened.view.id
                self.composer = Composer(self._visit, self._acts, self._act, self._drafts.pop(opened.view.id, ""))
            else:
                self._invitation()

    def _invitation(self) -> None:
        visit, board = self._visit, self._board
        view = board.opened.view if board.opened else None
        if view is None or board.mine or view.state not in OPEN_STATES:
            return
        with box("lc-desk-invitation"):
            if view.state == "queued":
                words(visit.t("领取后即可回复", "Claim it to reply"), "lc-hint grow")
                main_button(
                    visit.t("领取", "Claim"), visit.does(lambda: self._act(self._acts.claim())), icon="front_hand"
                ).mark("claim")
            else:
                words(holder(visit, view, board.names), "lc-hint grow")
                if visit.has(Right.DESK_SUPERVISE):
                    main_button(
                        visit.t("接管", "Take over"), visit.does(lambda: self._act(self._acts.take_from())),
                        icon="pan_tool",
                    ).mark("take-over")  # fmt: skip
