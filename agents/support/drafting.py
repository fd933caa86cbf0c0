"""What a writer is given, and what the offline writer makes of it: live facts first, documents after them."""

from dataclasses import dataclass, replace
from functools import cached_property, partial

from agents.llm.budget import history_block
from agents.llm.ports import WriteTask
from agents.support.answer_types import AnswerDraft, Gathered, Question, ToolNeed
from agents.support.compose import LONGEST, compose
from agents.support.live import Live, numbered, spoken
from agents.support.screen import screen
from knowledge.evidence import Evidence
from prompts.fences import evidence_block

_HISTORY_TOKENS = 600
_LEAST_ROOM = 60  # characters left from which a document may still speak after the tools


@dataclass(frozen=True)
class Material:
    """All an answer may rest on. `documents` are numbered from 1 on their own; here they follow the live facts."""

    live: Live
    documents: Gathered
    asked: tuple[ToolNeed, ...] = ()

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
        return Material(live, self.documents, self.asked)

    def with_documents(self, more: Gathered) -> "Material":
        known = {item.source.chunk_id for item in self.documents.evidence}
        fresh = [item for item in more.evidence if item.source.chunk_id not in known]
        evidence = tuple(
            item.model_copy(update={"number": place})
            for place, item in enumerate([*self.documents.evidence, *fresh], start=1)
        )
        documents = replace(self.documents, evidence=evidence, hits=(*self.documents.hits, *more.hits))
        return Material(self.live, documents, self.asked)


def offline_draft(material: Material) -> AnswerDraft:
    said = spoken(material.live.facts)
    if not said:
        return compose(material.shifted)
    if material.documents.evidence and LONGEST - len(said) >= _LEAST_ROOM:
        more = compose(material.shifted).answer
        if len(said) + len(more) <= LONGEST:
            said += more
    return AnswerDraft(answer=said)


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
