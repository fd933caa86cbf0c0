"""What must not become the shop's standing answer: promises, contacts, a person's data, one order's figures. Pure.

Hard flags are never published. Others may be right as a rule of the shop, such as to send again what was left out: a
reviewer who edited the text may keep them, span by span.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

from agents.guards.contacts import find_contacts
from agents.guards.promises import find_promises
from agents.guards.quantities import quantities
from agents.guards.statements import split_statements
from agents.guards.text import fold
from agents.support.floor_text import pattern_in
from agents.support.focus import order_ids_in
from agents.support.screen import normalise, screen
from knowledge.candidates.models import Candidate

Kind = Literal["promise", "contact", "personal", "order_number", "order_figure", "order_case", "dated"]
_HARD = frozenset({"contact", "personal", "order_number"})
_pattern = partial(pattern_in, "learning.yaml")


@dataclass(frozen=True)
class CaseFacts:
    """What belongs to the one shopper: ids of orders and parcels, their name, amounts they paid in fen."""

    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    amounts_fen: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Flag:
    """`where` is question, wording or answer; `span` stands in that text, as its guard reads it."""

    where: str
    kind: Kind
    span: str
    detail: str = ""

    @property
    def hard(self) -> bool:
        return self.kind in _HARD

    @property
    def told(self) -> dict[str, Any]:
        return {**asdict(self), "hard": self.hard}


def flags_of(question: str, wordings: Sequence[str], answer: str, facts: CaseFacts) -> tuple[Flag, ...]:
    """Each span once a place."""
    places = [("question", question), *(("wording", one) for one in wordings), ("answer", answer)]
    found = [Flag(where, kind, span, detail) for where, text in places for kind, span, detail in _found(text, facts)]
    promises = [Flag("answer", "promise", one.span, one.detail) for one in find_promises(answer)]
    return tuple(dict.fromkeys([*found, *promises]))


def blocking(flags: Collection[Flag], accepted: Collection[str], *, edited: bool) -> list[Flag]:
    """What stands in the way of publishing: hard flags always, others unless kept by whoever edited the text."""
    return [one for one in flags if one.hard or not edited or one.span not in accepted]


def stops(one: Candidate, flags: Collection[Flag]) -> list[Flag]:
    edited = (one.question, one.answer) != (one.proposed_question, one.proposed_answer)
    return blocking(flags, one.accepted, edited=edited)


def blocks(one: Candidate) -> bool:
    """By the findings kept with it."""
    kept = [Flag(found["where"], found["kind"], found["span"], found["detail"]) for found in one.findings]
    return bool(stops(one, kept))


def _found(text: str, facts: CaseFacts) -> Iterator[tuple[Kind, str, str]]:
    for contact in find_contacts(text, ()):
        yield "contact", contact.span, contact.detail
    screened = screen(text)
    for pii in screened.pii:
        yield "personal", screened.text[pii.start : pii.end], pii.kind
    for masked in _pattern("masked").finditer(text):
        yield "personal", masked[0], "masked"
    for person in _pattern("named_person").finditer(text):
        yield "personal", person[0], "name"
    for name in sorted(one for one in facts.names if one and one in text):
        yield "personal", name, "name"
    numbers = order_ids_in(screened.without_numbers)
    known = [one for one in facts.ids if one and one.lower() in text.lower()]
    for number in dict.fromkeys([*numbers, *sorted(known)]):
        yield "order_number", number, ""
    yield from _case(normalise(text), facts)


def _case(text: str, facts: CaseFacts) -> Iterator[tuple[Kind, str, str]]:
    """Sentences about one order with their figures, dates, words that hold for a day, and what this shopper paid."""
    for sentence in split_statements(text):
        folded = fold(sentence)
        said = _pattern("this_case").search(folded)
        if said:
            yield "order_case", said[0], ""
        for day in _pattern("dated").finditer(folded):
            yield "dated", day[0], ""
        for one in quantities(folded):
            paid = one.dim == "money" and not one.is_range and int(one.low) in facts.amounts_fen
            if said or paid or one.dim == "date":
                yield "order_figure", one.text, one.dim
