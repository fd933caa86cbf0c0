"""What reviewers of learned answers send and read."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.base import Words

_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class ProposeCandidate(BaseModel):
    """From an ended handoff; which question and which replies may be chosen, else the desk does."""

    handoff_id: _Id
    question_message_id: _Id | None = None
    answer_message_ids: list[_Id] = Field(default=[], max_length=20)


class EditCandidate(BaseModel):
    """The whole form. `revision` is the one that was read; `accepted` are spans of soft findings that stay."""

    revision: int
    question: Words = Field(max_length=400)
    answer: Words = Field(max_length=4000)
    wordings: list[Words] = Field(default=[], max_length=40)
    effective_from: date | None = None
    effective_to: date | None = None
    accepted: list[Words] = Field(default=[], max_length=40)


class DecideCandidate(BaseModel):
    """`revision`: refuses what somebody changed since it was read."""

    revision: int | None = None
    why: Words = Field(default="", max_length=500)


class FindingOut(BaseModel):
    """`hard` ones are never published; others after an edit, where the reviewer accepts their span."""

    where: Literal["question", "wording", "answer"]
    kind: str
    span: str
    detail: str
    hard: bool


class CandidateOut(BaseModel):
    """`operator_id` gave the answer in `answer_message_ids`; `proposed_*` is the text as it came."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: Literal["proposed", "edited", "approved", "published", "rejected", "withdrawn"]
    revision: int
    question: str
    wordings: list[str]
    answer: str
    effective_from: date | None
    effective_to: date | None
    proposed_question: str
    proposed_answer: str
    findings: list[FindingOut]
    accepted: list[str]
    handoff_id: str
    conversation_id: str = Field(validation_alias="subject_id")
    reason: str
    operator_id: str
    question_message_id: str
    answer_message_ids: list[str]
    proposed_by: str
    decided_by: str | None
    decided_at: datetime | None
    why: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    document_version: int | None
    created_at: datetime
    updated_at: datetime


class DuplicateOut(BaseModel):
    """A pair the shop has already; `asked` its wording that is nearest."""

    model_config = ConfigDict(from_attributes=True)

    chunk_id: str
    doc: str
    title: str
    question: str
    asked: str
    answer: str
    nearness: float


class SaidOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    message_id: str
    author: str
    text: str
    at: datetime
    of_question: bool
    of_answer: bool


class CandidateDetailOut(BaseModel):
    """`said` is the conversation, masked; `blocking` what keeps it from being published."""

    candidate: CandidateOut
    operator_name: str
    said: list[SaidOut]
    duplicates: list[DuplicateOut]
    blocking: list[FindingOut]
