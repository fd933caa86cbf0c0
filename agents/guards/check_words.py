"""Content words of the statement that the evidence does not hold."""

import re
from collections.abc import Iterator
from functools import cache

from agents.guards.alignment import Case
from agents.guards.clauses import Clause, Token
from agents.guards.lexicon import has, light, load, words
from agents.guards.verdict import Finding

LIMIT = 1.9
_ADDRESS = frozenset({"buyer", "seller", "order_item", "start", "bear", "apply", "end"})


@cache
def _topics() -> tuple[re.Pattern[str], dict[str, list[tuple[str, ...]]]]:
    homes: dict[str, list[tuple[str, ...]]] = {}
    for many in load("topics")["topics"]:
        for word in many:
            homes.setdefault(word, []).append(tuple(many))
    ordered = sorted(homes, key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, ordered))), homes


def check_topics(case: Case) -> Iterator[Finding]:
    """Matters of fact that stand or fall with being named: health, materials, functions, services, rewards."""
    matcher, homes = _topics()
    for match in matcher.finditer(case.text):
        backed = any(word in case.all_evidence for many in homes[match[0]] for word in many)
        if not backed and not _implied(match[0], case):
            yield Finding(kind="out_of_scope", span=match[0], detail="a matter the evidence does not speak of")


def _implied(word: str, case: Case) -> bool:
    return any(word in t.text and coverage(t, case) >= 0.6 for c in case.statement for t in c.tokens)


def check(case: Case) -> Iterator[Finding]:
    uncovered: list[Token] = []
    for clause in case.statement:
        for token in clause.tokens:
            if token.label and not _labelled(token, case):
                yield Finding(kind="entity", span=token.text, detail="not named by the evidence")
            elif not token.label and coverage(token, case) < 0.5:
                uncovered.append(token)
    mass = sum(t.weight * (1 - coverage(t, case)) for t in uncovered)
    if mass >= LIMIT or (mass >= 1.0 and mass / max(1.0, _mass(case)) >= 0.6):
        span = max(uncovered, key=lambda t: t.weight * len(t.text))
        yield Finding(kind="out_of_scope", span=span.text, detail="+".join(t.text for t in uncovered))
        return
    for clause in case.statement:
        yield from _foreign_member(clause, uncovered, case)
        yield from _foreign_predicate(clause, uncovered, case)


def _foreign_member(clause: Clause, uncovered: list[Token], case: Case) -> Iterator[Finding]:
    """A list of things the evidence names, with one that it does not."""
    for token in uncovered:
        before = clause.text[max(0, token.start - 1) : token.start]
        if token in clause.tokens and token.noun and before in tuple("和、与跟及") and coverage(token, case) < 0.34:
            yield Finding(kind="entity", span=token.text, detail="not in the evidence's list")


def _foreign_predicate(clause: Clause, uncovered: list[Token], case: Case) -> Iterator[Finding]:
    """Of a clause only its subject is known to the evidence."""
    foreign = [t for t in clause.tokens if t in uncovered]
    known = sum(t.weight for t in clause.tokens if t not in foreign and t.value not in _ADDRESS)
    if sum(t.weight * (1 - coverage(t, case)) for t in foreign) < 0.9 or known > 1.0:
        return
    if not clause.quantities and any(not t.known for t in clause.tokens if t not in foreign):
        yield Finding(kind="out_of_scope", span=foreign[0].text, detail=clause.text)


def _mass(case: Case) -> float:
    return sum(t.weight for c in case.statement for t in c.tokens)


_SIZE = re.compile("([2-6]?[smlx]{1,4})码?$")


def _labelled(token: Token, case: Case) -> bool:
    size = _SIZE.match(token.text)
    if size and re.search(rf"(?<![a-z]){size[1]}(?![a-z])", case.all_evidence):
        return True
    if token.text in words("lexicon", "classes", "weekday") and re.search("工作日|节假日|顺延", case.all_evidence):
        return True
    if token.text == "现金" and "cash_out" in case.evidence_values:
        return True
    return token.value in case.evidence_values or token.text in case.all_evidence or token.value in case.all_evidence


def coverage(token: Token, case: Case) -> float:
    """1 = said by the evidence, 0 = foreign to it; in between by shared characters."""
    if token.value in case.evidence_values or token.value in _ADDRESS:
        return 1.0
    if token.text in case.all_evidence:
        return 1.0
    if token.value in _MEASURES and any(q.dim == _MEASURES[token.value] for _, q in case.evidence_quantities):
        return 1.0
    if token.known:
        return 0.35 if _share(token.text, case) >= 0.5 else 0.0
    if has(token.text, "markers", "universal") or has(token.text, "markers", "strong"):
        return 1.0
    if token.text.startswith(_LEAD) or token.text.endswith(_TRAIL):
        core = token.text.lstrip("别没不未可能会再都也").rstrip("的了好掉完到过上下出起来")
        if len(core) < 2:
            return 1.0 if not core or core in case.all_evidence or core in light() else 0.45
        return max(_share(core, case), 1.0 if core in case.all_evidence else 0.0)
    share = _share(token.text, case)
    return share if len(token.text) > 1 else 0.0


_LEAD, _TRAIL = tuple("别没不未可能会再都也"), tuple("的了好掉完到过上下出起来")
_MEASURES = {
    "capacity": "volume",
    "power_rating": "power",
    "net_weight": "mass",
    "weight": "mass",
    "length": "length",
    "height": "length",
    "price": "money",
    "paid_amount": "money",
    "duration_use": "clock",
    "temperature": "temperature",
    "discount": "ratio",
}


def _share(word: str, case: Case) -> float:
    return sum(char in case.all_evidence for char in word) / len(word)
