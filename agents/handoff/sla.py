"""Clocks of the service level: first response, next response, resolution. Pure; they run in business hours only.

Pauses: outside business hours nothing runs; the clock of the next response runs only while the shopper waits for one;
the clock of the resolution stands while we wait for the shopper, from our reply to their next message.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agents.handoff.hours import Hours
from agents.handoff.models import Handoff
from agents.handoff.rules import QueueRules
from agents.handoff.views import ClockName, SlaClock

WARN_SHARE = 0.7


@dataclass(frozen=True)
class Course:
    """What the clocks read. `ended_at` None while open; `waits_since`: the shopper wrote and nobody has answered yet;
    `paused_s` was counted at the replies so far (`pause_s`). `writes`: there is a shopper to answer."""

    enqueued_at: datetime
    claimed_at: datetime | None
    first_reply_at: datetime | None
    last_reply_at: datetime | None
    waits_since: datetime | None
    ended_at: datetime | None
    paused_s: int
    writes: bool


def course_of(handoff: Handoff, waits_since: datetime | None) -> Course:
    return Course(
        enqueued_at=handoff.enqueued_at,
        claimed_at=handoff.claimed_at,
        first_reply_at=handoff.first_reply_at,
        last_reply_at=handoff.last_reply_at,
        waits_since=waits_since,
        ended_at=handoff.resolved_at,
        paused_s=handoff.paused_s,
        writes=handoff.origin == "support",
    )


def level(elapsed_s: float, target_s: int) -> Literal["ok", "warned", "breached"]:
    if elapsed_s >= target_s:
        return "breached"
    return "warned" if elapsed_s >= WARN_SHARE * target_s else "ok"


def pause_s(course: Course, now: datetime, hours: Hours) -> float:
    """How long, since our last reply, it was the shopper's turn."""
    if course.last_reply_at is None:
        return 0.0
    return hours.elapsed_s(course.last_reply_at, course.waits_since or course.ended_at or now)


def clocks(course: Course, now: datetime, rules: QueueRules) -> tuple[SlaClock, ...]:
    """Of work without a shopper the first response is its claim, and there is no next one."""
    hours = rules.hours
    answered_at = course.first_reply_at if course.writes else course.claimed_at
    first_s = hours.elapsed_s(course.enqueued_at, answered_at or course.ended_at or now)
    waiting = course.waits_since if course.ended_at is None else None
    next_s = hours.elapsed_s(waiting, now) if waiting else 0.0
    whole_s = hours.elapsed_s(course.enqueued_at, course.ended_at or now)
    resolution_s = max(0.0, whole_s - course.paused_s - pause_s(course, now, hours))
    stands = course.last_reply_at is not None and course.waits_since is None
    open_now = course.ended_at is None and hours.are_open(now)
    return (
        _clock("first", rules.first_s, first_s, running=open_now and answered_at is None),
        _clock("next", rules.next_s, next_s, running=open_now and waiting is not None),
        _clock("resolution", rules.resolution_s, resolution_s, running=open_now and not stands),
    )


def _clock(name: ClockName, target_s: int, elapsed_s: float, *, running: bool) -> SlaClock:
    return SlaClock(name, target_s, round(elapsed_s, 3), running, level(elapsed_s, target_s))
