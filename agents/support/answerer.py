"""A shopper's question from route to words: screen → floor → understand → gather → draft → verify. Holds no connection
while words are made, sends nothing and stores nothing: the turn does that with the decision returned here."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

import structlog

from agents.guards.verdict import Finding
from agents.handoff.reasons import HandoffReason
from agents.llm.ports import Writer, Written
from agents.support import decisions
from agents.support.answer_types import AnswerDraft, Decision, Gathered, Question, ToolNeed
from agents.support.bearing import Route
from agents.support.documents import Documents, Spoken
from agents.support.drafting import Material, combined, offline_draft, task_of
from agents.support.english import question_in_chinese
from agents.support.floor import assess
from agents.support.focus import order_ids_in, without_order_ids
from agents.support.gate import Answerability, judge
from agents.support.gather import gather
from agents.support.live import Live
from agents.support.pictures import picture_matters
from agents.support.screen import screen
from agents.support.several import questions_in
from agents.support.toolbox import Toolbox
from agents.support.triage_types import Intent, Triage, Utterance
from agents.support.understanding import Asked, Understanding
from agents.support.verify import verify
from knowledge.orders.oms import OmsUnavailableError
from knowledge.retrieval import Retriever

log = structlog.get_logger(__name__)

OnStep = Callable[[str], Awaitable[None]]
_DRAFTS = 2  # a rejected draft is written once more with the findings
_NEED_ROUNDS = 3  # times a writer may ask for tools before it has to write with what it has
_NEEDS_A_ROUND = 3


async def _silent(_step: str) -> None:
    return None


class Answerer:
    """Without a `toolbox` only documents speak."""

    def __init__(
        self,
        retriever: Retriever,
        writer: Writer,
        allowed_contacts: Collection[str] = (),
        toolbox: Toolbox | None = None,
    ) -> None:
        self._retriever = retriever
        self._documents_of = Documents(retriever)
        self._understanding = Understanding(self._documents_of, toolbox)
        self._writer = writer
        self._allowed_contacts = allowed_contacts
        self._toolbox = toolbox

    async def answer(self, question: Question, on_step: OnStep = _silent) -> Decision:
        await on_step("understanding")
        said, question = question, question_in_chinese(question)
        screened = screen(question.text)
        asked_for = await self._understanding.of(question, screened.text)
        understood = asked_for.triage
        reason = decisions.floor_reason(question, understood)
        if reason is None and said is not question:
            reason = assess(screen(said.text).text, said.history).reason
        if reason is not None:
            return decisions.hand_off(understood, reason)
        if question.pictures and picture_matters(screened.text, understood):
            return decisions.hand_off(understood, HandoffReason.POLICY_DISCRETION)
        try:
            if (several := await self._several(question, screened.text, on_step)) is not None:
                await on_step("writing")
                return await self._write(said, understood, several, masked=screen(said.text).masked, on_step=on_step)
            live = await self._live(question, asked_for, on_step)
        except OmsUnavailableError as error:
            log.warning("oms_unavailable", reason=error.detail)
            return decisions.hand_off(understood, HandoffReason.TOOL_FAILURE)
        if understood.intents == (Intent.CHIT_CHAT,) and not live.says:
            return decisions.chit_chat(screened.text, understood)
        ended = decisions.without_documents(live, understood, screened.text)
        rules_may = asked_for.route is Route.RULE or live.discretion or decisions.chooses_goods(live)
        if ended and not rules_may:
            return ended
        material, fits = await self._documents(question, asked_for, live, on_step)
        if ended and fits.verdict != "answer":
            return ended
        if not live.says and fits.verdict != "answer":
            return decisions.without_answer(understood, material, fits)
        await on_step("writing")
        return await self._write(said, understood, material, masked=screen(said.text).masked, on_step=on_step)

    async def _several(self, question: Question, text: str, on_step: OnStep) -> Material | None:
        """What answers each of several questions in one message; None when there is but one, or one cannot be answered
        by itself. Raises: OmsUnavailableError."""
        parts = questions_in(text)
        told: list[Material] = []
        history = question.history
        for part in parts if len(parts) > 1 else ():
            alone = replace(question, text=part, history=history)
            wanted = await self._understanding.of(alone, part)
            live = await self._live(alone, wanted, on_step)
            ended = decisions.without_documents(live, wanted.triage, part)
            if wanted.triage.handoff_reason is not None or (ended and wanted.route is not Route.RULE):
                return None
            material, fits = await self._documents(alone, wanted, live, on_step)
            if fits.verdict != "answer" and not live.says:
                return None
            told.append(material)
            history = (*history, Utterance(role="user", text=part))
        return combined(told) if told else None

    async def _live(self, question: Question, wanted: Asked, on_step: OnStep) -> Live:
        if self._toolbox is None:
            return Live()
        return await self._toolbox.gather(question, wanted.text, wanted.triage.query, wanted.wants, on_step)

    async def _documents(
        self, question: Question, wanted: Asked, live: Live, on_step: OnStep
    ) -> tuple[Material, Answerability]:
        """The documents speak where the tools are silent, on what else was asked, and where it is a rule of theirs that
        the question is after."""
        understood = wanted.triage
        left = decisions.leftover(understood, live)
        rule = wanted.route is Route.RULE and not order_ids_in(question.text) and not live.tells_now
        rule = rule and not (live.says and live.products and wanted.of_goods)
        if live.says and not left and not rule:
            return Material(live, Gathered(query=understood.query)), Answerability("answer")
        await on_step("searching")
        spoken = Spoken(wanted.text, without_order_ids(understood.query), live.titles or live.topics)
        found, fits = await self._documents_of.read(question, spoken, wanted.bearing, wanted.route)
        if live.says and fits.verdict != "answer":
            return Material(live, Gathered(query=found.query, hits=found.hits)), fits
        return Material(live.silent() if rule else live, found), fits

    async def _write(
        self, question: Question, understood: Triage, material: Material, *, masked: str, on_step: OnStep
    ) -> Decision:
        rejected: list[Finding] = []
        for attempt in range(_DRAFTS):
            written, material = await self._drafted(question, material, masked, rejected, on_step)
            await on_step("checking")
            decision = self._checked(written, understood, material, rejected, question.text)
            if decision is not None:
                return decision
            if written.writer == "offline" or attempt:
                break
        fallback = Written(offline_draft(material), writer="offline", degraded="rejected")
        decision = self._checked(fallback, understood, material, rejected, "")
        if decision is not None:
            return decision
        return decisions.hand_off(understood, HandoffReason.KNOWLEDGE_GAP, material, tuple(rejected))

    async def _drafted(
        self, question: Question, material: Material, masked: str, rejected: list[Finding], on_step: OnStep
    ) -> tuple[Written[AnswerDraft], Material]:
        """A draft, after running the tools its writer asked for; rights are checked inside each tool."""
        findings = tuple(f"{finding.kind}: {finding.span}" for finding in rejected)
        for _ in range(_NEED_ROUNDS):
            written = await self._writer.write(task_of(question, material, masked, findings))
            needs = written.output.needs[:_NEEDS_A_ROUND]
            if written.writer == "offline" or not needs or self._toolbox is None:
                break
            more = await self._needed(question, material, needs, on_step)
            if more is material:
                break
            material = more
        return written, material

    async def _needed(
        self, question: Question, material: Material, needs: Sequence[ToolNeed], on_step: OnStep
    ) -> Material:
        assert self._toolbox is not None
        for need in needs:
            if need in material.asked:
                continue
            material = replace(material, asked=(*material.asked, need))
            if need.tool == "search_knowledge" and need.query:
                found = await gather(self._retriever, question.shop_id, screen(need.query).text)
                if judge(found).verdict == "answer":
                    material = material.with_documents(found)
                continue
            try:
                more = await self._toolbox.need(question_in_chinese(question), need, on_step)
            except OmsUnavailableError:
                continue
            material = material.with_facts(more)
        return material

    def _checked(
        self,
        written: Written[AnswerDraft],
        understood: Triage,
        material: Material,
        rejected: list[Finding],
        question: str,
    ) -> Decision | None:
        verified = verify(written.output, material.evidence, self._allowed_contacts, question)
        if not verified.passed:
            rejected.extend(verified.findings)
            log.info("draft_rejected", writer=written.writer, kinds=sorted({f.kind for f in verified.findings}))
            return None
        return decisions.answered(verified, understood, material, writer=written.writer, rejected=tuple(rejected))
