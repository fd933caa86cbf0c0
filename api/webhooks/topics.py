"""What a webhook may be told of. Pure."""

from collections.abc import Iterable

from knowledge.kit.errors import InvalidInputError

FAMILIES = ("handoff", "conversation")
"""What an outbox topic begins with; rows of other families are other senders' work."""
HANDOFF = (
    "handoff.queued", "handoff.claimed", "handoff.replied", "handoff.escalated", "handoff.expired", "handoff.resolved",
    "handoff.returned_to_bot", "handoff.cancelled",
)  # fmt: skip
KNOWN = (*HANDOFF, *(f"{family}.*" for family in FAMILIES))
TEST = "webhook.test"


def checked(topics: Iterable[str]) -> list[str]:
    """Each once. Raises: InvalidInputError."""
    given = list(dict.fromkeys(topics))
    unknown = [one for one in given if one not in KNOWN]
    if unknown or not given:
        told = f"There is no topic {unknown[0]}." if unknown else "A webhook is told of something."
        raise InvalidInputError(told, field="topics", rule=f"of {', '.join(KNOWN)}")
    return given


def wants(topics: Iterable[str], topic: str) -> bool:
    return any(one in (topic, f"{topic.partition('.')[0]}.*") for one in topics)
