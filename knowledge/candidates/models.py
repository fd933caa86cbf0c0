from datetime import date, datetime
from typing import Any

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class Candidate(Base):
    """A question with the answer a person gave, on its way into the shop's knowledge.

    `proposed_question` and `proposed_answer` stay as they came; `revision` counts changes, so that two reviewers notice
    each other. `findings` are what the guards said of the text as it stands, `accepted` the spans a reviewer keeps all
    the same. `subject_id` and the message ids are empty once the shopper was erased. `document_version` is the newest
    version that holds, or last held, the pair.
    """

    __tablename__ = "knowledge_candidates"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="proposed")
    revision: Mapped[int] = mapped_column(server_default="1")
    question: Mapped[str]
    wordings: Mapped[list[str]] = mapped_column(server_default="{}")
    answer: Mapped[str]
    effective_from: Mapped[date | None]
    effective_to: Mapped[date | None]
    proposed_question: Mapped[str]
    proposed_answer: Mapped[str]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    accepted: Mapped[list[str]] = mapped_column(server_default="{}")
    handoff_id: Mapped[str]
    subject_id: Mapped[str]
    reason: Mapped[str]
    operator_id: Mapped[str]
    question_message_id: Mapped[str]
    answer_message_ids: Mapped[list[str]]
    proposed_by: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    document_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class Considered(Base):
    """An ended handoff that was looked at; `outcome` is proposed, or why there was nothing to learn."""

    __tablename__ = "handoffs_considered"

    handoff_id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    outcome: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
