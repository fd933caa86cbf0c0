"""Why work goes to a person: one enumeration for all three origins, most urgent first (service.md §4)."""

from collections.abc import Iterable
from enum import StrEnum


class HandoffReason(StrEnum):
    SAFETY = "safety"
    FRAUD = "fraud"
    LEGAL = "legal"
    CUSTOMER_REQUEST = "customer_request"
    COMPLAINT = "complaint"
    POLICY_DISCRETION = "policy_discretion"
    REPEATED_FAILURE = "repeated_failure"
    IDENTITY = "identity"
    KNOWLEDGE_GAP = "knowledge_gap"
    TOOL_FAILURE = "tool_failure"
    LINE_HOLD = "line_hold"
    CANDIDATE_CONFLICT = "candidate_conflict"


_URGENCY = {reason: rank for rank, reason in enumerate(HandoffReason)}


def most_urgent(reasons: Iterable[HandoffReason]) -> HandoffReason | None:
    return min(reasons, key=_URGENCY.__getitem__, default=None)
