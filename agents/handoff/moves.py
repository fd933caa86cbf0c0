"""Each move of a handoff is told in one place: the audit and the desk's stream, both at commit, and the outbox.

Row locks are taken in one order everywhere: the handoff's before its conversation's.
"""

from typing import Any

from agents.conversations.streams import stream_name
from agents.handoff.lifecycle import HandoffState
from agents.handoff.models import Handoff, HandoffMove
from agents.handoff.standing import remember_place, standing_of
from agents.handoff.views import Actor, Standing
from knowledge.kit import events, outbox
from knowledge.kit.db import Scope

_POSTED = {
    "enqueued": "handoff.queued", "claimed": "handoff.claimed", "assigned": "handoff.claimed",
    "released": "handoff.queued", "expired": "handoff.expired", "escalated": "handoff.escalated",
    "replied": "handoff.replied", "resolved": "handoff.resolved", "returned_to_bot": "handoff.returned_to_bot",
    "cancelled": "handoff.cancelled",
}  # fmt: skip


def order_ids(packet: dict[str, Any]) -> list[str]:
    return list(packet.get("order_ids") or ())


def facts(handoff: Handoff) -> dict[str, Any]:
    return {
        "handoff_id": handoff.id,
        "subject_id": handoff.subject_id,
        "origin": handoff.origin,
        "state": handoff.state,
        "reason": handoff.reason,
        "priority": handoff.priority,
        "fence": handoff.fence,
        "claimed_by": handoff.claimed_by,
    }


async def tell(scope: Scope, handoff: Handoff, kind: str, actor: Actor, **detail: Any) -> None:
    """`detail` holds ids, codes and digests, never a shopper's words: the audit keeps it for good."""
    await scope.session.flush()
    told = facts(handoff)
    if topic := _POSTED.get(kind):
        await outbox.post(scope, topic, told)
        await scope.session.flush()
    scope.session.add(
        HandoffMove(
            shop_id=scope.shop_id, handoff_id=handoff.id, subject_id=handoff.subject_id,
            order_ids=order_ids(handoff.packet), action=kind, actor=actor.told, fence=handoff.fence,
            detail={"state": handoff.state, "reason": handoff.reason, "priority": handoff.priority, **detail},
            data={**told, "actor": actor.told, **detail},
        )
    )  # fmt: skip
    await scope.session.flush()


async def tell_shopper(scope: Scope, handoff: Handoff) -> Standing | None:
    """Where the shopper stands now; None where there is no shopper, or nothing to wait for any more."""
    if handoff.origin != "support" or handoff.state not in (HandoffState.QUEUED, HandoffState.CLAIMED):
        return None
    standing = await standing_of(scope, handoff)
    await remember_place(scope, handoff.id, standing.position)
    data = {
        "id": handoff.id,
        "state": handoff.state,
        "reason": handoff.reason,
        "position": standing.position,
        "expected_wait_s": standing.expected_wait_s,
        "opens_in_s": standing.opens_in_s,
        "operator_name": standing.operator_name,
    }
    await events.append_event(scope, stream_name(handoff.subject_id), "handoff", data)
    return standing
