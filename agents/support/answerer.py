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
from agents.support.aspects import asked
from agents.support.drafting import Material, offline_draft, task_of
from agents.support.focus import continues, order_ids_in
from agents.support.gate import Answerability, judge
from agents.support.gather import gather
from agents.support.live import Live
from agents.support.pictures import picture_matters
from agents.support.readings import other_readings
from agents.support.screen import screen
from agents.support.toolbox import Toolbox
from agents.support.triage import triage
from agents.support.triage_types import Intent, Triage
from agents.support.verify import verify
from knowledge.orders.oms import OmsUnavailableError
from knowledge.retrieval import Retriever

log = structlog.get_logger(__name__)

OnStep = Callable[[str], Awaitable[None]]
_VAGUE = {Intent.OTHER, Intent.CHIT_CHAT, Intent.PRODUCT_QUESTION}
_DRAFTS = 2  # a rejected draft is written once more with the findings
_NEED_ROUNDS = 3  # times a writer may ask for tools before it has to write with what it has
_NEEDS_A_ROUND = 3
_RULE_LEADS = 0.02  # how much nearer a filed question has to be than any wording of a tool


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
        self._writer = writer
        self._allowed_contacts = allowed_contacts
        self._toolbox = toolbox

    async def answer(self, question: Question, on_step: OnStep = _silent) -> Decision:
        await on_step("understanding")
        screened = screen(question.text)
        understood, goes_on = await self._understand(screened.text, question)
        if reason := decisions.floor_reason(question, understood):
            return decisions.hand_off(understood, reason)
        if question.pictures and picture_matters(screened.text, understood):
            return decisions.hand_off(understood, HandoffReason.POLICY_DISCRETION)
        try:
            live = await self._live(question, screened.text, understood, goes_on, on_step)
        except OmsUnavailableError as error:
            log.warning("oms_unavailable", reason=error.detail)
            return decisions.hand_off(understood, HandoffReason.TOOL_FAILURE)
        if understood.intents == (Intent.CHIT_CHAT,) and not live.says:
            return decisions.chit_chat(screened.text, understood)
        if ended := decisions.without_documents(live, understood, screened.text):
            return ended
        material, fits = await self._documents(question, understood, live, on_step)
        if not live.says and fits.verdict != "answer":
            return decisions.without_answer(understood, material, fits)
        await on_step("writing")
        return await self._write(question, understood, material, masked=screened.masked, on_step=on_step)

    async def _understand(self, text: str, question: Question) -> tuple[Triage, str]:
        """A message that only picks — an order number, “第二个”, other goods — goes on with the question before it,
        which comes second."""
        understood = triage(text, question.history)
        if understood.handoff_reason is not None or self._toolbox is None:
            return understood, ""
        vague = set(triage(text).intents) <= _VAGUE and not asked(text)
        names_goods = await self._toolbox.names_goods(question.shop_id, text)
        before = continues(text, question.history, vague=vague, names_goods=names_goods)
        if before is None:
            return understood, ""
        meant = triage(screen(before).text)
        return understood.model_copy(update={"intents": meant.intents, "query": f"{before} {text}"}), before

    async def _live(self, question: Question, text: str, understood: Triage, goes_on: str, on_step: OnStep) -> Live:
        if self._toolbox is None:
            return Live()
        return await self._toolbox.gather(question, text, understood, on_step, goes_on=goes_on)

    async def _documents(
        self, question: Question, understood: Triage, live: Live, on_step: OnStep
    ) -> tuple[Material, Answerability]:
        """The documents speak where the tools are silent, on what else was asked, and where it is a rule of theirs that
        the question is after."""
        left = decisions.leftover(understood, live)
        if live.says and not left and live.products:
            return Material(live, Gathered(query=understood.query)), Answerability("answer")
        await on_step("searching")
        reading = decisions.reading(understood.query, live)
        gathered = await gather(self._retriever, question.shop_id, reading.query)
        fits = reading.judge(gathered)
        if live.says:
            if fits.verdict == "answer" and await self._rule_leads(question, gathered):
                return Material(live.silent(), gathered), fits
            if fits.verdict != "answer" or not left:
                return Material(live, Gathered(query=gathered.query, hits=gathered.hits)), fits
        elif fits.verdict != "answer":
            gathered, fits = await self._read_again(question, live, gathered, fits)
        return Material(live, gathered), fits

    async def _rule_leads(self, question: Question, found: Gathered) -> bool:
        """Whether the shop's rules meet the question better than the state of an order does: it is nearer to a question
        they are filed under than to anything only a tool can tell."""
        if self._toolbox is None or found.tool is None or order_ids_in(question.text):
            return False
        filed = [hit for hit in found.hits if hit.article is None and hit.unit_kind == "question"]
        rules = [hit for hit in filed if not await self._toolbox.names_goods(question.shop_id, hit.title)]
        nearest = max((hit.dense for hit in rules), default=0.0)
        return nearest - found.tool.cosine >= _RULE_LEADS

    async def _read_again(
        self, question: Question, live: Live, gathered: Gathered, fits: Answerability
    ) -> tuple[Gathered, Answerability]:
        """As what was said before suggests; the first reading stands when no other can be answered."""
        answering = []
        for reading in other_readings(screen(question.text).text, question.history, live.topics):
            found = await gather(self._retriever, question.shop_id, reading.query)
            if (read := reading.judge(found)).verdict == "answer":
                answering.append((found, read))
        return max(answering, key=lambda one: one[1].margin, default=(gathered, fits))

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
                more = await self._toolbox.need(question, need, on_step)
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
