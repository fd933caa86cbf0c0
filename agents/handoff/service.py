"""The queue as its operators use it: each method is one transaction, and proves ownership inside it."""

from collections.abc import Sequence
from datetime import datetime

from agents.conversations import ownership
from agents.handoff import acts, claims, figures, intake, presence, reading, replies, repository
from agents.handoff.figures import QueueLoad as QueueLoad
from agents.handoff.figures import TrendDay as TrendDay
from agents.handoff.intake import Intake as Intake
from agents.handoff.lifecycle import HandoffAction
from agents.handoff.routing import Waiting, fitting
from agents.handoff.standing import standing_of
from agents.handoff.views import Actor, Claimed, Enqueued, HandoffView, Note, OperatorState, Sent
from knowledge.kit.db import Database


class HandoffQueue:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def enqueue(self, shop_id: str, asked: Intake, *, actor: Actor) -> Enqueued:
        """A conversation is taken from the bot: what it was drafting is superseded.

        Raises: KeyReusedError when the trigger came before with another body, NotFoundError without its conversation.
        """
        async with self._database.transaction(shop_id) as scope:
            seen = await repository.trigger(scope, asked.subject_id, asked.trigger_id)
            if asked.origin == "support" and seen is None:
                await repository.unfinished_of(scope, asked.subject_id)  # locked before the conversation, as by claims
                await ownership.to_person(scope, asked.subject_id)
            taken = await intake.enqueue(scope, asked, actor=actor)
            standing = taken.standing or await standing_of(scope, taken.handoff)
            return Enqueued(taken.handoff.id, taken.merged, taken.repeated, standing)

    async def claim_next(self, shop_id: str, actor: Actor) -> Claimed | None:
        """None when nothing waits that this operator may take. Raises: OperatorUnavailableError, AtCapacityError."""
        async with self._database.transaction(shop_id) as scope:
            return await claims.claim_next(scope, actor)

    async def claim(self, shop_id: str, handoff_id: str, actor: Actor) -> Claimed:
        """Chosen by hand; one's own again is the same claim.

        Raises: NotFoundError, OperatorUnavailableError, AtCapacityError, AlreadyClaimedError, ConflictError once ended.
        """
        async with self._database.transaction(shop_id) as scope:
            return await claims.claim(scope, handoff_id, actor)

    async def take_over(self, shop_id: str, conversation_id: str, actor: Actor) -> Claimed:
        """From the bot at once, or from the queue.

        Raises: NotFoundError, OperatorUnavailableError, AtCapacityError, AlreadyClaimedError.
        """
        async with self._database.transaction(shop_id) as scope:
            return await claims.take_over(scope, conversation_id, actor)

    async def assign(self, shop_id: str, handoff_id: str, operator_id: str, *, by: Actor) -> Claimed:
        """A supervisor's push, also away from another operator, whatever the operator holds and can.

        Raises: NotFoundError, OperatorUnavailableError, ConflictError once ended.
        """
        async with self._database.transaction(shop_id) as scope:
            return await claims.assign(scope, handoff_id, operator_id, by)

    async def heartbeat(self, shop_id: str, handoff_id: str, actor: Actor, fence: int) -> datetime:
        """Until when it is theirs. Raises: NotFoundError, StaleFenceError."""
        async with self._database.transaction(shop_id) as scope:
            return await acts.extended(scope, await acts.held(scope, handoff_id, actor, fence))

    async def release(self, shop_id: str, handoff_id: str, actor: Actor, fence: int, *, why: str = "") -> None:
        """Back into the queue with its age and class. Raises: NotFoundError, StaleFenceError, InvalidInputError."""
        acts.checked("why", why)
        async with self._database.transaction(shop_id) as scope:
            await acts.release(scope, await acts.held(scope, handoff_id, actor, fence), actor, why)

    async def escalate(
        self, shop_id: str, handoff_id: str, actor: Actor, *, fence: int | None, why: str = "",
        skills: Sequence[str] = (), release: bool = False,
    ) -> None:  # fmt: skip
        """One class up, perhaps with skills it now needs, perhaps back into the queue; supervisors are warned.

        Raises: NotFoundError, StaleFenceError, ConflictError once ended, InvalidInputError.
        """
        acts.checked("why", why)
        async with self._database.transaction(shop_id) as scope:
            handoff = await acts.held(scope, handoff_id, actor, fence)
            await acts.escalate(scope, handoff, actor, why=why, skills=skills, release=release)

    async def note(self, shop_id: str, handoff_id: str, actor: Actor, fence: int | None, text: str) -> Note:
        """For colleagues only. Raises: NotFoundError, StaleFenceError, ConflictError once ended, InvalidInputError."""
        acts.checked("text", text, required=True)
        async with self._database.transaction(shop_id) as scope:
            made = await acts.note(scope, await acts.held(scope, handoff_id, actor, fence), actor, text)
            await scope.session.refresh(made)
            return reading.note_view(made)

    async def reply(
        self, shop_id: str, handoff_id: str, actor: Actor, fence: int, text: str, *, client_key: str
    ) -> Sent:
        """To the shopper, once a key.

        Raises: NotFoundError, StaleFenceError, NotAConversationError, KeyReusedError, InvalidInputError.
        """
        async with self._database.transaction(shop_id) as scope:
            return await replies.reply(scope, handoff_id, actor, fence, text, client_key=client_key)

    async def resolve(
        self, shop_id: str, handoff_id: str, actor: Actor, fence: int, *, resolution: str = "",
        end_conversation: bool = False,
    ) -> None:  # fmt: skip
        """Done; the conversation is the bot's again, or ended until the shopper writes. The same twice is once.

        Raises: NotFoundError, StaleFenceError, InvalidInputError.
        """
        acts.checked("resolution", resolution)
        async with self._database.transaction(shop_id) as scope:
            handoff = await repository.get(scope, handoff_id, lock=True)
            if acts.already(handoff, actor, fence, HandoffAction.RESOLVE):
                return
            acts.prove(handoff, actor, fence)
            await acts.finish(
                scope, handoff, actor, HandoffAction.RESOLVE, words=resolution, end_conversation=end_conversation
            )

    async def return_to_bot(
        self, shop_id: str, handoff_id: str, actor: Actor, fence: int | None, *, why: str = ""
    ) -> str | None:
        """The bot goes on; what the shopper wrote meanwhile and nobody answered becomes its turn, whose id is returned.

        Raises: NotFoundError, StaleFenceError, ConflictError once ended, InvalidInputError.
        """
        acts.checked("why", why)
        async with self._database.transaction(shop_id) as scope:
            handoff = await repository.get(scope, handoff_id, lock=True)
            if acts.already(handoff, actor, fence, HandoffAction.RETURN):
                return None
            acts.permit(handoff, actor, fence)
            return await acts.finish(scope, handoff, actor, HandoffAction.RETURN, words=why)

    async def cancel(
        self, shop_id: str, handoff_id: str, actor: Actor, *, fence: int | None = None, why: str = ""
    ) -> None:
        """Nobody needs it any more. Raises: NotFoundError, StaleFenceError, ConflictError once ended."""
        acts.checked("why", why)
        async with self._database.transaction(shop_id) as scope:
            handoff = await acts.held(scope, handoff_id, actor, fence)
            await acts.finish(scope, handoff, actor, HandoffAction.CANCEL, words=why)

    async def read(self, shop_id: str, handoff_id: str) -> HandoffView:
        """Raises: NotFoundError."""
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            (view,) = await reading.views(scope, [await repository.get(scope, handoff_id)])
        return view

    async def notes(self, shop_id: str, handoff_id: str) -> list[Note]:
        """Oldest first."""
        async with self._database.transaction(shop_id) as scope:
            return [reading.note_view(one) for one in await repository.notes_of(scope, handoff_id)]

    async def listed(
        self, shop_id: str, *, state: str | None = None, reason: str | None = None, claimed_by: str | None = None,
        origin: str | None = None, limit: int = 100,
    ) -> list[HandoffView]:  # fmt: skip
        """In the order in which they will be taken."""
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            found = await repository.listed(
                scope, state=state, reason=reason, claimed_by=claimed_by, origin=origin, limit=limit
            )
            return await reading.views(scope, found)

    async def ended_today(
        self, shop_id: str, *, reason: str | None = None, claimed_by: str | None = None, origin: str | None = None,
        limit: int = 100,
    ) -> list[HandoffView]:  # fmt: skip
        """However they ended, the latest first; a day is Asia/Shanghai's. `claimed_by`: who held them last."""
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            found = await repository.ended_today(
                scope, reason=reason, claimed_by=claimed_by, origin=origin, limit=limit
            )
            return await reading.views(scope, found)

    async def fitting(self, shop_id: str, handoff_id: str) -> list[OperatorState]:
        """Operators who are there, the best for this handoff first: for a supervisor who assigns."""
        async with self._database.transaction(shop_id) as scope:
            handoff = await repository.get(scope, handoff_id)
            waiting = Waiting(tuple(handoff.skills), handoff.sticky_operator, handoff.queued_at)
            return fitting(waiting, await presence.states(scope))

    async def load(self, shop_id: str) -> QueueLoad:
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            return await figures.load(scope)

    async def first_response_trend(self, shop_id: str, *, days: int) -> list[TrendDay]:
        """Ascending by day."""
        async with self._database.transaction(shop_id) as scope:
            return await figures.first_response_trend(scope, days=days)
