"""All SQL of figures over conversations; days are Asia/Shanghai."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from knowledge.kit.db import Scope

_DAY = "(t.created_at at time zone 'Asia/Shanghai')::date"


@dataclass(frozen=True)
class DayCounts:
    """Turns by outcome on one day."""

    on: date
    counts: dict[str, int]


@dataclass(frozen=True)
class Unanswered:
    """A question whose turn ended without an answer; `text` is the shopper's message as it came."""

    turn_id: str
    conversation_id: str
    text: str
    query: str
    outcome: str
    missing: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Totals:
    """Of conversations that had a turn in the time: `resolved` were answered to the end without a person."""

    conversations: int
    with_person: int
    resolved: int
    ratings: int
    rating_sum: int
    solved_yes: int
    solved_no: int


@dataclass(frozen=True)
class ConversationLine:
    id: str
    shopper_id: str
    owner: str
    state: str
    created_at: datetime
    updated_at: datetime
    messages: int
    first_words: str
    outcomes: tuple[str, ...]
    score: int | None


async def outcomes_by_day(scope: Scope, since: datetime) -> list[DayCounts]:
    """Ascending; days without a turn are absent."""
    rows = await scope.all(
        f"""select {_DAY} as day, t.outcome, count(*) as n from turns t
        where t.shop_id = :shop_id and t.outcome is not null and t.created_at >= :since group by 1, 2 order by 1""",
        since=since,
    )
    days: dict[date, dict[str, int]] = {}
    for row in rows:
        days.setdefault(row.day, {})[row.outcome] = row.n
    return [DayCounts(day, counts) for day, counts in days.items()]


async def totals(scope: Scope, since: datetime) -> Totals:
    row = await scope.one(
        """with touched as (
          select t.conversation_id, bool_or(t.outcome = 'handed_off') as person,
                 (array_agg(t.outcome order by t.created_at desc))[1] as last
          from turns t where t.shop_id = :shop_id and t.outcome is not null and t.created_at >= :since group by 1)
        select count(*) as conversations, count(*) filter (where person) as with_person,
               count(*) filter (where not person and last = 'answered') as resolved from touched""",
        since=since,
    )
    rated = await scope.one(
        """select count(*) as n, coalesce(sum(score), 0) as total, count(*) filter (where solved) as yes,
        count(*) filter (where not solved) as no from ratings where shop_id = :shop_id and created_at >= :since""",
        since=since,
    )
    return Totals(row.conversations, row.with_person, row.resolved, rated.n, rated.total, rated.yes, rated.no)


async def unanswered(scope: Scope, since: datetime, *, limit: int) -> list[Unanswered]:
    """Newest first: abstained, or handed off because the documents did not hold the answer or were missed twice."""
    rows = await scope.all(
        """select t.id, t.conversation_id, m.text, t.outcome, t.created_at, t.record->>'query' as query,
        t.record->'missing' as missing from turns t join messages m on m.id = t.message_id
        left join handoffs h
          on h.shop_id = t.shop_id and h.subject_id = t.conversation_id and h.trigger_id = t.message_id
        where t.shop_id = :shop_id and t.created_at >= :since and (t.outcome = 'abstained'
          or (t.outcome = 'handed_off'
            and coalesce(h.reason, 'knowledge_gap') in ('knowledge_gap', 'repeated_failure')))
        order by t.created_at desc limit :limit""",
        since=since, limit=limit,
    )  # fmt: skip
    return [
        Unanswered(row.id, row.conversation_id, row.text, row.query or row.text, row.outcome,
                   tuple(row.missing or ()), row.created_at)
        for row in rows
    ]  # fmt: skip


async def listed(
    scope: Scope, *, outcome: str = "", score: int | None = None, since: datetime | None = None,
    until: datetime | None = None, shopper_id: str = "", limit: int, offset: int,
) -> tuple[list[ConversationLine], int]:  # fmt: skip
    """Latest activity first, and how many there are in all."""
    given: dict[str, Any] = {"outcome": outcome, "score": score, "since": since, "until": until, "shopper": shopper_id}
    wheres = {
        "outcome": "exists (select from turns t where t.conversation_id = c.id and t.outcome = :outcome)",
        "score": "r.score = :score",
        "since": "c.updated_at >= :since",
        "until": "c.updated_at < :until",
        "shopper": "c.shopper_id = :shopper",
    }
    chosen = {name: value for name, value in given.items() if value not in ("", None)}
    where = " and ".join(["c.shop_id = :shop_id", *(wheres[name] for name in chosen)])
    source = f"from conversations c left join ratings r on r.conversation_id = c.id where {where}"
    total = await scope.one(f"select count(*) as n {source}", **chosen)
    rows = await scope.all(
        f"""select c.id, c.shopper_id, c.owner, c.state, c.created_at, c.updated_at, r.score,
        (select count(*) from messages m where m.conversation_id = c.id) as messages,
        (select m.text from messages m where m.conversation_id = c.id and m.author = 'shopper'
         order by m.position limit 1) as first_words,
        (select array_agg(t.outcome order by t.created_at) from turns t
         where t.conversation_id = c.id and t.outcome is not null) as outcomes
        {source} order by c.updated_at desc, c.id limit :limit offset :offset""",
        **chosen, limit=limit, offset=offset,
    )  # fmt: skip
    return [
        ConversationLine(row.id, row.shopper_id or "", row.owner, row.state, row.created_at, row.updated_at,
                         row.messages, row.first_words or "", tuple(dict.fromkeys(row.outcomes or ())), row.score)
        for row in rows
    ], total.n  # fmt: skip


async def turns_of(scope: Scope, conversation_id: str) -> list[Any]:
    """Rows (id, message_id, outcome, writer, record, state, created_at) in order."""
    return await scope.all(
        """select id, message_id, outcome, writer, record, state, created_at from turns
        where shop_id = :shop_id and conversation_id = :conversation_id order by created_at""",
        conversation_id=conversation_id,
    )


async def rating_of(scope: Scope, conversation_id: str) -> Any | None:
    """Row (score, solved, comment) or None."""
    return await scope.one(
        "select score, solved, comment from ratings where shop_id = :shop_id and conversation_id = :conversation_id",
        conversation_id=conversation_id,
    )
