"""The states of a knowledge candidate and the only moves between them: a pure table.

`edited` and `approved` both wait for publishing; an edit takes an approval back. What is published is edited in place:
the shop's answer changes at once, with a new version of the document.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from knowledge.kit.errors import ConflictError


class CandidateState(StrEnum):
    PROPOSED = "proposed"
    EDITED = "edited"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class CandidateAction(StrEnum):
    EDIT = "edit"
    APPROVE = "approve"
    PUBLISH = "publish"
    REJECT = "reject"
    WITHDRAW = "withdraw"


_S, _A = CandidateState, CandidateAction
MOVES: Mapping[tuple[CandidateState, CandidateAction], CandidateState] = MappingProxyType(
    {
        (_S.PROPOSED, _A.EDIT): _S.EDITED,
        (_S.EDITED, _A.EDIT): _S.EDITED,
        (_S.APPROVED, _A.EDIT): _S.EDITED,
        (_S.REJECTED, _A.EDIT): _S.EDITED,
        (_S.WITHDRAWN, _A.EDIT): _S.EDITED,
        (_S.PUBLISHED, _A.EDIT): _S.PUBLISHED,
        (_S.PROPOSED, _A.APPROVE): _S.APPROVED,
        (_S.EDITED, _A.APPROVE): _S.APPROVED,
        (_S.PROPOSED, _A.PUBLISH): _S.PUBLISHED,
        (_S.EDITED, _A.PUBLISH): _S.PUBLISHED,
        (_S.APPROVED, _A.PUBLISH): _S.PUBLISHED,
        (_S.WITHDRAWN, _A.PUBLISH): _S.PUBLISHED,
        (_S.PROPOSED, _A.REJECT): _S.REJECTED,
        (_S.EDITED, _A.REJECT): _S.REJECTED,
        (_S.APPROVED, _A.REJECT): _S.REJECTED,
        (_S.WITHDRAWN, _A.REJECT): _S.REJECTED,
        (_S.PUBLISHED, _A.WITHDRAW): _S.WITHDRAWN,
    }
)

WAITING = (_S.PROPOSED, _S.EDITED, _S.APPROVED)


def next_state(state: CandidateState, action: CandidateAction) -> CandidateState:
    """Raises: ConflictError when the move is not in the table; nothing has changed then."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise ConflictError(
            f"A candidate that is {state.value} cannot take the action {action.value}.", state=state.value,
            action=action.value,
        ) from None  # fmt: skip
