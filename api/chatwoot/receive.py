"""What becomes of a delivery: a message of the shopper is taken once; an end or a return by a person there is one here.

Everything is decided again when a delivery comes a second time, so that it may be interrupted anywhere.
"""

from dataclasses import dataclass

from agents.conversations import ownership, proof, service
from agents.conversations import repository as conversations
from agents.conversations.attachments import attach
from agents.conversations.models import Conversation
from agents.handoff import intake
from agents.handoff import repository as handoffs
from agents.handoff.models import Handoff
from agents.handoff.packet import Packet
from agents.handoff.presence import Presence
from agents.handoff.reasons import HandoffReason
from agents.handoff.service import HandoffQueue
from agents.handoff.views import SYSTEM, Actor
from api.chatwoot import delivery_rows, step_rows
from api.chatwoot.client import ChatwootApi
from api.chatwoot.models import ChatwootConnection, ChatwootConversation
from api.chatwoot.payload import Event, Theirs, There
from api.chatwoot.pictures import Files, files_of
from api.chatwoot.rules import refusal
from knowledge.kit.db import Database, Scope

_UNREAD = "（发来了附件，请在 Chatwoot 中查看）"
_STATUS_EVENTS = (
    "conversation_resolved", "conversation_status_changed", "conversation_opened", "conversation_updated"
)  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """`why` is empty where the delivery was of use. `turn_id` is a turn of the bot that may begin."""

    why: str = ""
    turn_id: str | None = None


@dataclass(frozen=True)
class Reception:
    """`signed`: only then does the delivery prove anything about anybody."""

    database: Database
    api: ChatwootApi
    connection: ChatwootConnection
    signed: bool

    @property
    def shop_id(self) -> str:
        return self.connection.shop_id

    async def take(self, event: Event) -> Taken:
        """Raises: ChatwootError."""
        if event.account_id not in (None, self.connection.account_id):
            return Taken("another_account")
        if event.there is None:
            return Taken("no_conversation")
        if event.name in _STATUS_EVENTS:
            return await self._moved(event.there)
        message = event.message
        if message is not None and message.mark is not None and self.signed:
            return await self._echo(event.there, message.id, message.mark)
        return await self._heard(event, event.there, message) if message else Taken("not_a_message")

    async def _echo(self, there: There, message_id: int, mark: int) -> Taken:
        async with self.database.transaction(self.shop_id) as scope:
            done = await step_rows.echoed(scope, self.connection.id, there.id, mark, message_id)
        return Taken("" if done else "our_own")

    # messages -------------------------------------------------------------------------------------------------------

    async def _heard(self, event: Event, there: There, message: Theirs) -> Taken:
        why = refusal(event)
        if why not in ("", "not_pending", "held_by_a_person"):
            return Taken(why)
        if await self._is_taken(message.id):
            return Taken("message_taken")
        if why and not await self._is_known(there.id):
            return Taken(why)
        if not why:
            await self._returned_unsaid(there)
        files = await files_of(self.api, message)
        async with self.database.transaction(self.shop_id) as scope:
            await step_rows.lock_pair(scope, self.connection.id, there.id)
            if await delivery_rows.is_taken(scope, self.connection.id, message.id):
                return Taken("message_taken")
            conversation = await self._conversation(scope, event, there, open_new=not why)
            if conversation is None:
                return Taken(why)
            return await self._said(scope, conversation, message, files, why)

    async def _is_taken(self, message_id: int) -> bool:
        async with self.database.transaction(self.shop_id) as scope:
            return await delivery_rows.is_taken(scope, self.connection.id, message_id)

    async def _is_known(self, chatwoot_id: int) -> bool:
        async with self.database.transaction(self.shop_id) as scope:
            return await step_rows.link_of(scope, self.connection.id, chatwoot_id) is not None

    async def _said(
        self, scope: Scope, conversation: Conversation, message: Theirs, files: Files, why: str
    ) -> Taken:  # fmt: skip
        """What people must read is kept whoever holds the conversation; a turn begins only where the bot may act."""
        text = message.text.strip()[: service.MAX_MESSAGE_CHARACTERS]
        unread = files.unread > 0 and not text and not files.pictures
        if unread:
            text = _UNREAD
        if not text and not files.pictures:
            return Taken("empty")
        pictures = [await attach(scope, conversation.id, one) for one in files.pictures]
        if conversation.owner == "bot" and (why or unread):
            said = await service.add_message(
                scope, conversation.id, author="shopper", text=text, client_key=self._key(message), attachments=pictures
            )
            await delivery_rows.remember(scope, self.connection.id, message.id, said.id)
            if not why:
                await self._to_people(scope, conversation, said.id)
            return Taken(why)
        accepted = await service.accept_message(
            scope, conversation.id, text, self._key(message), [one.id for one in pictures]
        )
        await delivery_rows.remember(scope, self.connection.id, message.id, accepted.message.id)
        return Taken("", accepted.turn.id if accepted.turn else None)

    def _key(self, message: Theirs) -> str:
        return f"chatwoot:{self.connection.id}:{message.id}"

    async def _to_people(self, scope: Scope, conversation: Conversation, message_id: str) -> None:
        """A file that no bot can read, and no words with it."""
        await ownership.to_person(scope, conversation.id)
        reason = HandoffReason.KNOWLEDGE_GAP
        packet = Packet(reason=reason.value, ask=_UNREAD, tried=("unreadable_attachment",))
        await intake.enqueue(scope, intake.Intake("support", conversation.id, message_id, reason, packet))

    async def _conversation(
        self, scope: Scope, event: Event, there: There, *, open_new: bool
    ) -> Conversation | None:  # fmt: skip
        """Ours for theirs, locked, its shopper the one who was proven to write. Whoever is somebody else, or no longer
        proven, gets a conversation of their own: nobody reads on in another's."""
        proven = event.identifier if self.signed else ""
        link = await step_rows.link_of(scope, self.connection.id, there.id)
        if link is not None:
            ours = await conversations.get(scope, link.conversation_id, lock=True)
            if ours.shopper_id in (None, proven):
                if proven and ours.shopper_id is None:
                    await proof.bind(scope, ours, shopper_id=proven, name=event.shopper_name)
                return ours
            if not open_new:
                return None
            link.is_current = False
            await scope.session.flush()
        if not open_new:
            return None
        ours, _ = await service.open_conversation(scope, channel="chatwoot")
        scope.session.add(
            ChatwootConversation(
                conversation_id=ours.id, shop_id=self.shop_id, connection_id=self.connection.id, chatwoot_id=there.id,
                is_current=True, planned_offset=0,
            )
        )  # fmt: skip
        await scope.session.flush()
        if proven:
            await proof.bind(scope, ours, shopper_id=proven, name=event.shopper_name)
        return ours

    # what people there do -------------------------------------------------------------------------------------------

    async def _returned_unsaid(self, there: There) -> None:
        """Builds that tell of no change of status: a message that comes pending after we opened the conversation."""
        handoff, opened = await self._handoff_of(there.id)
        if handoff is not None and opened:
            await self._moved(there)

    async def _moved(self, there: There) -> Taken:
        """Deliveries overtake each other: what counts is how the conversation stands there now. One that has yet to be
        opened for its handoff is pending for that reason alone."""
        handoff, opened = await self._handoff_of(there.id)
        if handoff is None:
            return Taken("nothing_open")
        if there.status not in ("resolved", "pending"):
            return Taken("still_with_people")
        now = await self.api.conversation(there.id)
        if now.status == "resolved":
            return await self._resolve(handoff)
        if now.status == "pending" and opened and not now.held:
            turn_id = await HandoffQueue(self.database).return_to_bot(
                self.shop_id, handoff.id, Actor(self._desk.id, kind="api"), None, why="returned_in_chatwoot"
            )
            return Taken("", turn_id)
        return Taken("still_with_people")

    async def _handoff_of(self, chatwoot_id: int) -> tuple[Handoff | None, bool]:
        """The open handoff of the conversation, and whether the conversation was opened for it there."""
        async with self.database.transaction(self.shop_id) as scope:
            link = await step_rows.link_of(scope, self.connection.id, chatwoot_id)
            handoff = await handoffs.unfinished_of(scope, link.conversation_id, lock=False) if link else None
            if link is None or handoff is None:
                return None, False
            opened = await step_rows.state_of(scope, link.conversation_id, "open", handoff.id)
        return handoff, opened == "done"

    @property
    def _desk(self) -> Actor:
        """The people at Chatwoot's desk are one operator of ours, who only ever ends work."""
        return Actor(f"chatwoot:{self.connection.id}", name=self.connection.name or "Chatwoot")

    async def _resolve(self, handoff: Handoff) -> Taken:
        """Taken and resolved in the name of that desk, whoever of ours held it or nobody."""
        queue, presence = HandoffQueue(self.database), Presence(self.database)
        await presence.sign_in(self.shop_id, self._desk.id, name=self._desk.name, capacity=0)
        claimed = await queue.assign(self.shop_id, handoff.id, self._desk.id, by=SYSTEM)
        await queue.resolve(
            self.shop_id, handoff.id, self._desk, claimed.fence, resolution="resolved_in_chatwoot"
        )  # fmt: skip
        await presence.sign_out(self.shop_id, self._desk.id)
        return Taken()
