"""From what happened in a conversation of ours to what must be done in Chatwoot.

The conversation's own events are the outbox: they were committed with what they tell. They are read once each, the
steps and how far we read are committed together, so nothing is forgotten and nothing planned twice.
"""

from sqlalchemy import select

from api.chatwoot import step_rows
from api.chatwoot.models import ChatwootConnection, ChatwootConversation
from knowledge.kit.db import Scope
from knowledge.kit.events import Event, read_events

_AT_ONCE = 200


async def plan(scope: Scope, connection: ChatwootConnection, conversation_id: str) -> bool:
    """True while there may be more to read."""
    link = await scope.session.scalar(
        select(ChatwootConversation)
        .where(ChatwootConversation.shop_id == scope.shop_id, ChatwootConversation.conversation_id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if link is None:
        return False
    events = await read_events(scope, step_rows.stream_of(link), after=link.planned_offset, limit=_AT_ONCE)
    for event in events:
        if link.is_current:  # another shopper's conversation has taken the place of one that is not
            await _plan(scope, connection, link, event)
        link.planned_offset = event.offset
    return len(events) == _AT_ONCE


async def _plan(scope: Scope, connection: ChatwootConnection, link: ChatwootConversation, event: Event) -> None:
    if event.kind == "message" and event.data["author"] == "operator":
        await step_rows.add(scope, link, "operator", event.data["id"])
    elif event.kind == "message" and event.data["author"] == "bot":
        said = await step_rows.message(scope, event.data["id"])
        if said is not None and said.turn_state != "handed_off":  # that is told once a person can see it
            await step_rows.add(scope, link, "reply", said.id)
    elif event.kind == "handoff":
        for kind in _handoff_steps(connection):
            await step_rows.add(scope, link, kind, event.data["id"])
    elif event.kind == "owner" and event.data["owner"] == "bot":
        await step_rows.add(scope, link, "give_back", f"{event.offset}")


def _handoff_steps(connection: ChatwootConnection) -> list[str]:
    """The order in which no handoff stays unseen: opened first, told to the shopper last."""
    team = ["team"] if connection.team_id is not None else []
    labels = ["labels"] if connection.labels else []
    return ["open", "note", "attributes", "priority", *team, *labels, "tell"]
