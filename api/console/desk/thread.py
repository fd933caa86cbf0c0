"""The conversation in the middle of the desk: what was said, and what is being said now."""

from collections.abc import Sequence
from datetime import datetime

from nicegui import ui

from api.console.answer_view import citation_list
from api.console.card_view import card_view
from api.console.desk.board import Line
from api.console.masking import masked
from api.console.parts import box, words
from api.console.pictures import picture_path
from api.console.visit import Visit
from api.console.wording import AUTHORS, named
from knowledge.kit.clock import SHANGHAI


class Thread:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shown: set[str] = set()
        self._lines: list[Line] = []
        self.plain = False
        label = visit.t("会话内容", "Conversation")
        self._root = ui.element("div").classes("lc-thread lc-desk-thread")
        self._root.props(f'role=log aria-live=polite aria-label="{label}" tabindex=0')

    def show(self, lines: Sequence[Line], *, plain: bool) -> None:
        self._lines, self.plain, self._shown = list(lines), plain, set()
        self._root.clear()
        for line in lines:
            self._draw(line)

    def add(self, line: Line) -> bool:
        """False for one that is there already: an event and a reload may both tell of it."""
        if line.id in self._shown:
            return False
        self._lines.append(line)
        self._draw(line)
        return True

    def reveal(self) -> None:
        self.show(self._lines, plain=True)

    def hide(self) -> None:
        self.show(self._lines, plain=False)

    def _draw(self, line: Line) -> None:
        self._shown.add(line.id)
        visit = self._visit
        with self._root:
            bubble = (
                ui.element("div").classes(f"lc-message {line.author}").props(f'role=article data-message="{line.id}"')
            )
        with bubble:
            with box("lc-message-head"):
                words(named(AUTHORS, line.author, english=visit.english), "lc-author")
                words(_when(visit, line.at), "lc-hint")
            if line.text:
                hidden = line.author == "shopper" and not self.plain
                words(masked(line.text) if hidden else line.text, "lc-message-text")
            citation_list(visit, line.citations)
            for one in line.cards:
                card_view(visit, one, plain=self.plain)
            if line.attachment_ids:
                _pictures(visit, line.attachment_ids)


def _pictures(visit: Visit, attachment_ids: Sequence[str]) -> None:
    alt = visit.t("顾客发来的图片", "Picture from the shopper")
    with box("lc-pictures"):
        for one in attachment_ids:
            with ui.element("a").props(f'href="{picture_path(one)}" target=_blank rel=noopener'):
                ui.element("img").props(f'src="{picture_path(one)}" alt="{alt}" loading=lazy').classes("lc-picture")


def _when(visit: Visit, at: str) -> str:
    """The time today, the day as well before that."""
    instant = datetime.fromisoformat(at).astimezone(SHANGHAI)
    today = visit.now().astimezone(SHANGHAI).date() == instant.date()
    return instant.strftime("%H:%M" if today else "%m-%d %H:%M")
