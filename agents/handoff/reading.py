"""Handoffs as the desk reads them, with their place, their clocks and what the shopper waits for."""

from collections.abc import Sequence

from agents.handoff import repository
from agents.handoff.models import Handoff, HandoffNote
from agents.handoff.sla import clocks, course_of
from agents.handoff.standing import rules_for
from agents.handoff.views import HandoffView, Note
from knowledge.kit.db import Scope


async def views(scope: Scope, handoffs: Sequence[Handoff]) -> list[HandoffView]:
    """In the order given."""
    if not handoffs:
        return []
    rules = await rules_for(scope)
    now = await repository.now(scope)
    waiting = await repository.waits_since(scope, handoffs)
    if len(handoffs) == 1:
        places = {handoffs[0].id: await repository.position(scope, handoffs[0])}
    else:
        places = await repository.positions(scope)
    return [
        HandoffView(
            id=one.id,
            origin=one.origin,
            subject_id=one.subject_id,
            reason=one.reason,
            reasons=tuple(one.reasons),
            state=one.state,
            priority=one.priority,
            vip=one.vip,
            skills=tuple(one.skills),
            fence=one.fence,
            claimed_by=one.claimed_by,
            lease_until=one.lease_until,
            enqueued_at=one.enqueued_at,
            queued_at=one.queued_at,
            claimed_at=one.claimed_at,
            first_reply_at=one.first_reply_at,
            last_reply_at=one.last_reply_at,
            resolved_at=one.resolved_at,
            resolution=one.resolution,
            returns=one.returns,
            incident_id=one.incident_id,
            sticky_operator=one.sticky_operator,
            packet=one.packet,
            position=places.get(one.id, 0),
            shopper_waits_since=waiting.get(one.id),
            clocks=clocks(course_of(one, waiting.get(one.id)), now, rules),
        )
        for one in handoffs
    ]


def note_view(row: HandoffNote) -> Note:
    return Note(row.id, row.handoff_id, row.operator_id, row.text, row.created_at)
