"""What the buttons of the desk do. Each asks for the right again and carries the fence this page knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agents.handoff import audit, repository
from agents.handoff.acts import holds
from agents.handoff.errors import AlreadyClaimedError
from agents.handoff.incidents import Incidents
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Claimed, HandoffView, Sent
from api.auth.rights import Right, may_reveal, origins_of
from api.console.desk.board import Board
from knowledge.kit.errors import ForbiddenError, NotFoundError
from knowledge.shops.canned import CannedReply, canned_replies, set_canned_replies

_EVERY_ORIGIN = ("support", "narration", "selection")
_TRIES = 5


@dataclass(frozen=True)
class Acts:
    board: Board

    @property
    def _open(self) -> HandoffView:
        if self.board.opened is None:
            raise NotFoundError("No handoff is open.")
        return self.board.opened.view

    @asynccontextmanager
    async def _queue(self, view: HandoffView | None = None) -> AsyncIterator[HandoffQueue]:
        async with self.board.may(view) as services:
            yield HandoffQueue(services.database)

    async def claim_next(self) -> Claimed | None:
        """Where these roles do one origin's work only, the first of it that may be had."""
        shop_id, origins = self.board.visit.shop_id, origins_of(self.board.visit.who.roles)
        async with self._queue() as queue:
            if origins == _EVERY_ORIGIN:
                return await queue.claim_next(shop_id, self.board.actor)
            for origin in origins:
                for one in await queue.listed(shop_id, state="queued", origin=origin, limit=_TRIES):
                    try:
                        return await queue.claim(shop_id, one.id, self.board.actor)
                    except AlreadyClaimedError:
                        continue
        return None

    async def claim(self) -> Claimed:
        async with self._queue(self._open) as queue:
            return await queue.claim(self.board.visit.shop_id, self._open.id, self.board.actor)

    async def take_from(self) -> Claimed:
        """A supervisor's: away from whoever holds it."""
        async with self.board.visit.may(Right.DESK_SUPERVISE) as services:
            queue, actor = HandoffQueue(services.database), self.board.actor
            return await queue.assign(self.board.visit.shop_id, self._open.id, actor.id, by=actor)

    async def reply(self, text: str, client_key: str) -> Sent:
        view = self._open
        async with self._queue(view) as queue:
            return await queue.reply(
                self.board.visit.shop_id, view.id, self.board.actor, view.fence, text, client_key=client_key
            )

    async def send_draft(self) -> Sent:
        """The incident's decision, as this operator's reply."""
        view = self._open
        async with self.board.may(view) as services:
            return await Incidents(services.database).send(
                self.board.visit.shop_id, view.incident_id or "", view.id, self.board.actor, view.fence
            )

    async def note(self, text: str) -> None:
        view = self._open
        fence = view.fence if view.state == "claimed" else None
        async with self._queue(view) as queue:
            await queue.note(self.board.visit.shop_id, view.id, self.board.actor, fence, text)

    async def escalate(self, why: str, *, release: bool) -> None:
        view = self._open
        async with self._queue(view) as queue:
            await queue.escalate(
                self.board.visit.shop_id, view.id, self.board.actor, fence=view.fence, why=why, release=release
            )

    async def release(self) -> None:
        view = self._open
        async with self._queue(view) as queue:
            await queue.release(self.board.visit.shop_id, view.id, self.board.actor, view.fence)

    async def resolve(self, resolution: str, *, end_conversation: bool) -> None:
        view = self._open
        async with self._queue(view) as queue:
            await queue.resolve(
                self.board.visit.shop_id, view.id, self.board.actor, view.fence, resolution=resolution,
                end_conversation=end_conversation,
            )  # fmt: skip

    async def return_to_bot(self) -> None:
        """What the shopper wrote meanwhile is answered at once, by the bot."""
        view = self._open
        async with self.board.may(view) as services:
            turn_id = await HandoffQueue(services.database).return_to_bot(
                self.board.visit.shop_id, view.id, self.board.actor, view.fence
            )
            if turn_id is not None:
                services.turns.kick(self.board.visit.shop_id, turn_id)

    async def reveal(self, why: str) -> None:
        """Masked personal data is shown: the audit remembers who looked, before anything is."""
        view, visit = self._open, self.board.visit
        async with self.board.may(view) as services, services.database.transaction(visit.shop_id) as scope:
            handoff = await repository.get(scope, view.id, lock=True)
            if visit.who.rights.isdisjoint(may_reveal(holds=holds(handoff, self.board.actor))):
                raise ForbiddenError("Only who holds a handoff, or supervises, sees its personal data.")
            await audit.revealed(scope, handoff, self.board.actor, why=why)
        visit.note("pii_revealed", handoff=view.id)

    async def canned(self) -> list[CannedReply]:
        async with self.board.visit.scope(Right.DESK_WORK) as scope:
            return await canned_replies(scope)

    async def set_canned(self, replies: list[CannedReply]) -> None:
        async with self.board.visit.scope(Right.DESK_SUPERVISE) as scope:
            await set_canned_replies(scope, replies)
        self.board.visit.note("canned_replies_set", count=len(replies))
