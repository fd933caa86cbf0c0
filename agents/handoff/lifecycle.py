"""The states of a handoff and the only moves between them: a pure table (service.md §4)."""

from enum import StrEnum
from types import MappingProxyType

from agents.handoff.reasons import HandoffReason
from knowledge.kit.errors import ConflictError


class HandoffState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    RETURNED_TO_BOT = "returned_to_bot"
    CANCELLED = "cancelled"


class HandoffAction(StrEnum):
    CLAIM = "claim"
    RELEASE = "release"
    EXPIRE = "expire"
    RESOLVE = "resolve"
    RETURN = "return"
    CANCEL = "cancel"


_S, _A = HandoffState, HandoffAction
_MOVES = MappingProxyType(
    {
        (_S.QUEUED, _A.CLAIM): _S.CLAIMED,
        (_S.QUEUED, _A.RETURN): _S.RETURNED_TO_BOT,
        (_S.QUEUED, _A.CANCEL): _S.CANCELLED,
        (_S.CLAIMED, _A.RELEASE): _S.QUEUED,
        (_S.CLAIMED, _A.EXPIRE): _S.QUEUED,
        (_S.CLAIMED, _A.RESOLVE): _S.RESOLVED,
        (_S.CLAIMED, _A.RETURN): _S.RETURNED_TO_BOT,
        (_S.CLAIMED, _A.CANCEL): _S.CANCELLED,
    }
)

OPEN_STATES = frozenset({HandoffState.QUEUED, HandoffState.CLAIMED})

_PRIORITY = MappingProxyType(
    {
        HandoffReason.SAFETY: 700,
        HandoffReason.FRAUD: 600,
        HandoffReason.IDENTITY: 600,
        HandoffReason.LEGAL: 500,
        HandoffReason.CUSTOMER_REQUEST: 400,
        HandoffReason.COMPLAINT: 300,
        HandoffReason.POLICY_DISCRETION: 300,
        HandoffReason.REPEATED_FAILURE: 300,
        HandoffReason.TOOL_FAILURE: 200,
        HandoffReason.KNOWLEDGE_GAP: 100,
        HandoffReason.LINE_HOLD: 100,
        HandoffReason.CANDIDATE_CONFLICT: 100,
    }
)


def next_state(state: HandoffState, action: HandoffAction) -> HandoffState:
    """Raises: ConflictError when the move is not in the table; nothing has changed then."""
    try:
        return _MOVES[state, action]
    except KeyError:
        raise ConflictError(
            f"A {state.value} handoff cannot take the action {action.value}.", state=state.value, action=action.value
        ) from None


def base_priority(reason: HandoffReason) -> int:
    """Class of the reason, before ageing; higher goes first."""
    return _PRIORITY[reason]
