"""Other readings of a message that says too little alone: about the goods last spoken of, or on the topic before it."""

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


def other_readings(text: str, history: Sequence[Utterance], goods: Sequence[str]) -> tuple[Reading, ...]:
    """`goods`: titles of what the talk was last about. None for a message long enough to stand alone."""
    if len(text) > _LONGEST:
        return ()
    added = dict.fromkeys([*_topic(history), *goods])
    return tuple(Reading(text, f"{one}，{text}") for one in added if one not in text)


def _topic(history: Sequence[Utterance]) -> tuple[str, ...]:
    """The name of the newest topic the shopper raised."""
    said = [entry.text for entry in history if str(entry.role) == "user"]
    labels = load("topics.yaml")
    for line in said[: -_LOOKED_BACK - 1 : -1]:
        named = [labels[intent] for intent in triage(screen(line).text).intents if intent in labels]
        if named:
            return tuple(named[:1])
    return ()
