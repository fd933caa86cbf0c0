"""Clauses of the evidence that stand side by side in one list."""

from agents.guards.alignment import Case
from agents.guards.clauses import Clause
from agents.guards.quantity_match import comparable


def heads(values: frozenset[str], case: Case) -> frozenset[str]:
    """Tokens that occur in a single evidence clause which has parallel neighbours."""
    found = set()
    for value in values:
        holders = [c for c in case.evidence if value in c.values]
        sources = [c.source for c in holders]
        if len(set(sources)) == len(sources) and any(neighbours(c, case) for c in holders):
            found.add(value)
    return frozenset(found)


def neighbours(clause: Clause, case: Case) -> list[Clause]:
    """Clauses of the same source that are built alike: shared words or quantities of the same kind."""
    out = []
    for other in case.evidence:
        if other is clause or other.source != clause.source:
            continue
        alike = any(comparable(a, b) for a in clause.quantities for b in other.quantities)
        same_end = clause.tokens and other.tokens and clause.tokens[-1].value == other.tokens[-1].value
        if same_end or (alike and (clause.values & other.values or (_short(clause) and _short(other)))):
            out.append(other)
    return out


def _short(clause: Clause) -> bool:
    return len(clause.text) <= 16
