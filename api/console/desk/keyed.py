"""A list that changes in place: what did not change is not drawn again, so a click on it is never lost."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from nicegui import ui


@dataclass(frozen=True)
class Entry:
    """`looks` is all that its drawing depends on."""

    key: str
    looks: Hashable
    draw: Callable[[], ui.element]


class Keyed:
    def __init__(self, place: ui.element) -> None:
        self._place = place
        self._drawn: dict[str, tuple[Hashable, ui.element]] = {}

    def show(self, entries: Sequence[Entry]) -> None:
        kept = {one.key for one in entries if self._drawn.get(one.key, (None,))[0] == one.looks}
        for key in self._drawn.keys() - kept:
            self._drawn.pop(key)[1].delete()
        for index, one in enumerate(entries):
            if one.key not in self._drawn:
                with self._place:
                    self._drawn[one.key] = (one.looks, one.draw())
            element = self._drawn[one.key][1]
            if self._place.default_slot.children.index(element) != index:
                element.move(self._place, index)
