"""Step 6 of a turn: every sentence is held against the evidence it cites, and one failure rejects the draft."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from agents.guards.closed_words import check_closed
from agents.guards.contacts import find_contacts
from agents.guards.grounding import check_statement
from agents.guards.promises import find_promises
from agents.guards.statements import is_courtesy, markers, split_statements, without_markers
from agents.guards.verdict import Finding
from agents.support.answer_types import AnswerDraft
from knowledge.evidence import Evidence

_ECHO = 0.75  # likeness of a sentence to the question from which it only repeats it


@dataclass(frozen=True)
class Verified:
    """`sentences` and the evidence numbers they cite, in order of first use; empty findings mean it may be sent."""

    sentences: tuple[str, ...]
    cited: tuple[int, ...]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        return not self.findings and bool(self.cited)


def verify(
    draft: AnswerDraft, evidence: Sequence[Evidence], allowed_contacts: Collection[str], question: str = ""
) -> Verified:
    """A sentence passes as courtesy without a claim, or grounded in the evidence its own markers name; one that only
    gives the question back does not pass."""
    by_number = {item.number: item for item in evidence}
    sentences = tuple(_attributed(one, draft.citations, by_number) for one in split_statements(draft.answer))
    findings: list[Finding] = []
    cited: list[int] = []
    for sentence in sentences:
        findings += _check(sentence, by_number, allowed_contacts)
        if _echoes(sentence, question, by_number):
            findings.append(Finding(kind="echo", span=without_markers(sentence)))
        cited += [number for number in markers(sentence) if number not in cited]
    if not cited:
        findings.append(Finding(kind="no_citation", span=draft.answer[:40]))
    return Verified(sentences, tuple(cited), tuple(findings))


def _echoes(sentence: str, question: str, by_number: dict[int, Evidence]) -> bool:
    words = without_markers(sentence).rstrip("。！？；")
    if not question or any(words in item.text for item in by_number.values()):
        return False
    return SequenceMatcher(None, words, question, autojunk=False).ratio() >= _ECHO


def _attributed(sentence: str, listed: Sequence[int], by_number: dict[int, Evidence]) -> str:
    """Small models list their citations beside the answer instead of in it: a sentence without a marker gets that of
    the first listed evidence that supports it alone, or stays as it is and is rejected."""
    if markers(sentence) or is_courtesy(sentence):
        return sentence
    for number in listed:
        if number in by_number and _supports(by_number[number], sentence):
            return f"{sentence}[{number}]"
    return sentence


def _supports(item: Evidence, sentence: str) -> bool:
    if item.live:
        return not check_closed([item.text], sentence)
    return check_statement([item.text], sentence).passed


def _check(sentence: str, by_number: dict[int, Evidence], allowed_contacts: Collection[str]) -> list[Finding]:
    words = without_markers(sentence)
    numbers = markers(sentence)
    unknown = [number for number in numbers if number not in by_number]
    if unknown:
        return [Finding(kind="unknown_citation", span=f"[{unknown[0]}]")]
    texts = [by_number[number].text for number in numbers]
    live = any(by_number[number].live for number in numbers)
    findings = list(find_contacts(words, allowed_contacts))
    if live:  # an order or tracking number may look like a phone; the words are closed all the same
        findings = [one for one in findings if not any(one.span in text.lower() for text in texts)]
    if not any(words.rstrip("。！？；") in text for text in texts):  # a clause's own words promise nothing new
        findings += find_promises(words)
    if not numbers:
        if not is_courtesy(words):
            findings.append(Finding(kind="uncited", span=words))
        return findings
    if live:
        return [*findings, *check_closed(texts, words)]
    grounding = check_statement(texts, words)
    if not grounding.passed:
        findings += grounding.findings or (Finding(kind=grounding.verdict, span=words),)
    return findings


def renumbered(verified: Verified, evidence: Sequence[Evidence]) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """Sentences with markers 1, 2, … in order of first use, and the evidence behind them in that order."""
    by_number = {item.number: item for item in evidence}
    places = {number: place for place, number in enumerate(verified.cited, start=1)}
    sentences = tuple(
        without_markers(sentence) + "".join(f"[{places[number]}]" for number in markers(sentence))
        for sentence in verified.sentences
    )
    return sentences, tuple(by_number[number] for number in verified.cited)
