"""What operators answered, on its way into the shop's knowledge; for admins, supervisors, and keys that may review."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from agents.support.learning.views import Edit
from api.auth.rights import Right
from api.desk_access import Caller, Wired
from api.schemas import Id
from api.schemas.learning import (
    CandidateDetailOut,
    CandidateOut,
    DecideCandidate,
    DuplicateOut,
    EditCandidate,
    FindingOut,
    ProposeCandidate,
    SaidOut,
)
from knowledge.candidates.lifecycle import CandidateState
from knowledge.candidates.models import Candidate

router = APIRouter(prefix="/v1/knowledge-candidates", tags=["knowledge candidates"])


def _out(candidate: Candidate) -> CandidateOut:
    return CandidateOut.model_validate(candidate, from_attributes=True)


@router.get("")
async def list_candidates(
    wired: Wired,
    caller: Caller,
    state: Annotated[list[CandidateState] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[CandidateOut]:
    """Changed last first."""
    caller.require(Right.KNOWLEDGE_REVIEW)
    states = [one.value for one in state or ()]
    return [_out(one) for one in await wired.review.listed(caller.shop_id, states=states, limit=limit)]


@router.get("/{candidate_id}")
async def read_candidate(candidate_id: Id, wired: Wired, caller: Caller) -> CandidateDetailOut:
    caller.require(Right.KNOWLEDGE_REVIEW)
    found = await wired.review.read(caller.shop_id, candidate_id)
    return CandidateDetailOut(
        candidate=_out(found.candidate),
        operator_name=found.operator_name,
        said=[SaidOut.model_validate(one) for one in found.said],
        duplicates=[DuplicateOut.model_validate(one) for one in found.duplicates],
        blocking=[FindingOut.model_validate(one) for one in found.blocking],
    )


@router.post("", status_code=201)
async def propose_candidate(wired: Wired, caller: Caller, body: ProposeCandidate, response: Response) -> CandidateOut:
    """From a resolved handoff. A question is proposed once a handoff: again it is the candidate there is, with 200."""
    caller.require(Right.KNOWLEDGE_REVIEW)
    candidate, new = await wired.review.propose(
        caller.shop_id, body.handoff_id, caller.actor, question_id=body.question_message_id or "",
        answer_ids=body.answer_message_ids,
    )  # fmt: skip
    response.status_code = 201 if new else 200
    return _out(candidate)


@router.put("/{candidate_id}")
async def edit_candidate(candidate_id: Id, wired: Wired, caller: Caller, body: EditCandidate) -> CandidateOut:
    """What is published changes at once."""
    caller.require(Right.KNOWLEDGE_REVIEW)
    edit = Edit(
        question=body.question, answer=body.answer, revision=body.revision, wordings=tuple(body.wordings),
        effective_from=body.effective_from, effective_to=body.effective_to, accepted=tuple(body.accepted),
    )  # fmt: skip
    return _out(await wired.review.edit(caller.shop_id, candidate_id, caller.actor, edit))


@router.post("/{candidate_id}/approve")
async def approve_candidate(candidate_id: Id, wired: Wired, caller: Caller, body: DecideCandidate) -> CandidateOut:
    caller.require(Right.KNOWLEDGE_REVIEW)
    return _out(await wired.review.approve(caller.shop_id, candidate_id, caller.actor, revision=body.revision))


@router.post("/{candidate_id}/publish")
async def publish_candidate(candidate_id: Id, wired: Wired, caller: Caller, body: DecideCandidate) -> CandidateOut:
    """The desk answers with it once the new version of the document is indexed, in seconds."""
    caller.require(Right.KNOWLEDGE_REVIEW)
    return _out(await wired.review.publish(caller.shop_id, candidate_id, caller.actor, revision=body.revision))


@router.post("/{candidate_id}/withdraw")
async def withdraw_candidate(candidate_id: Id, wired: Wired, caller: Caller, body: DecideCandidate) -> CandidateOut:
    """A new version without it; the earlier ones stay."""
    caller.require(Right.KNOWLEDGE_REVIEW)
    return _out(await wired.review.withdraw(caller.shop_id, candidate_id, caller.actor, why=body.why))


@router.post("/{candidate_id}/reject")
async def reject_candidate(candidate_id: Id, wired: Wired, caller: Caller, body: DecideCandidate) -> CandidateOut:
    caller.require(Right.KNOWLEDGE_REVIEW)
    return _out(await wired.review.reject(caller.shop_id, candidate_id, caller.actor, why=body.why))
