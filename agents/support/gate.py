"""May this evidence answer this question at all? Far questions fall to a threshold; near misses — the right topic
without the thing asked for — to the share of the question's own words that the best evidence holds."""

from dataclasses import dataclass
from typing import Literal

from agents.support.answer_types import Gathered

_LEAST_DENSE = 0.84
_LEAST_COVERAGE = 0.3


@dataclass(frozen=True)
class Answerability:
    """`missing`: what the question names and the evidence lacks; `options`: what a vague question may mean."""

    verdict: Literal["answer", "clarify", "abstain"]
    missing: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def judge(gathered: Gathered) -> Answerability:
    if not gathered.evidence:
        return Answerability("abstain")
    features = gathered.features
    if features.top_dense < _LEAST_DENSE or features.coverage < _LEAST_COVERAGE:
        return Answerability("abstain", missing=features.missing)
    return Answerability("answer")
