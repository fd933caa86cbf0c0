"""What is said of one thing must be what the evidence says of that thing, not of its neighbour in the list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.guards.alignment import Case
from agents.guards.check_numbers import is_idle
from agents.guards.check_polarity import denials
from agents.guards.clauses import PARTIES, Clause, Token
from agents.guards.lexicon import classes, words
from agents.guards.quantities import Quantity
from agents.guards.quantity_match import comparable, same
from agents.guards.verdict import Finding

_JOINT = re.compile("[、和与跟及或比]|还是|还有|以及|都|各|分别|一共|总共|加|差")
_ARITHMETIC = re.compile("比|差|省|一共|总共|合计|平均|加|减|折后|剩|再|凑|够|离|到手|起来|算|便宜|贵|退|抵")
_LOOSE = frozenset({*PARTIES, "order_item", "start", "end", "counted", "freight", "paid_amount", "price", "activity"})


@dataclass(frozen=True)
class Said:
    """One value the statement gives: a quantity, a closed-class label or a predicate, with the words around it."""

    span: str
    window: tuple[Token, ...]
    homes: tuple[Clause, ...]
    quantity: Quantity | None = None
    label: str = ""
    verb: str = ""


def check(case: Case) -> Iterator[Finding]:
    yield from _exclusive(case)
    carried: tuple[Token, ...] = ()
    seen: set[str] = set()
    for clause in case.statement:
        seen |= clause.values
        subjects = tuple(t for t in clause.tokens if t.noun and t.value in case.evidence_values)
        for said in _values(case, clause, carried):
            finding = _misplaced(case, said, frozenset(seen))
            if finding is not None:
                yield finding
                break
        named = tuple(t for t in subjects if t.value not in _LOOSE)
        carried = named or carried


def _values(case: Case, clause: Clause, carried: tuple[Token, ...]) -> Iterator[Said]:
    usable = [q for q in clause.quantities if not is_idle(q, clause)]
    for position, quantity in enumerate(usable):
        low = usable[position - 1].end if position else 0
        high = usable[position + 1].start if position + 1 < len(usable) else len(clause.text)
        if _ARITHMETIC.search(clause.text[low:high]):
            continue
        homes = tuple(c for c, _ in case.matches(quantity))
        before = _nouns(clause, low, quantity.start)
        window = before or _nouns(clause, quantity.end, high) or _nouns(clause, 0, len(clause.text))
        if not any(_distinct(t, case) for t in window):
            window = (*window, *carried)
        if homes and window:
            yield Said(quantity.text, window, homes, quantity)
    if "比" in clause.text or denials(clause.text):
        return
    for token in clause.tokens:
        kind = _class_of(token)
        homes = tuple(c for c in case.evidence if token.value in c.values and (kind or not denials(c.text)))
        others = tuple(t for t in _nouns(clause, 0, len(clause.text)) if t is not token)
        if homes and (others or carried) and kind:
            yield Said(token.text, others or carried, homes, label=kind)
        elif homes and others and token.value in words("lexicon", "verbs") and token.value not in _LOOSE:
            yield Said(token.text, tuple(t for t in others if t.start < token.start), homes, verb=token.value)


def _distinct(token: Token, case: Case) -> bool:
    titled = {c.source for c in case.evidence if token.value in {t.value for t in c.heading}}
    return sum(token.value in c.values for c in case.evidence) == 1 or len(titled) == 1


def _nouns(clause: Clause, low: int, high: int) -> tuple[Token, ...]:
    return tuple(t for t in clause.tokens if t.noun and t.value not in _LOOSE and low <= t.start < high)


def _class_of(token: Token) -> str:
    if not token.label:
        return ""
    return next((name for name, members in classes().items() if token.text in members), "model")


_SPANS = ("clock", "calendar", "workday")


def _comparable(a: Quantity, b: Quantity) -> bool:
    return (a.dim == b.dim and comparable(a, b) is not None) or (a.dim in _SPANS and b.dim in _SPANS)


def _misplaced(case: Case, said: Said, seen: frozenset[str]) -> Finding | None:
    blocked = ""
    for home in said.homes:
        word = _blocked(case, said, home, seen)
        if word is None:
            return None
        blocked = word
    return Finding(kind="entity", span=said.span, detail=f"not said of {blocked}") if blocked else None


def _blocked(case: Case, said: Said, home: Clause, seen: frozenset[str]) -> str | None:
    """The subject of the statement that the evidence speaks of elsewhere, while this clause has its own."""
    scope = scope_of(home, case)
    own = {t.value for t in (*home.tokens, *home.heading) if t.noun and t.value not in _LOOSE}
    own |= _inherited(home, case)
    for token in said.window:
        if token.value in scope or token.text in home.text or token.value not in case.evidence_values:
            continue
        for rival in case.evidence:
            if rival is home or token.value not in {*rival.values, *(t.value for t in rival.heading)}:
                continue
            bare = said.label and token.value in rival.values
            if (bare or own - seen - scope_of(rival, case)) and _parallel(case, said, home, rival, token):
                return token.text
    return None


def _parallel(case: Case, said: Said, home: Clause, rival: Clause, token: Token) -> bool:
    if said.quantity is not None:
        target = said.quantity
        given = [q for c in _reach(rival, case) for q in c.quantities if _comparable(q, target)]
        alike = rival.source != home.source or bool(rival.values & home.values) or opening(rival) == token.value
        if not given:
            shared = rival.values & home.values & set(words("lexicon", "verbs"))
            return opening(rival) == token.value and opening(home) is not None and bool(shared)
        return alike and not any(same(q, target) for q in given)
    if said.label:
        members = {t.text for c in _reach(rival, case) for t in c.tokens if _class_of(t) == said.label}
        return bool(members) and said.span not in members
    if rival.source != home.source:
        return said.verb in rival.values
    return opening(rival) == token.value and opening(home) is not None


def _inherited(clause: Clause, case: Case) -> set[str]:
    if opening(clause) is not None:
        return set()
    earlier = [c for c in case.sentence_of(clause) if c.sentence == clause.sentence]
    before = earlier[: earlier.index(clause)]
    return {t.value for c in before[-1:] for t in c.tokens if t.noun and t.value not in _LOOSE}


def scope_of(clause: Clause, case: Case) -> frozenset[str]:
    """What a clause speaks of: its words, its heading, and the clause before where it names no subject itself."""
    values = {*clause.values, *(t.value for t in clause.heading)}
    if opening(clause) is None:
        for earlier in case.sentence_of(clause):
            if earlier is clause:
                break
            values |= earlier.values
    return frozenset(values)


def _reach(home: Clause, case: Case) -> list[Clause]:
    """The clause itself and those after it in the sentence that bring no subject of their own."""
    rest = case.sentence_of(home)
    out = [home]
    for clause in rest[rest.index(home) + 1 :]:
        if opening(clause) not in (None, *home.values):
            break
        out.append(clause)
    return out


def opening(clause: Clause) -> str | None:
    """The subject a clause opens with, None where it continues the one before."""
    first = clause.tokens[0] if clause.tokens else None
    return first.value if first is not None and first.noun and first.start <= 4 else None


def _exclusive(case: Case) -> Iterator[Finding]:
    """Money goes back one way and a shopper has one tier: two of a kind in one sentence need a joining word."""
    for kind in ("tender", "tier", "carrier"):
        members = words("lexicon", "classes", kind)
        plain = [c for c in case.statement if not denials(c.text)]
        named = list(dict.fromkeys(t.text for c in plain for t in c.tokens if t.label and t.text in members))
        together = any(all(n in c.text for n in named) for c in case.evidence)
        if len(named) > 1 and not _JOINT.search(case.text) and not together:
            yield Finding(kind="entity", span=named[1], detail=f"beside {named[0]}")
