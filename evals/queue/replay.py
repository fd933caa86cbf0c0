"""What the queue must never do, looked for in what it left behind: the audit is played through the table of states, and
held against the rows, the messages and what the workers were told.

The shop's audit is one chain under one lock, so its order is the order in which moves became final.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agents.handoff import audit
from agents.handoff.lifecycle import MOVES, HandoffAction, HandoffState
from agents.handoff.priority import base_priority, overtaken_within_s
from agents.handoff.reasons import HandoffReason
from knowledge.kit.db import Database, Scope

Row = dict[str, Any]
_A = HandoffAction
_ACTIONS = {
    "merged": _A.MERGE, "claimed": _A.CLAIM, "assigned": _A.ASSIGN, "released": _A.RELEASE, "expired": _A.EXPIRE,
    "escalated": _A.ESCALATE, "noted": _A.NOTE, "replied": _A.REPLY, "resolved": _A.RESOLVE,
    "returned_to_bot": _A.RETURN, "cancelled": _A.CANCEL,
}  # fmt: skip
_SELF = frozenset({"merged", "escalated", "noted", "replied", "sla_warned", "sla_breached"})


@dataclass
class Played:
    """One handoff as its audit tells it."""

    state: str
    fence: int
    owner: str | None
    spans: list[tuple[str, datetime]] = field(default_factory=list)


@dataclass
class Found:
    """Each a list of what was found, so that a failure can be looked at."""

    lost: list[str] = field(default_factory=list)
    double_owner: list[str] = field(default_factory=list)
    stale_sends: list[str] = field(default_factory=list)
    duplicate_sends: list[str] = field(default_factory=list)
    bound_violations: list[str] = field(default_factory=list)
    chain_broken: list[str] = field(default_factory=list)
    not_conserved: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {name: len(value) for name, value in vars(self).items()}


async def judge(database: Database, shop_id: str, logs: Iterable[Sequence[Row]]) -> tuple[Found, Counter[str]]:
    """What went wrong, and how often which move was made."""
    found = Found()
    async with database.transaction(shop_id, snapshot=True) as scope:
        verified = await audit.verify(scope)
        if not verified.whole:
            found.chain_broken.append(f"entry {verified.broken_at}")
        lines = await scope.all(
            """select seq, handoff_id, subject_id, action, actor, fence, at, body from handoff_audit
            where shop_id = :shop_id and handoff_id <> '' order by seq"""
        )
        played = _play(lines, found)
        await _states(scope, played, found)
        await _messages(scope, lines, found)
        await _bot_sends(scope, lines, found)
        _bound(await _enqueued(scope), lines, found)
        await _told(scope, [row for log in logs for row in log], lines, found)
    return found, Counter(line.action for line in lines)


def _play(lines: Sequence[Any], found: Found) -> dict[str, Played]:
    """Every entry must be a move of the table; a claim makes the next fence, and only the owner acts under it."""
    known: dict[str, Played] = {}
    for line in lines:
        now = known.get(line.handoff_id)
        if now is None:
            if line.action != "enqueued":
                found.lost.append(f"{line.handoff_id} begins with {line.action}")
            known[line.handoff_id] = Played("queued", 0, None)
            continue
        detail = json.loads(line.body)["detail"]
        _move(now, line, detail, found)
    return known


def _move(now: Played, line: Any, detail: Row, found: Found) -> None:
    name = f"{line.handoff_id} seq {line.seq} {line.action}"
    if line.action in ("claimed", "assigned"):
        if line.action == "claimed" and now.state != "queued":
            found.double_owner.append(name)
        if line.fence != now.fence + 1:
            found.double_owner.append(f"{name}: fence {line.fence} after {now.fence}")
        now.owner, now.fence = detail.get("to") or line.actor.partition(":")[2], line.fence
    elif line.fence != now.fence:
        found.stale_sends.append(f"{name}: fence {line.fence}, valid {now.fence}")
    elif line.action == "replied" and (now.state != "claimed" or line.actor != f"operator:{now.owner}"):
        found.stale_sends.append(f"{name} by {line.actor}, owner {now.owner}, {now.state}")
    if line.action in ("sla_warned", "sla_breached"):
        return
    action = _ACTIONS.get(line.action)
    after = MOVES.get((HandoffState(now.state), action)) if action else None
    if after is None:
        found.not_conserved.append(f"{name} from {now.state}")
        return
    told = detail["state"]
    if line.action == "escalated" and told == "queued":
        after = HandoffState.QUEUED
    if told != after.value:
        found.not_conserved.append(f"{name}: {after.value} expected, {told} told")
    now.state = told
    if told == "queued":
        now.owner = None


async def _states(scope: Scope, played: dict[str, Played], found: Found) -> None:
    rows = await scope.all(
        """select h.id, h.state, h.fence, h.claimed_by, h.origin, c.owner, h.subject_id from handoffs h
        left join conversations c on c.id = h.subject_id where h.shop_id = :shop_id"""
    )
    found.lost += [f"{one} is audited, and gone" for one in set(played) - {row.id for row in rows}]
    open_of: Counter[str] = Counter()
    for row in rows:
        told = played.get(row.id)
        if told is None or (told.state, told.fence) != (row.state, row.fence):
            found.lost.append(f"{row.id} is {row.state}/{row.fence}, its audit tells {told}")
        elif row.state == "claimed" and row.claimed_by != told.owner:
            found.double_owner.append(f"{row.id} is {row.claimed_by}'s, its audit tells {told.owner}")
        if row.state in ("queued", "claimed"):
            open_of[row.subject_id] += 1
            if row.origin == "support" and row.owner != "handoff":
                found.not_conserved.append(f"{row.id} is open, its conversation the bot's")
    found.double_owner += [f"{one} has {n} open handoffs" for one, n in open_of.items() if n > 1]
    waiting = await scope.all("select id from conversations where shop_id = :shop_id and owner = 'handoff'")
    found.lost += [f"{row.id} waits for a person without a handoff" for row in waiting if row.id not in open_of]


async def _messages(scope: Scope, lines: Sequence[Any], found: Found) -> None:
    """Every operator's message has one audited send, and none was stored twice."""
    rows = await scope.all("select id, text, client_key from messages where shop_id = :shop_id and author = 'operator'")
    replied = Counter(json.loads(line.body)["detail"].get("message_id") for line in lines if line.action == "replied")
    found.stale_sends += [f"{row.id} was sent without an audited reply" for row in rows if not replied[row.id]]
    found.duplicate_sends += [f"{one} was audited {n} times" for one, n in replied.items() if n > 1]
    found.lost += [f"{one} was audited, and is gone" for one in set(replied) - {row.id for row in rows}]
    texts = Counter(row.text for row in rows)
    found.duplicate_sends += [f"{text} stands {n} times" for text, n in texts.items() if n > 1]
    twice = await scope.all(
        """select turn_id, count(*) as n from messages where shop_id = :shop_id and author = 'bot'
        and turn_id is not null group by turn_id having count(*) > 1"""
    )
    found.duplicate_sends += [f"turn {row.turn_id} answered {row.n} times" for row in twice]


async def _bot_sends(scope: Scope, lines: Sequence[Any], found: Found) -> None:
    """No bot message stands in a time in which people had the conversation. Both instants are taken while the
    conversation's row is locked, so they compare."""
    taken: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for line in lines:
        if line.action in ("enqueued", "claimed", "assigned", "resolved", "returned_to_bot", "cancelled"):
            person = line.action in ("enqueued", "claimed", "assigned")
            taken[line.subject_id].append((line.at, person))
    rows = await scope.all(
        "select id, conversation_id, created_at from messages where shop_id = :shop_id and author = 'bot'"
    )
    for row in rows:
        before = [person for at, person in taken[row.conversation_id] if at < row.created_at]
        if before and before[-1]:
            found.stale_sends.append(f"{row.id} is the bot's, while people had {row.conversation_id}")


async def _enqueued(scope: Scope) -> dict[str, datetime]:
    rows = await scope.all("select id, enqueued_at from handoffs where shop_id = :shop_id")
    return {row.id: row.enqueued_at for row in rows}


def _bound(enqueued_at: dict[str, datetime], lines: Sequence[Any], found: Found) -> None:
    """priority.py: what was enqueued later than its bound after a waiting item is never the next in line before it.
    Items are looked at once anybody may take them, which is `_FREE_S` after they were queued."""
    waiting: dict[str, tuple[float, datetime]] = {}  # id → latest instant of what may overtake it, queued since
    for line in lines:
        detail = json.loads(line.body)["detail"]
        if line.action == "claimed" and not detail.get("chosen") and line.handoff_id in enqueued_at:
            came = enqueued_at[line.handoff_id].timestamp()
            found.bound_violations += [
                f"{line.handoff_id} went before {other}"
                for other, (until, since) in waiting.items()
                if other != line.handoff_id and came >= until and (line.at - since).total_seconds() > _FREE_S
            ]
        if line.action in ("claimed", "assigned") or detail["state"] not in ("queued",):
            waiting.pop(line.handoff_id, None)
        elif line.action == "enqueued" or line.handoff_id not in waiting:
            came = enqueued_at.get(line.handoff_id, line.at)
            base = base_priority(HandoffReason(detail["reason"]))
            waiting[line.handoff_id] = (came.timestamp() + overtaken_within_s(base), line.at)


_FREE_S = 180


async def _told(scope: Scope, log: Sequence[Row], lines: Sequence[Any], found: Found) -> None:
    """What a worker was told has happened has happened."""
    triggers = {
        (row.subject_id, row.trigger_id): row.handoff_id
        for row in await scope.all("select subject_id, trigger_id, handoff_id from handoff_triggers")
    }
    messages = {row.id for row in await scope.all("select id from messages where author = 'operator'")}
    claims = {(line.handoff_id, line.fence) for line in lines if line.action in ("claimed", "assigned")}
    owners: dict[tuple[str, int], str] = {}
    for row in log:
        end = row.get("end") or {}
        if row["op"] in ("enqueue", "merge", "repeat", "line") and "handoff" in end:
            if triggers.get((row["subject"], row["trigger"])) != end["handoff"]:
                found.lost.append(f"trigger {row['trigger']} was acknowledged")
        elif "message" in end and end["message"] not in messages:
            found.lost.append(f"message {end['message']} was acknowledged")
        elif "fence" in end:
            claim = (end["handoff"], end["fence"])
            if claim not in claims:
                found.lost.append(f"claim {claim} was acknowledged")
            if owners.setdefault(claim, end["operator"]) != end["operator"]:
                found.double_owner.append(f"{claim} was told to two")
