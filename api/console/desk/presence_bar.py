"""Whether this operator is there, and how much they take: beside the title of the queue."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from agents.handoff.presence import Status
from api.console.desk.seat import Seat
from api.console.parts import box
from api.console.visit import Visit

_STATUSES: dict[Status, tuple[str, str]] = {
    "online": ("在线", "Online"),
    "away": ("忙碌", "Busy"),
    "offline": ("离线", "Offline"),
}


def presence_bar(visit: Visit, seat: Seat, capacity: int, changed: Callable[[], Awaitable[None]]) -> None:
    """Busy takes nothing new and keeps what it has; offline gives everything back."""
    with box("lc-presence"):
        label = visit.t("状态", "Status")
        status = ui.select({one: pair[visit.english] for one, pair in _STATUSES.items()}, value=seat.status)
        status.props(f'dense outlined aria-label="{label}"').classes(f"lc-status {seat.status}").mark("status")
        room = ui.number(visit.t("上限", "Most"), value=capacity, min=0, max=100, precision=0)
        room.props("dense outlined").classes("lc-capacity")

        async def choose() -> None:
            await seat.choose(status.value)
            status.classes(remove="online away offline", add=str(status.value))
            await changed()

        async def fit() -> None:
            if room.value is not None:
                await seat.choose_capacity(int(room.value))
                await changed()

        status.on_value_change(visit.does(choose))
        room.on("change", visit.does(fit))
