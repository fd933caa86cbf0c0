"""What reviewers read of a candidate."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from knowledge.candidates.duplicates import Duplicate
from knowledge.candidates.models import Candidate


@dataclass(frozen=True)
class Said:
    """`of_question`, `of_answer`: the candidate was made from this message."""

    message_id: str
    author: str
    text: str
    at: datetime
    of_question: bool
    of_answer: bool


@dataclass(frozen=True)
class CandidateDetail:
    """`candidate` is the row as it stands; `said` the conversation around it, masked, empty once erased; `blocking`
    those of its findings that keep it from being published."""

    candidate: Candidate
    said: tuple[Said, ...]
    duplicates: tuple[Duplicate, ...]
    blocking: tuple[dict[str, Any], ...]
    operator_name: str


@dataclass(frozen=True)
class Edit:
    """What a reviewer made of it; all of it, as the form shows it. `revision` is the one that was read."""

    question: str
    answer: str
    revision: int
    wordings: tuple[str, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    accepted: tuple[str, ...] = ()
