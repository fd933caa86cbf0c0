"""The states of a handoff and the only moves between them: a pure table (service.md §4).

An expired claim is queued again; `expire` is the move, there is no state to rest in.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from knowledge.kit.errors import ConflictError


class HandoffState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    RETURNED_TO_BOT = "returned_to_bot"
    CANCELLED = "cancelled"


class HandoffAction(StrEnum):
    CLAIM = "claim"
    ASSIGN = "assign"
    REPLY = "reply"
    NOTE = "note"
    RELEASE = "release"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    MERGE = "merge"
    RESOLVE = "resolve"
    RETURN = "return"
    CANCEL = "cancel"


_S, _A = HandoffState, HandoffAction
MOVES: Mapping[tuple[HandoffState, HandoffAction], HandoffState] = MappingProxyType(
    {
        (_S.QUEUED, _A.CLAIM): _S.CLAIMED,
        (_S.QUEUED, _A.ASSIGN): _S.CLAIMED,
        (_S.QUEUED, _A.NOTE): _S.QUEUED,
        (_S.QUEUED, _A.MERGE): _S.QUEUED,
        (_S.QUEUED, _A.ESCALATE): _S.QUEUED,
        (_S.QUEUED, _A.RETURN): _S.RETURNED_TO_BOT,
        (_S.QUEUED, _A.CANCEL): _S.CANCELLED,
        (_S.CLAIMED, _A.ASSIGN): _S.CLAIMED,
        (_S.CLAIMED, _A.REPLY): _S.CLAIMED,
        (_S.CLAIMED, _A.NOTE): _S.CLAIMED,
        (_S.CLAIMED, _A.MERGE): _S.CLAIMED,
        (_S.CLAIMED, _A.ESCALATE): _S.CLAIMED,
        (_S.CLAIMED, _A.RELEASE): _S.QUEUED,
        (_S.CLAIMED, _A.EXPIRE): _S.QUEUED,
        (_S.CLAIMED, _A.RESOLVE): _S.RESOLVED,
        (_S.CLAIMED, _A.RETURN): _S.RETURNED_TO_BOT,
        (_S.CLAIMED, _A.CANCEL): _S.CANCELLED,
    }
)

OPEN_STATES = frozenset({HandoffState.QUEUED, HandoffState.CLAIMED})


def next_state(state: HandoffState, action: HandoffAction) -> HandoffState:
    """Raises: ConflictError when the move is not in the table; nothing has changed then."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise ConflictError(
            f"A {state.value} handoff cannot take the action {action.value}.", state=state.value, action=action.value
        ) from None
