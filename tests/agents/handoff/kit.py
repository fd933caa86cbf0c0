"""A queue over a test's own shop: operators who are there, work that waits, and time that passes by hand."""

import json
from typing import Any

from agents.conversations import service as conversations
from agents.handoff import audit
from agents.handoff.packet import Packet
from agents.handoff.presence import Presence
from agents.handoff.reasons import HandoffReason
from agents.handoff.service import HandoffQueue, Intake
from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.sweep import sweep_shop
from agents.handoff.views import SYSTEM, Actor, AuditLine, Claimed, Enqueued, HandoffView, Swept
from knowledge.kit import events
from knowledge.kit.db import Database

ANNA, BEN, BOSS = Actor("opr_anna", "安娜"), Actor("opr_ben", "小本"), Actor("opr_boss", "主管", "supervisor")
AROUND_THE_CLOCK = {"opens": 0, "closes": 24}


class Bench:
    def __init__(self, database: Database, shop_id: str) -> None:
        self.database, self.shop_id = database, shop_id
        self.queue, self.presence = HandoffQueue(database), Presence(database)

    async def setting(self, **rules: Any) -> None:
        async with self.database.transaction(self.shop_id) as scope:
            await scope.run(
                """update shops set settings = jsonb_set(settings, '{queue}',
                coalesce(settings->'queue', '{}') || cast(:rules as jsonb)) where id = :shop_id""",
                rules=json.dumps(rules),
            )

    async def sign_in(self, *operators: Actor, **more: Any) -> None:
        for operator in operators or (ANNA,):
            await self.presence.sign_in(self.shop_id, operator.id, name=operator.name, **more)

    async def conversation(self) -> str:
        async with self.database.transaction(self.shop_id) as scope:
            opened, _ = await conversations.open_conversation(scope)
        return opened.id

    async def ask(
        self, reason: HandoffReason = HandoffReason.COMPLAINT, *, subject: str = "", trigger: str = "msg_1",
        origin: str = "support", **more: Any,
    ) -> Enqueued:  # fmt: skip
        skills = tuple(more.pop("skills", ()))
        subject = subject or await self.conversation()
        packet = Packet(reason=reason.value, ask=more.pop("ask", "想找人看看"), **more)
        asked = Intake(origin, subject, trigger, reason, packet, skills)
        return await self.queue.enqueue(self.shop_id, asked, actor=SYSTEM)

    async def take(self, actor: Actor = ANNA) -> Claimed:
        claimed = await self.queue.claim_next(self.shop_id, actor)
        assert claimed is not None
        return claimed

    async def read(self, handoff_id: str) -> HandoffView:
        return await self.queue.read(self.shop_id, handoff_id)

    async def say(self, conversation_id: str, text: str) -> conversations.Accepted:
        async with self.database.transaction(self.shop_id) as scope:
            return await conversations.accept_message(scope, conversation_id, text)

    async def owner(self, conversation_id: str) -> tuple[str, int]:
        async with self.database.transaction(self.shop_id) as scope:
            row = await scope.one("select owner, fence from conversations where id = :id", id=conversation_id)
        return row.owner, row.fence

    async def past(self, seconds: float) -> None:
        """So much time passes for every handoff, message and lease; those who are there stay there."""
        async with self.database.transaction(self.shop_id) as scope:
            for table, columns in _INSTANTS.items():
                moved = ", ".join(f"{one} = {one} - make_interval(secs => :s)" for one in columns)
                await scope.run(f"update {table} set {moved} where shop_id = :shop_id", s=seconds)

    async def silent(self, operator: Actor, seconds: float) -> None:
        async with self.database.transaction(self.shop_id) as scope:
            await scope.run(
                """update operator_presence set last_seen_at = last_seen_at - make_interval(secs => :s)
                where shop_id = :shop_id and operator_id = :operator""",
                s=seconds, operator=operator.id,
            )  # fmt: skip

    async def sweep(self) -> Swept:
        return await sweep_shop(self.database, self.shop_id)

    async def told(self, kind: str = "") -> list[dict[str, Any]]:
        """What the desk's stream told, of one kind or all with their kinds."""
        async with self.database.transaction(self.shop_id) as scope:
            found = await events.read_events(scope, QUEUE_STREAM, after=0, limit=10_000)
        return [{"kind": one.kind, **one.data} for one in found if kind in ("", one.kind)]

    async def told_shopper(self, conversation_id: str) -> list[tuple[str, dict[str, Any]]]:
        async with self.database.transaction(self.shop_id) as scope:
            found = await events.read_events(scope, conversations.stream_name(conversation_id), after=0)
        return [(one.kind, one.data) for one in found]

    async def audited(self, handoff_id: str) -> list[AuditLine]:
        async with self.database.transaction(self.shop_id) as scope:
            return await audit.entries(scope, handoff_id=handoff_id)


_INSTANTS = {
    "handoffs": ("enqueued_at", "queued_at", "claimed_at", "first_reply_at", "last_reply_at", "lease_until"),
    "messages": ("created_at",),
}
