"""The offline writer of the service desk: it quotes. The best clause speaks first, whole where it is short, otherwise
by the sentences that meet the question; a second source joins when it is nearly as near and adds something."""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.guards.statements import split_statements
from agents.support.answer_types import AnswerDraft, Gathered
from knowledge.evidence import Evidence
from knowledge.index.cut import cut
from knowledge.index.expand import shipped_groups, weighted_terms

BUDGET = 200  # characters of quoted words; with markers an answer stays under 240
SECOND_FROM = 0.85  # share of the best score from which a second source may speak


@dataclass(frozen=True)
class _Candidate:
    sentence: str
    place: int
    weight: float


def compose(gathered: Gathered) -> AnswerDraft:
    if not gathered.evidence:
        return AnswerDraft(answer="")
    terms = weighted_terms(gathered.query, shipped_groups())
    best = gathered.evidence[0]
    parts = [(best.number, sentence) for sentence in _quote(best, terms, BUDGET)]
    for other in gathered.evidence[1:]:
        left = BUDGET - sum(len(sentence) for _, sentence in parts)
        if other.score < SECOND_FROM * best.score or left < 30:
            break
        parts += [(other.number, sentence) for sentence in _quote(other, terms, min(left, BUDGET // 3))]
    answer = "".join(f"{sentence}[{number}]" for number, sentence in parts)
    return AnswerDraft(answer=answer, citations=sorted({number for number, _ in parts}))


def _quote(evidence: Evidence, terms: Mapping[str, float], budget: int) -> list[str]:
    """Sentences in their own order; the weightiest go in first."""
    sentences = [sentence.strip() for sentence in split_statements(evidence.text) if sentence.strip()]
    if sum(map(len, sentences)) <= budget:
        return sentences
    candidates = [_Candidate(text, at, _weight(text, terms)) for at, text in enumerate(sentences)]
    chosen: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda one: (-one.weight, one.place)):
        if sum(len(one.sentence) for one in chosen) + len(candidate.sentence) <= budget:
            chosen.append(candidate)
    return [one.sentence for one in sorted(chosen, key=lambda one: one.place)]


def _weight(sentence: str, terms: Mapping[str, float]) -> float:
    present = set(cut(sentence))
    return sum(weight for term, weight in terms.items() if term in present)
