"""The review of what operators answered: propose, edit, approve, publish, reject, withdraw. Each act is one transaction
that holds the candidate's row, moves the learned document with it, and tells the audit."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

from agents.conversations import repository as conversations
from agents.handoff import audit
from agents.handoff.views import Actor
from agents.support.learning import review_rows
from agents.support.learning.flags import Flag, flags_of, stops
from agents.support.learning.points import hidden
from agents.support.learning.proposals import facts_for, propose
from agents.support.learning.review_rows import Teachable
from agents.support.learning.views import CandidateDetail, Edit, Said
from knowledge.candidates import repository
from knowledge.candidates.duplicates import Duplicate, duplicates_of
from knowledge.candidates.lifecycle import CandidateAction, CandidateState, next_state
from knowledge.candidates.models import Candidate
from knowledge.candidates.publishing import follow
from knowledge.documents.effective import check_span
from knowledge.documents.service import DocumentService
from knowledge.kit.clock import Clock, shanghai_date
from knowledge.kit.db import Database, Scope, check_storable
from knowledge.kit.errors import ConflictError, InvalidInputError, NotFoundError
from knowledge.retrieval import Retriever

MOST_QUESTION, MOST_WORDINGS, MOST_ANSWER, MOST_WHY = 200, 20, 1000, 500


class KnowledgeReview:
    def __init__(self, database: Database, documents: DocumentService, retriever: Retriever, clock: Clock) -> None:
        self._database = database
        self._documents = documents
        self._retriever = retriever
        self._clock = clock

    async def propose(
        self, shop_id: str, handoff_id: str, actor: Actor, *, question_id: str = "", answer_ids: Collection[str] = ()
    ) -> tuple[Candidate, bool]:
        """With whether it is new. Raises: NotFoundError, ConflictError."""
        async with self._database.transaction(shop_id) as scope:
            return await propose(scope, handoff_id, actor, question_id=question_id, answer_ids=answer_ids)

    async def listed(self, shop_id: str, *, states: Sequence[str] = (), limit: int = 100) -> list[Candidate]:
        """Changed last first."""
        async with self._database.transaction(shop_id) as scope:
            return await repository.listed(scope, states=states, limit=limit)

    async def counts(self, shop_id: str) -> dict[str, int]:
        async with self._database.transaction(shop_id) as scope:
            return await repository.counts(scope)

    async def teachable(self, shop_id: str, *, limit: int = 20) -> list[Teachable]:
        """Newest first."""
        async with self._database.transaction(shop_id) as scope:
            return await review_rows.teachable(scope, limit=limit)

    async def read(self, shop_id: str, candidate_id: str) -> CandidateDetail:
        """Raises: NotFoundError."""
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            candidate = await repository.get(scope, candidate_id)
            flags = await _flags(scope, candidate)
            said = await _said(scope, candidate)
            name = await review_rows.operator_name(scope, candidate.operator_id)
        own = candidate.question if candidate.state == CandidateState.PUBLISHED else ""
        duplicates = await duplicates_of(self._retriever, shop_id, candidate.question, own=own)
        blocking = tuple(one.told for one in stops(candidate, flags))
        return CandidateDetail(candidate, said, tuple(duplicates), blocking, name)

    async def duplicates(self, shop_id: str, candidates: Sequence[Candidate]) -> dict[str, list[Duplicate]]:
        """By candidate; those without one are absent."""
        found = [(one.id, await duplicates_of(self._retriever, shop_id, one.question)) for one in candidates]
        return {candidate_id: same for candidate_id, same in found if same}

    async def edit(self, shop_id: str, candidate_id: str, actor: Actor, edit: Edit) -> Candidate:
        """What is published changes at once, and must therefore pass.

        Raises: NotFoundError, ConflictError when another edit came first, InvalidInputError.
        """
        edit = _checked(edit)
        async with self._database.transaction(shop_id) as scope:
            candidate = await self._held(scope, candidate_id, edit.revision, CandidateAction.EDIT)
            candidate.question, candidate.answer = edit.question, edit.answer
            candidate.wordings, candidate.accepted = list(edit.wordings), list(edit.accepted)
            candidate.effective_from, candidate.effective_to = edit.effective_from, edit.effective_to
            flags = await _flags(scope, candidate)
            candidate.findings = [one.told for one in flags]
            if candidate.state == CandidateState.PUBLISHED:
                await self._follow(scope, candidate, flags)
            digest = sha256(f"{candidate.question}\n{candidate.answer}".encode()).hexdigest()
            await _told(scope, candidate, "edited", actor, words_sha256=digest, accepted=len(candidate.accepted))
        return candidate

    async def approve(self, shop_id: str, candidate_id: str, actor: Actor, *, revision: int | None = None) -> Candidate:
        """Fit to be published, by whoever publishes. Raises: NotFoundError, ConflictError, InvalidInputError."""
        async with self._database.transaction(shop_id) as scope:
            candidate = await self._held(scope, candidate_id, revision, CandidateAction.APPROVE)
            _pass(candidate, await _flags(scope, candidate))
            await _decided(scope, candidate, actor)
            await _told(scope, candidate, "approved", actor)
        return candidate

    async def publish(self, shop_id: str, candidate_id: str, actor: Actor, *, revision: int | None = None) -> Candidate:
        """Approves where that is not done, and the desk answers with it once the document is indexed.

        Raises: NotFoundError, ConflictError, InvalidInputError with the findings that stand in the way.
        """
        async with self._database.transaction(shop_id) as scope:
            candidate = await self._held(scope, candidate_id, revision, CandidateAction.PUBLISH)
            flags = await _flags(scope, candidate)
            _pass(candidate, flags)
            candidate.published_at = await _now(scope)
            candidate.withdrawn_at = None
            await _decided(scope, candidate, actor)
            await self._follow(scope, candidate, flags)
            await _told(scope, candidate, "published", actor, version=candidate.document_version)
        return candidate

    async def withdraw(self, shop_id: str, candidate_id: str, actor: Actor, *, why: str = "") -> Candidate:
        """A new version without it; the earlier ones stay. Raises: NotFoundError, ConflictError."""
        _words("why", why, most=MOST_WHY)
        async with self._database.transaction(shop_id) as scope:
            candidate = await self._held(scope, candidate_id, None, CandidateAction.WITHDRAW)
            candidate.withdrawn_at, candidate.why = await _now(scope), why
            await _decided(scope, candidate, actor)
            await self._follow(scope, candidate, None)
            await _told(scope, candidate, "withdrawn", actor, version=candidate.document_version)
        return candidate

    async def reject(self, shop_id: str, candidate_id: str, actor: Actor, *, why: str = "") -> Candidate:
        """Raises: NotFoundError, ConflictError."""
        _words("why", why, most=MOST_WHY)
        async with self._database.transaction(shop_id) as scope:
            candidate = await self._held(scope, candidate_id, None, CandidateAction.REJECT)
            candidate.why = why
            await _decided(scope, candidate, actor)
            await _told(scope, candidate, "rejected", actor)
        return candidate

    async def _held(self, scope: Scope, candidate_id: str, revision: int | None, action: CandidateAction) -> Candidate:
        """The row, locked and moved on."""
        candidate = await repository.get(scope, candidate_id, lock=True)
        if revision is not None and revision != candidate.revision:
            raise ConflictError(
                "Somebody changed this candidate meanwhile.", candidate_id=candidate_id, revision=candidate.revision
            )
        candidate.state = next_state(CandidateState(candidate.state), action).value
        candidate.revision += 1
        candidate.updated_at = await _now(scope)
        return candidate

    async def _follow(self, scope: Scope, candidate: Candidate, flags: Sequence[Flag] | None) -> None:
        if flags is not None:
            _pass(candidate, flags)
        await scope.session.flush()
        added = await follow(scope, self._documents, shanghai_date(self._clock.now()))
        if added:
            candidate.document_version = added[0].version


async def _now(scope: Scope) -> Any:
    return await conversations.now(scope)


async def _decided(scope: Scope, candidate: Candidate, actor: Actor) -> None:
    candidate.decided_by, candidate.decided_at = actor.told, await _now(scope)


async def _told(scope: Scope, candidate: Candidate, act: str, actor: Actor, **detail: Any) -> None:
    """Last in its transaction: the audit's lock lasts until the end."""
    await scope.session.flush()
    await audit.record(
        scope, handoff_id=candidate.handoff_id, subject_id=candidate.subject_id, action=f"candidate_{act}",
        actor=actor, fence=0, candidate_id=candidate.id, revision=candidate.revision, **detail,
    )  # fmt: skip


async def _flags(scope: Scope, candidate: Candidate) -> tuple[Flag, ...]:
    facts = await facts_for(scope, candidate)
    return flags_of(candidate.question, candidate.wordings, candidate.answer, facts)


def _pass(candidate: Candidate, flags: Sequence[Flag]) -> None:
    """Raises: InvalidInputError."""
    if found := stops(candidate, flags):
        first = found[0]
        raise InvalidInputError(
            "The text holds what must not become a standing answer; edit it first.", field=first.where,
            rule=f"{first.kind}: {first.span}", findings=[one.told for one in found],
        )  # fmt: skip


async def _said(scope: Scope, candidate: Candidate) -> tuple[Said, ...]:
    if not candidate.subject_id:
        return ()
    found = []
    with suppress(NotFoundError):
        await conversations.get(scope, candidate.subject_id)
        found = await conversations.messages(scope, candidate.subject_id)
    answers = set(candidate.answer_message_ids)
    return tuple(
        Said(one.id, one.author, hidden(one.text), one.created_at, one.id == candidate.question_message_id,
             one.id in answers)
        for one in found
    )  # fmt: skip


def _checked(edit: Edit) -> Edit:
    """With blanks trimmed and each wording once. Raises: InvalidInputError."""
    question = _words("question", edit.question, most=MOST_QUESTION, least=1)
    answer = _words("answer", edit.answer, most=MOST_ANSWER, least=1)
    given = (_words("wordings", " ".join(one.split()), most=MOST_QUESTION) for one in edit.wordings)
    wordings = tuple(one for one in dict.fromkeys(given) if one and one != question)
    if len(wordings) > MOST_WORDINGS:
        raise InvalidInputError("Too many wordings.", field="wordings", rule=f"at most {MOST_WORDINGS}")
    accepted = tuple(dict.fromkeys(_words("accepted", one, most=MOST_QUESTION) for one in edit.accepted))
    check_span(edit.effective_from, edit.effective_to)
    return Edit(" ".join(question.split()), answer, edit.revision, wordings, edit.effective_from, edit.effective_to,
                accepted)  # fmt: skip


def _words(field: str, text: str, *, most: int, least: int = 0) -> str:
    text = text.strip()
    check_storable(field, text)
    if not least <= len(text) <= most:
        raise InvalidInputError(f"The {field} is too long or empty.", field=field, rule=f"{least} to {most} characters")
    return text
