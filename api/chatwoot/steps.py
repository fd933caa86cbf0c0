"""One step in Chatwoot. Each looks how the conversation stands there immediately before it acts, and each may be made
again: what is already so is not done twice."""

from dataclasses import dataclass
from datetime import timedelta

from agents.conversations import repository as conversations
from agents.handoff import repository as handoffs
from agents.handoff.lifecycle import OPEN_STATES, HandoffState
from agents.handoff.models import Handoff
from agents.handoff.standing import standing_of
from agents.handoff.views import Standing
from api.chatwoot import step_rows, wording
from api.chatwoot.client import ChatwootApi
from api.chatwoot.models import ChatwootConnection, ChatwootStep
from api.chatwoot.payload import Theirs, There
from api.chatwoot.rules import held_off
from knowledge.kit.db import Database

_CLOCKS_APART = timedelta(seconds=30)


@dataclass(frozen=True)
class Outcome:
    state: str
    why: str = ""
    message_id: int | None = None


DONE = Outcome("done")


def skipped(why: str) -> Outcome:
    return Outcome("skipped", why)


@dataclass(frozen=True)
class Work:
    """One step with all it needs; `chatwoot_id` is the conversation there."""

    database: Database
    api: ChatwootApi
    connection: ChatwootConnection
    step: ChatwootStep
    chatwoot_id: int

    async def make(self) -> Outcome:
        """Raises: ChatwootError."""
        match self.step.kind:
            case "reply":
                return await self._reply()
            case "operator":
                return await self._operator()
            case "give_back":
                return await self._give_back()
            case _:
                return await self._of_handoff()

    async def _there(self) -> There:
        return await self.api.conversation(self.chatwoot_id)

    async def _reply(self) -> Outcome:
        """The bot's words, unless a person has the conversation, here or there."""
        async with self.database.transaction(self.step.shop_id) as scope:
            said = await step_rows.message(scope, self.step.subject_id)
            owner = (await conversations.get(scope, self.step.conversation_id)).owner
        text = wording.bot_text(said.text, said.citations)
        there = await self._there()
        if self._posted(there, text, private=False) is not None:
            return await self._say(text, there)
        if owner != "bot":
            return skipped("held_by_a_person")
        if why := held_off(there.status, held=there.held):
            return skipped(why)
        return await self._say(text, there)

    async def _operator(self) -> Outcome:
        """A person's words go out however the conversation stands there."""
        async with self.database.transaction(self.step.shop_id) as scope:
            said = await step_rows.message(scope, self.step.subject_id)
        return await self._say(said.text, await self._there())

    async def _say(self, text: str, there: There, *, private: bool = False, known_by: str = "") -> Outcome:
        if (posted := self._posted(there, known_by or text, private=private)) is not None:
            return Outcome("done", "found", posted)
        return Outcome("done", "", await self.api.post(self.chatwoot_id, text, step=self.step.seq, private=private))

    def _posted(self, there: There, text: str, *, private: bool) -> int | None:
        """The message there, if an earlier attempt got through and its answer did not."""
        if self.step.attempts < 2:
            return None
        return next((one.id for one in there.last if self._is_ours(one, text, private)), None)

    def _is_ours(self, one: Theirs, text: str, private: bool) -> bool:
        """By our mark; by its words where Chatwoot is too old to keep the mark."""
        if one.mark is not None:
            return one.mark == self.step.seq
        since = self.step.started_at
        recent = one.at is not None and since is not None and one.at >= since - _CLOCKS_APART
        ours = one.kind == "outgoing" and one.by_bot and one.private == private
        return recent and ours and one.text.startswith(text)

    async def _give_back(self) -> Outcome:
        """Ours is the bot's again: theirs must be pending, or the bot would never be asked; or resolved, where ours
        has ended. What a person there holds or has ended is theirs to give back."""
        async with self.database.transaction(self.step.shop_id) as scope:
            ours = await conversations.get(scope, self.step.conversation_id)
        there = await self._there()
        if ours.owner != "bot":
            return skipped("held_by_a_person")
        if there.status != "open":
            return skipped(f"is_{there.status}")
        if there.held:
            return skipped("held_by_a_person")
        await self.api.set_status(self.chatwoot_id, "resolved" if ours.state == "closed" else "pending")
        return DONE

    async def _of_handoff(self) -> Outcome:
        async with self.database.transaction(self.step.shop_id) as scope:
            handoff = await handoffs.get(scope, self.step.subject_id)
            opened = await step_rows.state_of(scope, self.step.conversation_id, "open", handoff.id)
            standing = await standing_of(scope, handoff)
            announced = await step_rows.announcement(scope, handoff.id)
        if handoff.state not in OPEN_STATES:
            return skipped(f"handoff_{handoff.state}")
        if self.step.kind == "open":
            return await self._open()
        if opened != "done":
            return skipped("never_opened")
        if self.step.kind == "tell":
            return await self._tell(handoff, announced.text if announced else "", standing)
        return await self._adorn(handoff)

    async def _open(self) -> Outcome:
        """From whatever it is: a handoff that nobody there can see would be a silent one."""
        if (await self._there()).status != "open":
            await self.api.set_status(self.chatwoot_id, "open")
        return DONE

    async def _tell(self, handoff: Handoff, announced: str, standing: Standing) -> Outcome:
        """Once people can see it. Nobody whom a person already attends to is told of a queue."""
        there = await self._there()
        if not announced:
            return skipped("nothing_said")
        if there.held or handoff.state == HandoffState.CLAIMED:
            return skipped("held_by_a_person")
        if there.status == "resolved":
            return skipped("is_resolved")
        return await self._say(wording.queued_text(announced, standing), there, known_by=announced)

    async def _adorn(self, handoff: Handoff) -> Outcome:
        there = await self._there()
        match self.step.kind:
            case "note":
                text = wording.note(handoff.id, handoff.reasons, handoff.packet)
                return await self._say(text, there, private=True)
            case "attributes":
                ours = {"livecrew_handoff_id": handoff.id, "livecrew_reason": handoff.reason}
                if not ours.items() <= dict(there.attributes).items():
                    await self.api.set_attributes(self.chatwoot_id, {**there.attributes, **ours})
            case "priority":
                wanted, order = wording.priority_of(handoff.reasons), wording.PRIORITIES
                if there.priority not in order or order.index(there.priority) < order.index(wanted):
                    await self.api.set_priority(self.chatwoot_id, wanted)
            case "team":
                if self.connection.team_id is None or there.team:
                    return skipped("has_a_team" if there.team else "no_team")
                await self.api.assign_team(self.chatwoot_id, self.connection.team_id)
            case "labels":
                held = await self.api.labels(self.chatwoot_id)
                if missing := [one for one in self.connection.labels if one not in held]:
                    await self.api.set_labels(self.chatwoot_id, [*held, *missing])
        return DONE
