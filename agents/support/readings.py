"""Other readings of a message that says too little alone: on the topic that was raised before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.support.answer_types import Gathered
from agents.support.floor_text import load
from agents.support.gate import Answerability, judge
from agents.support.gate_features import words_met
from agents.support.screen import screen
from agents.support.triage import triage
from agents.support.triage_types import Intent, Utterance

_LONGEST = 24  # characters of a message that may lean on what was said
_LOOKED_BACK = 3  # of the shopper's messages
_MET = 0.5  # share of the message's own words that evidence found by added words has to hold
_NO_TOPIC = frozenset({Intent.OTHER, Intent.CHIT_CHAT, Intent.COMPLAINT, Intent.HUMAN_REQUEST})


@dataclass(frozen=True)
class Reading:
    """`own` is what the message says itself; `query` says it with what was added."""

    own: str
    query: str

    def judge(self, gathered: Gathered) -> Answerability:
        """Added words alone must not answer: the evidence has to meet the message's own."""
        fits = judge(gathered)
        if fits.verdict == "answer" and self.query != self.own and words_met(self.own, gathered) < _MET:
            return Answerability("abstain", missing=gathered.features.missing[:3])
        return fits


def on_topic(text: str, history: Sequence[Utterance]) -> Reading | None:
    """None for a message long enough to stand alone, and where no topic was raised."""
    topic = _topic(history) if len(text) <= _LONGEST else ""
    return Reading(text, f"{topic}，{text}") if topic and topic not in text else None


def _topic(history: Sequence[Utterance]) -> str:
    """The name of the newest topic the shopper raised; empty without one."""
    said = [entry.text for entry in history if str(entry.role) == "user"]
    labels = load("topics.yaml")
    for line in said[: -_LOOKED_BACK - 1 : -1]:
        named = [labels[intent] for intent in triage(screen(line).text).intents if intent in labels]
        if named:
            return str(named[0])
    return ""
