"""What earlier entries prove: misses on one question, clarifying in circles, contradiction, a failed identity check."""

import re
from collections.abc import Sequence
from functools import partial

from agents.handoff.reasons import HandoffReason
from agents.support.floor_text import fold, pattern_in
from agents.support.triage_types import Utterance

_LOOK_BACK = 8
_FIGURES = re.compile(r"\d+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[a-z]+")
_WORD_TELLS = 4
_SAME_REPLY = 0.8
_SAME_QUESTION = 0.45
_RELATED = 0.1  # likeness below which two questions are on different matters
_TELLING = 6  # characters from which a message says what it is about
_MISSES = 2
_CLARIFICATIONS = 3
_FAILED_CHECKS = 2


_pattern = partial(pattern_in, "history.yaml")


def _parts(text: str) -> set[str]:
    if not _CHINESE.search(text):
        return {word for word in _WORD.findall(text) if len(word) >= _WORD_TELLS}
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _alike(one: str, other: str) -> float:
    """Overlap of character pairs, in Latin script of words, 0–1, against the shorter text."""
    left, right = _parts(one), _parts(other)
    if not left or not right:
        return float(one == other)
    return len(left & right) / min(len(left), len(right))


def _repeats(one: str, other: str) -> bool:
    """The same reply again. Two that differ in a figure tell of two orders, or of another day."""
    return _FIGURES.findall(one) == _FIGURES.findall(other) and _alike(one, other) >= _SAME_REPLY


def _asked_alike(entries: list[tuple[str, str]], one: int, other: int) -> bool:
    """Whether both replies were given to one question: the same fact told to two questions is no miss."""
    questions = [[text for role, text in entries[:at] if role == "user"][-1:] for at in (one, other)]
    if not all(questions):
        return True
    (first,), (second,) = questions
    return _alike(first, second) >= _SAME_QUESTION or bool(_pattern("unresolved").search(second))


def _another_matter(entries: list[tuple[str, str]], at: int) -> bool:
    """The message now has nothing in common with the question that was missed, nor says that it is still open."""
    asked = next((text for role, text in reversed(entries[:at]) if role == "user"), "")
    now = entries[-1][1]
    telling = len(now) >= _TELLING or _pattern("names_another").search(now)
    if not asked or not telling or _pattern("unresolved").search(now):
        return False
    return _alike(asked, now) < _RELATED


def _misses(entries: list[tuple[str, str]]) -> int:
    """A bot reply missed if it falls back, says what it said before, or the shopper then asks the same again."""
    missed: set[int] = set()
    for at, (role, text) in enumerate(entries):
        if role != "bot":
            continue
        if _pattern("fallback").search(text) and not _another_matter(entries, at):
            missed.add(at)
        earlier = [i for i in range(at) if entries[i][0] == "bot" and _repeats(entries[i][1], text)]
        if earlier and _asked_alike(entries, earlier[-1], at):
            missed |= {at, *earlier}
        before = [t for r, t in entries[:at] if r == "user"]
        after = next((t for r, t in entries[at + 1 :] if r == "user"), "")
        if (
            before
            and after
            and (
                _pattern("unresolved").search(after) or (len(after) > 3 and _alike(before[-1], after) >= _SAME_QUESTION)
            )
        ):
            missed.add(at)
    return len(missed)


def _contradicts(entries: list[tuple[str, str]], message: str) -> bool:
    if not _pattern("doubts").search(message):
        return False
    said: dict[str, set[bool]] = {}
    for role, text in entries:
        if role == "bot":
            for found in _pattern("ruling").finditer(text):
                said.setdefault(found["act"], set()).add(not found["no"])
    return any(len(both) == 2 for both in said.values())


def _clarifying(entries: list[tuple[str, str]]) -> bool:
    replies = [text for role, text in entries if role == "bot"][-_CLARIFICATIONS:]
    return len(replies) == _CLARIFICATIONS and all(_pattern("clarifies").search(text) for text in replies)


def history_findings(message: str, history: Sequence[Utterance]) -> dict[str, HandoffReason]:
    """`message` is folded; rule id → reason. A shopper who is content again undoes earlier misses."""
    entries = [(str(entry.role), fold(entry.text)) for entry in history]
    entries = entries[-_LOOK_BACK:]
    found: dict[str, HandoffReason] = {}
    if not entries or _pattern("content").search(message):
        return found
    failed = sum(1 for role, text in entries if role == "bot" and _pattern("check_failed").search(text))
    asked = sum(1 for role, text in entries if role == "bot" and _pattern("check_asked").search(text))
    if asked >= _FAILED_CHECKS and _pattern("cannot_check").search(message):
        failed = _FAILED_CHECKS
    if failed >= _FAILED_CHECKS or (failed and _pattern("insists").search(message)):
        found["identity.history"] = HandoffReason.IDENTITY
        return found
    if _misses([*entries, ("user", message)]) >= _MISSES:
        found["failure.misses"] = HandoffReason.REPEATED_FAILURE
    if _clarifying(entries):
        found["failure.clarifications"] = HandoffReason.REPEATED_FAILURE
    if _contradicts(entries, message):
        found["failure.contradictory_answers"] = HandoffReason.REPEATED_FAILURE
    return found
