"""What a writer is given, and what the offline writer makes of it: live facts first, documents after them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from agents.guards.statements import split_statements
from agents.llm.budget import history_block
from agents.llm.ports import WriteTask
from agents.support.answer_types import AnswerDraft, Gathered, Question, ToolNeed
from agents.support.compose import LONGEST, compose
from agents.support.live import Live, numbered, spoken
from agents.support.screen import screen
from knowledge.evidence import Evidence
from prompts.fences import evidence_block

_HISTORY_TOKENS = 600
_SAID_ALIVE = 4  # live sentences of one answer
_LEAST_ROOM = 60  # characters left from which a document may still speak after the tools


@dataclass(frozen=True)
class Material:
    """All an answer may rest on. `documents` are numbered from 1 on their own; here they follow the live facts. Of
    several questions in one message, `parts` tells which documents were found for which."""

    live: Live
    documents: Gathered
    asked: tuple[ToolNeed, ...] = ()
    parts: tuple[Gathered, ...] = ()

    @cached_property
    def live_evidence(self) -> tuple[Evidence, ...]:
        return numbered(self.live.facts)

    @cached_property
    def shifted(self) -> Gathered:
        after = len(self.live.facts)
        moved = tuple(
            item.model_copy(update={"number": after + place})
            for place, item in enumerate(self.documents.evidence, start=1)
        )
        return replace(self.documents, evidence=moved)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return (*self.live_evidence, *self.shifted.evidence)

    @property
    def shifted_parts(self) -> tuple[Gathered, ...]:
        """What was found for each question, numbered as in `evidence`."""
        numbers = {item.source.chunk_id: item.number for item in self.shifted.evidence}
        return tuple(
            replace(
                part,
                evidence=tuple(
                    item.model_copy(update={"number": numbers[item.source.chunk_id]})
                    for item in part.evidence
                    if item.source.chunk_id in numbers
                ),
            )
            for part in self.parts or (self.documents,)
        )

    @property
    def gathered(self) -> Gathered:
        """As the turn's record and a packet keep it."""
        return replace(self.shifted, evidence=self.evidence)

    def with_facts(self, more: Live) -> "Material":
        known = {fact.text for fact in self.live.facts}
        fresh = tuple(replace(fact, say=()) for fact in more.facts if fact.text not in known)
        if not fresh:
            return self
        cards = (*self.live.cards, *(card for card in more.cards if card not in self.live.cards))
        live = replace(self.live, facts=(*self.live.facts, *fresh), cards=cards[:3])
        return replace(self, live=live)

    def with_documents(self, more: Gathered) -> "Material":
        known = {item.source.chunk_id for item in self.documents.evidence}
        fresh = [item for item in more.evidence if item.source.chunk_id not in known]
        evidence = tuple(
            item.model_copy(update={"number": place})
            for place, item in enumerate([*self.documents.evidence, *fresh], start=1)
        )
        documents = replace(self.documents, evidence=evidence, hits=(*self.documents.hits, *more.hits))
        return replace(self, documents=documents)


def combined(told: Sequence[Material]) -> Material:
    """What was found for each of several questions, as one; each keeps its first live sentences."""
    live = Live()
    for one in told:
        live = live.with_more(one.live, said=max(1, _SAID_ALIVE // len(told)))
    whole = replace(told[0], live=live, parts=tuple(one.documents for one in told if one.documents.evidence))
    for one in told[1:]:
        whole = whole.with_documents(one.documents)
    return whole


def offline_draft(material: Material) -> AnswerDraft:
    said = spoken(material.live.facts)
    parts = material.shifted_parts
    for left, part in zip(range(len(parts), 0, -1), parts, strict=True):
        room = LONGEST - len(said)
        if not part.evidence or (said and room < _LEAST_ROOM):
            continue
        more = compose(part).answer
        said += more if left == 1 and not said else shortened(more, room // left)
    return AnswerDraft(answer=said)


def shortened(answer: str, room: int) -> str:
    """Its first sentences that fit, markers and all; none when not even the first does."""
    kept = ""
    for sentence in split_statements(answer):
        if len(kept) + len(sentence) > room:
            break
        kept += sentence
    return kept


def task_of(question: Question, material: Material, masked: str, findings: tuple[str, ...]) -> WriteTask[AnswerDraft]:
    """Everything personal is masked on its way into a prompt: the question, what was said before, and the evidence."""
    tier = f"；对方是{question.shopper.tier}" if question.shopper and question.shopper.tier else ""
    return WriteTask(
        prompt="support_answer",
        variables={
            "question": masked,
            "history": history_block(
                [f"{entry.role}: {screen(entry.text).masked}" for entry in question.history], _HISTORY_TOKENS
            ),
            "evidence": evidence_block([(item.number, _masked(item)) for item in material.evidence]),
            "tone": f"亲切、简短{tier}",
        },
        output=AnswerDraft,
        offline=partial(offline_draft, material),
        shop_id=question.shop_id,
        subject_id=question.subject_id,
        findings=findings,
    )


def _masked(item: Evidence) -> str:
    """Live facts are masked where they are made; their order and tracking numbers must reach the words whole."""
    return item.text if item.live else screen(item.text).masked
