"""A shopper's question from route to words: screen → floor → understand → gather → draft → verify. Holds no connection
while words are made, sends nothing and stores nothing: the turn does that with the decision returned here."""

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any

import structlog

from agents.guards.verdict import Finding
from agents.handoff.reasons import HandoffReason
from agents.llm.budget import history_block
from agents.llm.ports import Writer, WriteTask, Written
from agents.support import replies
from agents.support.answer_types import AnswerDraft, Decision, Gathered, Question
from agents.support.compose import compose
from agents.support.gate import Answerability, judge
from agents.support.gather import gather
from agents.support.screen import screen
from agents.support.triage import triage
from agents.support.triage_types import Intent, Triage
from agents.support.verify import renumbered, verify
from knowledge.evidence import Evidence
from knowledge.retrieval import Retriever
from prompts.fences import evidence_block

log = structlog.get_logger(__name__)

OnStep = Callable[[str], Awaitable[None]]
_HISTORY_TOKENS = 600
_DRAFTS = 2  # a rejected draft is written once more with the findings
_THANKS = ("谢", "thank", "3q")


async def _silent(_step: str) -> None:
    return None


class Answerer:
    def __init__(self, retriever: Retriever, writer: Writer, allowed_contacts: Collection[str] = ()) -> None:
        self._retriever = retriever
        self._writer = writer
        self._allowed_contacts = allowed_contacts

    async def answer(self, question: Question, on_step: OnStep = _silent) -> Decision:
        await on_step("understanding")
        screened = screen(question.text)
        understood = triage(screened.text, question.history)
        if understood.handoff_reason is not None:
            return _hand_off(understood, understood.handoff_reason)
        if understood.intents == (Intent.CHIT_CHAT,):
            thanks = any(word in screened.text.lower() for word in _THANKS)
            return Decision("answered", replies.chit_chat(thanks=thanks), understood)
        await on_step("searching")
        gathered = await gather(self._retriever, question.shop_id, understood.query)
        fits = judge(gathered)
        if fits.verdict != "answer":
            return _without_answer(understood, gathered, fits)
        await on_step("writing")
        return await self._write(question, understood, gathered, masked=screened.masked, on_step=on_step)

    async def _write(
        self, question: Question, understood: Triage, gathered: Gathered, *, masked: str, on_step: OnStep
    ) -> Decision:
        rejected: list[Finding] = []
        for attempt in range(_DRAFTS):
            task = _task(question, gathered, masked, tuple(f"{f.kind}: {f.span}" for f in rejected))
            written = await self._writer.write(task)
            await on_step("checking")
            decision = self._checked(written, understood, gathered, rejected, question.text)
            if decision is not None:
                return decision
            if written.writer == "offline" or attempt:
                break
        fallback = Written(compose(gathered), writer="offline", degraded="rejected")
        decision = self._checked(fallback, understood, gathered, rejected, "")
        return decision or _hand_off(understood, HandoffReason.KNOWLEDGE_GAP, gathered, tuple(rejected))

    def _checked(
        self,
        written: Written[AnswerDraft],
        understood: Triage,
        gathered: Gathered,
        rejected: list[Finding],
        question: str,
    ) -> Decision | None:
        verified = verify(written.output, gathered.evidence, self._allowed_contacts, question)
        if not verified.passed:
            rejected.extend(verified.findings)
            log.info("draft_rejected", writer=written.writer, kinds=sorted({f.kind for f in verified.findings}))
            return None
        sentences, cited = renumbered(verified, gathered.evidence)
        return Decision(
            "answered",
            sentences,
            understood,
            citations=tuple(citation(number, item) for number, item in enumerate(cited, start=1)),
            gathered=gathered,
            writer=written.writer,
            rejected=tuple(rejected),
            suggestions=replies.suggestions("answered"),
        )


def _task(question: Question, gathered: Gathered, masked: str, findings: tuple[str, ...]) -> WriteTask[AnswerDraft]:
    return WriteTask(
        prompt="support_answer",
        variables={
            "question": masked,
            "history": history_block(
                [f"{entry.role}: {screen(entry.text).masked}" for entry in question.history], _HISTORY_TOKENS
            ),
            "evidence": evidence_block([(item.number, item.text) for item in gathered.evidence]),
            "tone": "亲切、简短",
        },
        output=AnswerDraft,
        offline=partial(compose, gathered),
        shop_id=question.shop_id,
        subject_id=question.subject_id,
        findings=findings,
    )


def _without_answer(understood: Triage, gathered: Gathered, fits: Answerability) -> Decision:
    if fits.verdict == "clarify":
        sentences: tuple[str, ...] = (replies.clarify(fits.options),)
        return Decision(
            "clarified", sentences, understood, gathered=gathered,
            suggestions=(*fits.options, *replies.suggestions("clarified")),
        )  # fmt: skip
    return Decision(
        "abstained", replies.abstain(fits.missing), understood, gathered=gathered,
        missing=fits.missing, suggestions=replies.suggestions("abstained"),
    )  # fmt: skip


def _hand_off(
    understood: Triage,
    reason: HandoffReason,
    gathered: Gathered | None = None,
    rejected: tuple[Finding, ...] = (),
) -> Decision:
    return Decision(
        "handed_off",
        (replies.handoff(reason),),
        understood,
        gathered=gathered or Gathered(query=understood.query),
        reason=reason,
        rejected=rejected,
    )


def citation(number: int, item: Evidence) -> dict[str, Any]:
    """What a reader needs to open the source; stored with the message."""
    source = item.source
    return {
        "number": number,
        "chunk_id": source.chunk_id,
        "doc": source.doc,
        "title": source.title,
        "article": source.article,
        "section": source.section,
        "effective_from": source.effective_from.isoformat() if source.effective_from else None,
    }
