"""What one page of the desk shows: the queue as filtered, and the handoff that is open. All reading, all rights."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from agents.conversations import repository as conversations
from agents.conversations.models import Message
from agents.conversations.streams import stream_name
from agents.handoff.incidents import Incidents
from agents.handoff.presence import Presence
from agents.handoff.service import HandoffQueue
from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.views import Actor, Draft, HandoffView, Note, OperatorState
from api.auth.rights import Right, may_reveal, origins_of
from api.console.visit import Visit
from api.services import Services
from knowledge.kit.errors import ForbiddenError
from knowledge.kit.events import last_offset

MOST_ROWS = 100


@dataclass(frozen=True)
class Line:
    """A message as the desk shows it, from the table or from an event."""

    id: str
    author: str
    text: str
    citations: tuple[Mapping[str, object], ...]
    cards: tuple[Mapping[str, object], ...]
    attachment_ids: tuple[str, ...]
    at: str


@dataclass(frozen=True)
class Opened:
    """Everything of one handoff at one moment; `offset` is where its conversation's stream stood then."""

    view: HandoffView
    lines: tuple[Message, ...]
    notes: tuple[Note, ...]
    draft: Draft | None
    offset: int


@dataclass
class Filters:
    """`state`: open (all that has not ended), queued, mine, claimed (by others), or ended (today; of one's own, or of
    everybody for supervisors)."""

    state: str = "open"
    reason: str = ""
    origin: str = ""


@dataclass
class Board:
    visit: Visit
    filters: Filters = field(default_factory=Filters)
    views: list[HandoffView] = field(default_factory=list)
    held: list[HandoffView] = field(default_factory=list)
    """What this operator has claimed, whatever the filters show."""
    opened: Opened | None = None
    operators: list[OperatorState] = field(default_factory=list)

    @property
    def me(self) -> str:
        return self.visit.who.operator_id

    @property
    def actor(self) -> Actor:
        supervises = self.visit.has(Right.DESK_SUPERVISE)
        return Actor(self.me, self.visit.who.name, "supervisor" if supervises else "operator")

    @property
    def names(self) -> dict[str, str]:
        return {one.operator_id: one.name for one in self.operators}

    @property
    def origins(self) -> tuple[str, ...]:
        return origins_of(self.visit.who.roles)

    @property
    def selected(self) -> str:
        return self.opened.view.id if self.opened else ""

    @property
    def mine(self) -> bool:
        """Whether the open handoff is held by this operator, as far as this page knows; the fence decides."""
        view = self.opened.view if self.opened else None
        return view is not None and view.state == "claimed" and view.claimed_by == self.me

    @property
    def reveals(self) -> bool:
        """For drawing only; the act asks again."""
        return not self.visit.who.rights.isdisjoint(may_reveal(holds=self.mine))

    @asynccontextmanager
    async def may(self, view: HandoffView | None = None) -> AsyncIterator[Services]:
        """Raises: UnauthorizedError, ForbiddenError also for work of an origin that these roles do not do."""
        async with self.visit.may(Right.DESK_WORK) as services:
            if view is not None and view.origin not in self.origins:
                raise ForbiddenError("Your roles do not include this work.", origin=view.origin)
            yield services

    async def load(self) -> None:
        """The queue under the filters."""
        async with self.may() as services:
            queue = HandoffQueue(services.database)
            self.operators = await Presence(services.database).listed(self.visit.shop_id)
            self.held = await queue.listed(self.visit.shop_id, state="claimed", claimed_by=self.me, limit=MOST_ROWS)
            if self.filters.state == "ended":
                return await self._load_ended(queue)
            states = {"queued": ("queued",), "open": ("claimed", "queued")}
            found: list[HandoffView] = []
            for state in states.get(self.filters.state, ("claimed",)):
                found += await queue.listed(
                    self.visit.shop_id, state=state, reason=self.filters.reason or None,
                    origin=self.filters.origin or None, limit=MOST_ROWS,
                    claimed_by=self.me if self.filters.state == "mine" else None,
                )  # fmt: skip
        self.views = self._sorted([one for one in found if one.origin in self.origins])

    async def _load_ended(self, queue: HandoffQueue) -> None:
        found = await queue.ended_today(
            self.visit.shop_id, reason=self.filters.reason or None, origin=self.filters.origin or None,
            claimed_by=None if self.visit.has(Right.DESK_SUPERVISE) else self.me, limit=MOST_ROWS,
        )  # fmt: skip
        self.views = [one for one in found if one.origin in self.origins]

    def _sorted(self, views: list[HandoffView]) -> list[HandoffView]:
        """One's own first, then what waits in its order, then what others hold."""
        if self.filters.state == "claimed":
            return [one for one in views if one.claimed_by != self.me]

        def place(view: HandoffView) -> int:
            return 1 if view.state == "queued" else 0 if view.claimed_by == self.me else 2

        return sorted(views, key=place)

    async def open(self, handoff_id: str) -> Opened:
        """Raises: NotFoundError, ForbiddenError."""
        async with self.may() as services:
            queue, shop_id = HandoffQueue(services.database), self.visit.shop_id
            view = await queue.read(shop_id, handoff_id)
            offset, lines = 0, []
            async with self.may(view), services.database.transaction(shop_id, snapshot=True) as scope:
                if view.origin == "support":
                    offset = await last_offset(scope, stream_name(view.subject_id))
                    lines = await conversations.messages(scope, view.subject_id)
            notes = await queue.notes(shop_id, handoff_id)
            draft = await Incidents(services.database).draft_of(shop_id, handoff_id) if view.incident_id else None
        self.opened = Opened(view, tuple(lines), tuple(notes), draft, offset)
        return self.opened

    async def offset(self) -> int:
        return await self.visit.offset(Right.DESK_WORK, QUEUE_STREAM)


def line_of(message: Message) -> Line:
    return Line(
        message.id, message.author, message.text, tuple(message.citations), tuple(message.cards),
        tuple(message.attachment_ids), message.created_at.isoformat(),
    )  # fmt: skip
