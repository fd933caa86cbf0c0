"""Refusals of the queue; the HTTP status of each code stands in api/errors.py."""

from knowledge.kit.errors import ConflictError, LiveCrewError


class StaleFenceError(LiveCrewError):
    """Whoever acts no longer holds the handoff: it was returned, assigned to another, or has ended.

    `data` tells `handoff_id`, `state`, the `fence` that counts now and `claimed_by`.
    """

    code = "stale_fence"


class AlreadyClaimedError(LiveCrewError):
    """Somebody else was faster; `data` tells `claimed_by`."""

    code = "already_claimed"


class AtCapacityError(LiveCrewError):
    """`data` tells `capacity`."""

    code = "at_capacity"


class OperatorUnavailableError(LiveCrewError):
    """The operator is not signed in to the queue, away, or has not been heard of lately; `data` tells `status`."""

    code = "operator_unavailable"


class KeyReusedError(LiveCrewError):
    """The idempotency key was used before, with another body."""

    code = "idempotency_key_reused"


class NotAConversationError(ConflictError):
    """The work is a line or a candidate: there is no shopper to write to."""
