from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from knowledge.candidates.lifecycle import CandidateState
from knowledge.candidates.models import Candidate, Considered
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError

NOW = text("livecrew_now()")
_NEVER_PUBLISHED = Candidate.published_at.is_(None)


async def insert_new(scope: Scope, **values: Any) -> str | None:
    """The id, or None where this point of this handoff was proposed before."""
    made = insert(Candidate).values(shop_id=scope.shop_id, **values)
    kept = made.on_conflict_do_nothing(index_elements=["shop_id", "handoff_id", "question_message_id"])
    found: str | None = await scope.session.scalar(kept.returning(Candidate.id))
    return found


async def get(scope: Scope, candidate_id: str, *, lock: bool = False) -> Candidate:
    """Raises: NotFoundError when this shop has no such candidate."""
    statement = select(Candidate).where(Candidate.shop_id == scope.shop_id, Candidate.id == candidate_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = await scope.session.scalar(statement)
    if found is None:
        raise NotFoundError("There is no such candidate.", candidate_id=candidate_id)
    return found


async def of_point(scope: Scope, handoff_id: str, question_message_id: str) -> Candidate | None:
    found: Candidate | None = await scope.session.scalar(
        select(Candidate).where(
            Candidate.shop_id == scope.shop_id, Candidate.handoff_id == handoff_id,
            Candidate.question_message_id == question_message_id,
        )
    )  # fmt: skip
    return found


async def listed(scope: Scope, *, states: Sequence[str] = (), limit: int) -> list[Candidate]:
    """Changed last first."""
    statement = select(Candidate).where(Candidate.shop_id == scope.shop_id)
    if states:
        statement = statement.where(Candidate.state.in_(states))
    return list(await scope.session.scalars(statement.order_by(Candidate.updated_at.desc(), Candidate.id).limit(limit)))


async def counts(scope: Scope) -> dict[str, int]:
    """Candidates by state; states without one are absent."""
    statement = select(Candidate.state, func.count()).where(Candidate.shop_id == scope.shop_id)
    return {row[0]: row[1] for row in await scope.session.execute(statement.group_by(Candidate.state))}


async def published(scope: Scope) -> list[Candidate]:
    """In the order in which they were published."""
    statement = select(Candidate).where(
        Candidate.shop_id == scope.shop_id, Candidate.state == CandidateState.PUBLISHED.value
    )
    fresh = statement.execution_options(populate_existing=True)
    return list(await scope.session.scalars(fresh.order_by(Candidate.published_at, Candidate.id)))


async def forget_subject(scope: Scope, subject_id: str) -> None:
    """What was never published goes. What was is the shop's own words by now: it stays, and leads to nobody."""
    mine = (Candidate.shop_id == scope.shop_id, Candidate.subject_id == subject_id)
    await scope.session.execute(delete(Candidate).where(*mine, _NEVER_PUBLISHED))
    await scope.session.execute(
        update(Candidate)
        .where(*mine)
        .values(
            subject_id="", question_message_id=Candidate.id, answer_message_ids=[],
            proposed_question=Candidate.question, proposed_answer=Candidate.answer,
        )
    )  # fmt: skip


async def mark_considered(scope: Scope, handoff_id: str, outcome: str) -> None:
    made = insert(Considered).values(shop_id=scope.shop_id, handoff_id=handoff_id, outcome=outcome)
    await scope.session.execute(made.on_conflict_do_nothing())
