"""Which evidence clause a clause of the statement speaks of."""

import math
from dataclasses import dataclass
from functools import cached_property

from agents.guards.clauses import PARTIES, Clause, Token, evidence_clauses, statement_clauses
from agents.guards.quantities import Quantity
from agents.guards.quantity_match import same
from agents.guards.text import fold

_VERBS = "退换修赔送补寄发付收用洗减抵免限扣拆穿装"


@dataclass(frozen=True)
class Case:
    """One statement beside its evidence, cut and folded."""

    evidence_texts: tuple[str, ...]
    text: str

    @cached_property
    def statement(self) -> tuple[Clause, ...]:
        return statement_clauses(self.text)

    @cached_property
    def evidence(self) -> tuple[Clause, ...]:
        return tuple(c for i, text in enumerate(self.evidence_texts) for c in evidence_clauses(text, i))

    @cached_property
    def all_evidence(self) -> str:
        return "\n".join(self.evidence_texts)

    @cached_property
    def evidence_values(self) -> frozenset[str]:
        values = {t.value for c in self.evidence for t in (*c.tokens, *c.heading)}
        return frozenset(values)

    @cached_property
    def evidence_quantities(self) -> tuple[tuple[Clause, Quantity], ...]:
        return tuple((c, q) for c in self.evidence for q in c.quantities)

    @cached_property
    def rarity(self) -> dict[str, float]:
        """Tokens that few clauses hold tell more about which clause is meant."""
        count: dict[str, int] = {}
        for clause in self.evidence:
            for value in clause.values:
                count[value] = count.get(value, 0) + 1
        total = len(self.evidence)
        return {value: math.log(1 + total / n) for value, n in count.items()}

    def matches(self, quantity: Quantity) -> list[tuple[Clause, Quantity]]:
        return [(c, q) for c, q in self.evidence_quantities if same(quantity, q)]

    def score(self, clause: Clause, evidence: Clause) -> float:
        total = sum(
            self.rarity[t.value] * t.weight
            for t in _distinct(clause.tokens)
            if t.value in evidence.values and t.value not in PARTIES
        )
        heading = {t.value for t in evidence.heading}
        total += sum(0.5 * t.weight for t in _distinct(clause.tokens) if t.value in heading - evidence.values)
        total += sum(0.3 for t in _distinct(clause.tokens) if t.value not in evidence.values and _inside(t, evidence))
        total += sum(0.25 for char in _VERBS if char in clause.text and char in evidence.text)
        total += sum(1.0 for q in clause.quantities if any(same(q, e) for e in evidence.quantities))
        return total

    def ranked(self, clause: Clause) -> list[tuple[float, Clause]]:
        scored = [(self.score(clause, e), e) for e in self.evidence]
        return sorted(scored, key=lambda pair: -pair[0])

    @cached_property
    def _ranking(self) -> tuple[tuple[tuple[float, Clause], ...], ...]:
        out: list[tuple[tuple[float, Clause], ...]] = []
        previous: Clause | None = None
        carried: frozenset[str] = frozenset()
        for clause in self.statement:
            scored = []
            for score, evidence in self.ranked(clause):
                bonus = 0.2 if previous is not None and evidence.sentence == previous.sentence else 0.0
                bonus += 0.5 * sum(self.rarity.get(v, 0.0) for v in carried & evidence.values if v not in PARTIES)
                if score > 0:
                    scored.append((score + bonus, evidence))
            scored.sort(key=lambda pair: -pair[0])
            previous = scored[0][1] if scored else previous
            carried = frozenset(t.value for t in clause.tokens)
            out.append(tuple(scored))
        return tuple(out)

    @cached_property
    def aligned(self) -> tuple[tuple[float, Clause] | None, ...]:
        """The best evidence clause of each statement clause, None where nothing is shared."""
        return tuple(ranked[0] if ranked else None for ranked in self._ranking)

    def best_of(self, index: int) -> tuple[tuple[float, Clause], ...]:
        """Evidence clauses for the statement's clause, best first, the clause before it taken into account."""
        return self._ranking[index]

    def sentence_of(self, clause: Clause) -> list[Clause]:
        return [e for e in self.evidence if e.sentence == clause.sentence]


def _distinct(tokens: tuple[Token, ...]) -> list[Token]:
    return list({t.value: t for t in tokens}.values())


def _inside(token: Token, evidence: Clause) -> bool:
    return len(token.text) >= 2 and token.text in evidence.text


def case_of(evidence: tuple[str, ...], statement: str) -> Case:
    return Case(tuple(fold(text) for text in evidence), fold(statement))
