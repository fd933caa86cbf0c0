"""An operator's place at the desk, over all pages this process shows them: the last page to go ends it."""

from dataclasses import dataclass

from nicegui import background_tasks

from agents.handoff.presence import Presence, Status
from agents.handoff.views import OperatorState
from api.auth.rights import Right
from api.console.visit import Visit

BEAT_S = 15.0


@dataclass
class _Taken:
    pages: int = 0
    status: Status = "online"


_taken: dict[tuple[str, str], _Taken] = {}


class Seat:
    """One page's share of it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._key = (visit.shop_id, visit.who.operator_id)
        self._here = False
        self._presence: Presence | None = None

    @property
    def status(self) -> Status:
        return _taken[self._key].status if self._key in _taken else "offline"

    async def take(self) -> None:
        """Signs in with the first page; a reload finds the status that was chosen."""
        async with self._visit.may(Right.DESK_WORK) as services:
            self._presence = Presence(services.database)
        place = _taken.setdefault(self._key, _Taken())
        place.pages += 1
        self._here = True
        self._visit.client.on_delete(lambda: background_tasks.create(self.leave(), name="desk left"))
        self._visit.leaving.append(self.end)
        if place.pages == 1 and place.status == "online":
            await self._sign_in(self._presence)

    async def beat(self) -> bool:
        """False while this browser is not heard of, or the operator chose to be offline."""
        if self._presence is None or self.status == "offline" or not self._visit.client.has_socket_connection:
            return False
        async with self._visit.may(Right.DESK_WORK):
            there = await self._presence.beat(*self._key)
        if not there:
            await self._sign_in(self._presence)
            await self._presence.set(*self._key, status=self.status)
        return True

    async def choose(self, status: Status) -> OperatorState | None:
        """Offline gives back what they hold at once."""
        async with self._visit.may(Right.DESK_WORK) as services:
            presence = Presence(services.database)
            _taken.setdefault(self._key, _Taken()).status = status
            if status == "offline":
                await presence.sign_out(*self._key)
                return None
            await self._sign_in(presence)
            return await presence.set(*self._key, status=status)

    async def choose_capacity(self, capacity: int) -> None:
        """Raises: InvalidInputError."""
        async with self._visit.may(Right.DESK_WORK) as services:
            await Presence(services.database).set(*self._key, capacity=capacity)

    async def leave(self) -> None:
        """This page is gone; offline with the last one."""
        if not self._here:
            return
        self._here = False
        place = _taken.get(self._key)
        if place is None:
            return
        place.pages -= 1
        if place.pages <= 0:
            await self.end()

    async def end(self) -> None:
        """Offline at once, whatever pages are still there: the sign-in is over, so no right is asked for."""
        if _taken.pop(self._key, None) is not None and self._presence is not None:
            await self._presence.sign_out(*self._key)

    async def _sign_in(self, presence: Presence) -> None:
        await presence.sign_in(self._visit.shop_id, self._visit.who.operator_id, name=self._visit.who.name)
