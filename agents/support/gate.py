"""May this evidence answer this question at all? Far questions and near misses — the right topic without the thing
asked for — fall to one fitted line over how near, how worded and what is named; evals/fit_gate.py fits it."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from agents.support.answer_types import Gathered
from agents.support.gate_features import dense_usable, features_of, foil_of, unheld_cues
from agents.support.gate_vague import is_vague, options_of

_MISSING = 3


@dataclass(frozen=True)
class Answerability:
    """`missing`: what the question names and the evidence lacks; `options`: what a vague question may mean; `margin`:
    log-odds by which the line was passed or missed, without end where none was drawn."""

    verdict: Literal["answer", "clarify", "abstain"]
    missing: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    margin: float = -math.inf


@dataclass(frozen=True)
class Line:
    """Log-odds that the evidence answers: bias plus weight times value. Where filed wordings match the question
    (`asked_share` of the hits) nearness is surer, so that we ask for `asked_least` more than `least`."""

    bias: float
    least: float
    asked_least: float
    weights: Mapping[str, float]

    def score(self, features: Mapping[str, float]) -> float:
        return self.bias + sum(weight * features[name] for name, weight in self.weights.items())

    def margin(self, features: Mapping[str, float]) -> float:
        """Not negative where the evidence may answer."""
        return self.score(features) - self.least - self.asked_least * features["asked_share"]


@functools.cache
def _lines() -> Mapping[str, Line]:
    rows = yaml.safe_load((Path(__file__).parent / "gate_weights.yaml").read_text(encoding="utf-8"))
    return {name: Line(row["bias"], row["least"], row["asked_least"], row["weights"]) for name, row in rows.items()}


def line_for(gathered: Gathered) -> Line:
    """Without cosines on the fitted scale (embedder down, or another one) words alone decide."""
    if not dense_usable(gathered):
        return _lines()["words"]
    return _lines()["meaning_and_words" if foil_of(gathered) is None else "foils"]


def judge(gathered: Gathered) -> Answerability:
    if is_vague(gathered.query):
        return Answerability("clarify", options=options_of(gathered.hits))
    if not gathered.evidence or not gathered.hits:
        return Answerability("abstain")
    margin = line_for(gathered).margin(features_of(gathered))
    if margin >= 0:
        return Answerability("answer", margin=margin)
    named = unheld_cues(gathered)
    words = (word for word in gathered.features.missing if not any(word in cue or cue in word for cue in named))
    return Answerability("abstain", missing=tuple([*named, *words][:_MISSING]), margin=margin)
