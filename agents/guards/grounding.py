"""Is every claim of a sentence supported by the listed evidence alone? Rules only: no model, no embeddings."""

from collections.abc import Sequence

from agents.guards import (
    check_compare,
    check_conditions,
    check_entities,
    check_numbers,
    check_polarity,
    check_stance,
    check_time,
    check_words,
    verbatim,
)
from agents.guards.alignment import case_of
from agents.guards.no_statement import states_nothing
from agents.guards.verdict import Finding, Grounding


def check_statement(evidence: Sequence[str], statement: str) -> Grounding:
    """Undecided when nothing of the statement can be held against the evidence."""
    case = case_of(tuple(evidence), statement)
    if not case.statement or not case.evidence:
        return Grounding(verdict="undecided", findings=(Finding(kind="empty", span=statement),))
    nothing = states_nothing(case)
    if nothing is not None:
        return Grounding(verdict="undecided" if nothing.kind == "empty" else "unsupported", findings=(nothing,))
    if verbatim.whole(case):
        return Grounding(verdict="supported")
    findings: list[Finding] = []
    for check in (
        check_numbers.check,
        check_numbers.check_deadline,
        check_entities.check,
        check_time.check,
        check_compare.check,
        check_stance.check,
        check_polarity.check,
        check_conditions.check,
        check_words.check,
        check_words.check_topics,
        verbatim.check,
    ):
        findings.extend(check(case))
    return Grounding(verdict="unsupported" if findings else "supported", findings=tuple(findings))
