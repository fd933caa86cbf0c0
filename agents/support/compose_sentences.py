"""Evidence to quotable pieces: whole sentences, list items under their lead-in, exceptions kept with their rule."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.guards.statements import split_statements

_ITEM = re.compile(r"^[（(][一二三四五六七八九十\d]{1,3}[）)]")
_LEAD_AND_ITEM = re.compile(r"^(?P<lead>.*[：:])\s*(?P<item>[（(][一二三四五六七八九十\d]{1,3}[）)].*)$", re.DOTALL)
_BOUND = re.compile(r"^(?:但|不过|否则|其中)|^[^，。]{0,24}除外[。；]?$")
_EXCEPTS = re.compile(r"除外[。；]?$|^但")
_QUESTION = re.compile(r"[？?]$")
_NEGATED = re.compile(r"^(?:不|未|没)(?!得)")
_NEGATION = re.compile(r"[不未没无]")
_SHARED = 0.4  # share of character pairs from which a negated sentence is the other side of the one before
_TOGETHER = 130  # characters of both


@dataclass(frozen=True)
class Piece:
    """`lead` stands before the first piece quoted under it and is empty for plain sentences. `place` counts from 0."""

    number: int
    place: int
    text: str
    lead: str = ""

    def __len__(self) -> int:
        return len(self.text)


def pieces_of(number: int, text: str) -> list[Piece]:
    """In text order. A sentence that only limits the one before it is one piece with that one."""
    found: list[Piece] = []
    for place, (lead, sentence) in enumerate(_with_leads(text)):
        bound = _EXCEPTS if lead else _BOUND
        if found and found[-1].lead == lead and (_limits(bound, sentence) or _reverse(found[-1].text, sentence)):
            found[-1] = Piece(number, found[-1].place, found[-1].text + sentence, lead)
        else:
            found.append(Piece(number, place, sentence, lead))
    return found


def _limits(bound: re.Pattern[str], sentence: str) -> bool:
    return bound.search(sentence) is not None and not _ITEM.match(sentence)


def _reverse(rule: str, sentence: str) -> bool:
    """The other side of the rule before it: what holds where that does not. Half an answer misleads."""
    if not _NEGATED.match(sentence) or _NEGATION.search(rule) or len(rule) + len(sentence) > _TOGETHER:
        return False
    left, right = character_pairs(rule), character_pairs(sentence)
    return len(left & right) >= _SHARED * min(len(left), len(right))


def character_pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _with_leads(text: str) -> Iterator[tuple[str, str]]:
    lead = ""
    for statement in split_statements(text):
        sentence = statement.strip()
        if _QUESTION.search(sentence):
            continue  # the question of a question-and-answer pair says nothing itself
        if match := _LEAD_AND_ITEM.match(sentence):
            lead, sentence = match["lead"], match["item"]
        elif sentence.endswith(("：", ":")):
            lead = sentence
            continue
        elif not _ITEM.match(sentence):
            lead = ""
        yield lead, sentence
