"""What is said of one thing must be what the evidence says of that thing, not of its neighbour in the list."""

import re
from collections.abc import Iterator

from agents.guards.alignment import Case
from agents.guards.check_numbers import is_idle
from agents.guards.clauses import Clause
from agents.guards.lexicon import words
from agents.guards.neighbours import heads, neighbours
from agents.guards.quantities import comparable
from agents.guards.verdict import Finding

_JOINT = re.compile("[、和与跟及或比]|还是|还有|以及|都|各|分别|一共|总共|加|差")


_LOOSE = re.compile("(?:的|的话|时候?|之?后)$")


def check(case: Case) -> Iterator[Finding]:
    carried: frozenset[str] = frozenset()
    for clause in case.statement:
        own = heads(clause.values, case)
        subject = own or carried
        yield from _quantity_of_other(case, clause, subject)
        if len(own) > 1 and not (_JOINT.search(clause.text) or _LOOSE.search(clause.text)):
            yield from _mixed(case, clause)
        carried = own or carried
        yield from _subject(case, clause)
    yield from _exclusive(case)
    yield from _other_document(case)


def _other_document(case: Case) -> Iterator[Finding]:
    """Two like records: what is told of the one may not come from the other's."""
    labels = {t.value for c in case.statement for t in c.tokens if t.label}
    titles = {c.source: {t.value for t in (*c.heading, *_first(case, c.source).tokens)} for c in case.evidence}
    named = [s for s, title in titles.items() if labels & title]
    if len(named) != 1:
        return
    twins = {s for s, title in titles.items() if s != named[0] and _alike(title, titles[named[0]], labels)}
    for clause in case.statement:
        for quantity in clause.quantities:
            sources = {c.source for c, _ in case.matches(quantity)}
            if sources and sources <= twins:
                yield Finding(kind="entity", span=quantity.text, detail="the evidence says this of another one")


def _first(case: Case, source: int) -> Clause:
    return next(c for c in case.evidence if c.source == source)


def _alike(title: set[str], other: set[str], labels: set[str]) -> bool:
    return len((title & other) - labels - {"order_item"}) >= 1 and not title & labels


def _exclusive(case: Case) -> Iterator[Finding]:
    """Money goes back one way and a shopper has one tier: two of a kind in one sentence need a joining word."""
    for kind in ("tender", "tier", "carrier"):
        named = list(
            dict.fromkeys(
                t.text
                for c in case.statement
                for t in c.tokens
                if t.label and t.text in words("lexicon", "classes", kind)
            )
        )
        if (
            len(named) > 1
            and not _JOINT.search(case.text)
            and not any(all(n in c.text for n in named) for c in case.evidence)
        ):
            yield Finding(kind="entity", span=named[1], detail=f"beside {named[0]}")


def _last(clause: Clause) -> str:
    return clause.tokens[-1].value if clause.tokens else ""


def _quantity_of_other(case: Case, clause: Clause, subject: frozenset[str]) -> Iterator[Finding]:
    """A quantity that the evidence gives only in clauses of another head."""
    if not subject:
        return
    for quantity in clause.quantities:
        if is_idle(quantity, clause):
            continue
        holders = [c for c, _ in case.matches(quantity)]
        if not holders:
            continue
        named = [c for c in case.evidence if subject & c.values]
        if any(c in named or _linked(c, named, case) for c in holders):
            continue
        rivals = [c for c in named if any(comparable(q, quantity) for q in c.quantities) or _last(c) in clause.values]
        blocked = [c for c in rivals if any(h in neighbours(c, case) for h in holders)]
        if blocked and not re.search("差|省|便宜|一共|总共|加起来|合计|到手|比|剩|再", clause.text):
            yield Finding(kind="entity", span=quantity.text, detail="the evidence says this of something else")


def _linked(holder: Clause, named: list[Clause], case: Case) -> bool:
    """A clause without head of its own continues the one before it in its sentence."""
    return any(c.sentence == holder.sentence and holder not in neighbours(c, case) for c in named)


def _mixed(case: Case, clause: Clause) -> Iterator[Finding]:
    """One plain clause that draws on two rival clauses at once."""
    own = heads(frozenset(t.value for t in clause.tokens if t.noun and t.value not in _PARTY), case)
    homes = {value: next(c for c in case.evidence if value in c.values) for value in own}
    for first in own:
        for second in own:
            if first < second and homes[second] in neighbours(homes[first], case):
                yield Finding(kind="entity", span=second, detail=f"joined with {first}")
                return


def _subject(case: Case, clause: Clause) -> Iterator[Finding]:
    """The predicate stands in one clause of a list, the subject only in others that have subjects of their own."""
    named = [t for t in clause.tokens if t.value in case.evidence_values and t.value not in _PARTY]
    if not named or not named[0].noun or _JOINT.search(clause.text):
        return
    subject = named[0]
    homes = [
        e for e in case.evidence if subject.value in e.values or (len(subject.text) > 1 and subject.text in e.text)
    ]
    if not homes or any(subject.value in {t.value for t in e.heading} for e in case.evidence):
        return
    scope = {id(e) for home in homes for e in _reach(home, case)}
    claims = [(t.text, [e for e in case.evidence if t.value in e.values]) for t in named[1:]]
    claims += [(q.text, [e for e, _ in case.matches(q)]) for q in clause.quantities if not is_idle(q, clause)]
    for span, holders in claims:
        if not holders or any(id(e) in scope for e in holders):
            continue
        sources = {e.source for e in homes}
        if all(
            e.source in sources and opening(e) not in (None, subject.value) and opening(e) not in clause.values
            for e in holders
        ):
            yield Finding(kind="entity", span=span, detail=f"not said of {subject.text}")
            return


_PARTY = frozenset(
    {"buyer", "seller", "platform", "courier", "maker", "order_item", "freight", "return", "exchange", "refund"}
)


def opening(clause: Clause) -> str | None:
    """The subject a clause opens with, None where it continues the one before."""
    first = clause.tokens[0] if clause.tokens else None
    return first.value if first is not None and first.noun and first.start <= 4 else None


def _reach(home: Clause, case: Case) -> list[Clause]:
    """The clause itself and those after it in the sentence that bring no subject of their own."""
    rest = [e for e in case.evidence if e.sentence == home.sentence]
    out = [home]
    for clause in rest[rest.index(home) + 1 :]:
        if opening(clause) not in (None, *home.values):
            break
        out.append(clause)
    return out
