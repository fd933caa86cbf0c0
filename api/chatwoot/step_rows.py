"""All SQL of links between conversations, and of the steps that follow from what happens in ours."""

from typing import Any

from sqlalchemy import select

from agents.conversations.streams import stream_name
from api.chatwoot.models import ChatwootConversation, ChatwootStep
from knowledge.kit.db import Scope

LEASE_S = 60
SPINE = ("reply", "operator", "open", "tell", "give_back")
"""Strictly one after the other; what only adorns a handoff waits for its opening alone, and holds nobody up."""


async def link_of(scope: Scope, connection_id: str, chatwoot_id: int) -> ChatwootConversation | None:
    """The current one, locked."""
    statement = select(ChatwootConversation).where(
        ChatwootConversation.shop_id == scope.shop_id, ChatwootConversation.connection_id == connection_id,
        ChatwootConversation.chatwoot_id == chatwoot_id, ChatwootConversation.is_current,
    )  # fmt: skip
    found: ChatwootConversation | None = await scope.session.scalar(statement.with_for_update())
    return found


async def lock_pair(scope: Scope, connection_id: str, chatwoot_id: int) -> None:
    """Two deliveries of a conversation that has no link yet must not make two."""
    await scope.one(
        "select pg_advisory_xact_lock(hashtextextended(:pair, 6))", pair=f"{connection_id} {chatwoot_id}"
    )  # fmt: skip


_DUE_CONVERSATIONS = """from chatwoot_conversations c
    left join event_streams s on s.shop_id = c.shop_id and s.stream = 'conversation:' || c.conversation_id
    where c.shop_id = :shop_id and (c.busy_until is null or c.busy_until <= livecrew_now())
    and (s.last_offset > c.planned_offset or exists (select from chatwoot_steps t where t.shop_id = c.shop_id
      and t.conversation_id = c.conversation_id and t.state = 'waiting'
      and t.next_attempt_at <= livecrew_now() and not exists (
        select from chatwoot_steps e where e.shop_id = t.shop_id and e.conversation_id = t.conversation_id
        and e.state = 'waiting' and e.seq < t.seq and e.kind = any(:spine)
        and (t.kind = any(:spine) or (e.kind = 'open' and e.subject_id = t.subject_id)))))"""


async def due_conversations(scope: Scope, limit: int) -> int:
    """How many are due now, counted up to `limit`."""
    found = await scope.all(f"select 1 {_DUE_CONVERSATIONS} limit :limit", spine=list(SPINE), limit=limit)
    return len(found)


async def claim_conversation(scope: Scope, worker: str) -> Any | None:
    """Row (conversation_id, connection_id, chatwoot_id) of one where something happened or is due, ours for a lease."""
    return await scope.one(
        f"""update chatwoot_conversations set busy_by = :worker,
        busy_until = livecrew_now() + make_interval(secs => :lease)
        where conversation_id = (select c.conversation_id {_DUE_CONVERSATIONS} limit 1 for update of c skip locked)
        returning conversation_id, connection_id, chatwoot_id""",
        worker=worker, lease=LEASE_S, spine=list(SPINE),
    )  # fmt: skip


async def hold(scope: Scope, conversation_id: str, worker: str) -> bool:
    """Another lease; False when somebody else has it by now."""
    return bool(
        await scope.run(
            """update chatwoot_conversations set busy_until = livecrew_now() + make_interval(secs => :lease)
            where shop_id = :shop_id and conversation_id = :id and busy_by = :worker""",
            id=conversation_id, worker=worker, lease=LEASE_S,
        )
    )  # fmt: skip


async def let_go(scope: Scope, conversation_id: str, worker: str) -> None:
    await scope.run(
        """update chatwoot_conversations set busy_by = null, busy_until = null
        where shop_id = :shop_id and conversation_id = :id and busy_by = :worker""",
        id=conversation_id, worker=worker,
    )  # fmt: skip


async def add(scope: Scope, link: ChatwootConversation, kind: str, subject_id: str) -> None:
    """The same twice is once."""
    await scope.run(
        """insert into chatwoot_steps (shop_id, connection_id, conversation_id, kind, subject_id)
        values (:shop_id, :connection, :conversation, :kind, :subject)
        on conflict (conversation_id, kind, subject_id) do nothing""",
        connection=link.connection_id, conversation=link.conversation_id, kind=kind, subject=subject_id,
    )  # fmt: skip


class Line:
    """The waiting steps of a conversation, asked for in order: which may be made now."""

    def __init__(self) -> None:
        self._held_up = False
        self._unopened: set[str] = set()

    def admits(self, step: ChatwootStep) -> bool:
        return not self._held_up if step.kind in SPINE else step.subject_id not in self._unopened

    def leave_waiting(self, step: ChatwootStep) -> None:
        self._held_up = self._held_up or step.kind in SPINE
        if step.kind == "open":
            self._unopened.add(step.subject_id)


async def due(scope: Scope, conversation_id: str) -> list[ChatwootStep]:
    """Those that may be made now, in order."""
    statement = select(ChatwootStep).where(
        ChatwootStep.shop_id == scope.shop_id, ChatwootStep.conversation_id == conversation_id,
        ChatwootStep.state == "waiting",
    )  # fmt: skip
    now = (await scope.one("select livecrew_now() as now")).now
    found, line = [], Line()
    for step in await scope.session.scalars(statement.order_by(ChatwootStep.seq)):
        if line.admits(step) and step.next_attempt_at <= now:
            found.append(step)
        else:
            line.leave_waiting(step)
    return found


async def start(scope: Scope, seq: int) -> ChatwootStep | None:
    """Counts the attempt before it is made: None when the step waits no more."""
    await scope.run(
        """update chatwoot_steps set attempts = attempts + 1, started_at = coalesce(started_at, livecrew_now())
        where shop_id = :shop_id and seq = :seq and state = 'waiting'""",
        seq=seq,
    )
    found: ChatwootStep | None = await scope.session.scalar(
        select(ChatwootStep)
        .where(ChatwootStep.shop_id == scope.shop_id, ChatwootStep.seq == seq, ChatwootStep.state == "waiting")
        .execution_options(populate_existing=True)
    )
    return found


async def finish(scope: Scope, seq: int, state: str, why: str, chatwoot_message_id: int | None = None) -> bool:
    """False when it was finished before: by its echo, perhaps."""
    return bool(
        await scope.run(
            """update chatwoot_steps set state = :state, why = :why, finished_at = livecrew_now(),
            chatwoot_message_id = cast(:message as bigint)
            where shop_id = :shop_id and seq = :seq and state = 'waiting'""",
            seq=seq, state=state, why=why, message=chatwoot_message_id,
        )
    )  # fmt: skip


async def put_off(scope: Scope, seq: int, why: str, after_s: float) -> None:
    await scope.run(
        """update chatwoot_steps set why = :why, next_attempt_at = livecrew_now() + make_interval(secs => :after)
        where shop_id = :shop_id and seq = :seq and state = 'waiting'""",
        seq=seq, why=why, after=after_s,
    )  # fmt: skip


async def echoed(scope: Scope, connection_id: str, chatwoot_id: int, seq: int, chatwoot_message_id: int) -> bool:
    """Chatwoot told us of a message that is a step of ours: it is done, whether or not the answer to us got lost."""
    return bool(
        await scope.run(
            """update chatwoot_steps t set state = 'done', why = 'echoed', finished_at = livecrew_now(),
            chatwoot_message_id = :message from chatwoot_conversations c
            where t.shop_id = :shop_id and t.seq = :seq and t.connection_id = :connection and t.state = 'waiting'
            and t.kind in ('reply', 'operator', 'note', 'tell') and t.attempts > 0
            and c.conversation_id = t.conversation_id and c.chatwoot_id = :chatwoot""",
            connection=connection_id, chatwoot=chatwoot_id, seq=seq, message=chatwoot_message_id,
        )
    )  # fmt: skip


async def state_of(scope: Scope, conversation_id: str, kind: str, subject_id: str) -> str:
    """Empty where there is no such step."""
    row = await scope.one(
        """select state from chatwoot_steps where shop_id = :shop_id and conversation_id = :conversation
        and kind = :kind and subject_id = :subject""",
        conversation=conversation_id, kind=kind, subject=subject_id,
    )  # fmt: skip
    return str(row.state) if row else ""


async def announcement(scope: Scope, handoff_id: str) -> Any | None:
    """Row (id, text): what the bot said in ours when it handed over, None where nobody spoke."""
    return await scope.one(
        """select m.id, m.text from messages m join turns t on t.id = m.turn_id
        join handoff_triggers g on g.shop_id = m.shop_id and g.trigger_id in (t.message_id, t.id)
        and g.subject_id = m.conversation_id
        where m.shop_id = :shop_id and g.handoff_id = :handoff and m.author = 'bot'
        order by m.position desc limit 1""",
        handoff=handoff_id,
    )


async def message(scope: Scope, message_id: str) -> Any:
    """Row (id, author, text, citations, turn_state), turn_state None for what is no turn's."""
    return await scope.one(
        """select m.id, m.author, m.text, m.citations, t.state as turn_state from messages m
        left join turns t on t.shop_id = m.shop_id and t.id = m.turn_id
        where m.shop_id = :shop_id and m.id = :id""",
        id=message_id,
    )


def stream_of(link: ChatwootConversation) -> str:
    return stream_name(link.conversation_id)
