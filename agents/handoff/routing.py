"""Who may take what (service.md §4). Pure; claim_rows.py asks the same of the database, and a test holds both equal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.handoff.rules import QueueRules
from agents.handoff.views import OperatorState


@dataclass(frozen=True)
class Waiting:
    """What routing looks at; `queued_at` is when it last entered the queue."""

    skills: tuple[str, ...]
    sticky_operator: str | None
    queued_at: datetime


def is_available(status: str, silent_s: float, rules: QueueRules) -> bool:
    return status == "online" and silent_s < rules.offline_s


def may_take(
    item: Waiting, operator: OperatorState, now: datetime, rules: QueueRules, *, sticky_is_there: bool
) -> bool:
    """Whether the next-in-line of this operator may be this item. The last operator has it to themselves for a little
    while, if they are there at all; required skills are asked for until T3 has passed."""
    if not operator.available or operator.holding >= operator.capacity:
        return False
    waited = now - item.queued_at
    if not set(item.skills) <= set(operator.skills) and waited < timedelta(seconds=rules.t3_s):
        return False
    stuck_elsewhere = item.sticky_operator not in (None, operator.operator_id) and sticky_is_there
    return not stuck_elsewhere or waited >= timedelta(seconds=rules.sticky_s)


def fitting(item: Waiting, operators: Iterable[OperatorState]) -> list[OperatorState]:
    """For a supervisor who assigns: those who are there, best first — the last operator, then all skills, then the one
    with most room."""
    there = [one for one in operators if one.available]
    return sorted(
        there,
        key=lambda one: (
            one.operator_id != item.sticky_operator,
            not set(item.skills) <= set(one.skills),
            one.holding - one.capacity,
            one.operator_id,
        ),
    )
