"""A比B claims held against the two values the evidence gives."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from agents.guards.alignment import Case
from agents.guards.clauses import Clause, tokens_of
from agents.guards.lexicon import words
from agents.guards.quantities import Quantity, comparable, quantities
from agents.guards.verdict import Finding


@cache
def _shape() -> re.Pattern[str]:
    up, down = "|".join(words("markers", "comparatives", "up")), "|".join(words("markers", "comparatives", "down"))
    return re.compile(
        rf"(?P<a>[^,。;]*?)比(?P<b>[^,。;]+?)(?P<even>还|更|要|都|略|稍)*(?<!最)(?:(?P<up>{up})|(?P<down>{down}))(?:了|出|上|要|得)*(?P<rest>[^,。;]*)"
    )


def check(case: Case) -> Iterator[Finding]:
    for index, clause in enumerate(case.statement):
        match = _shape().search(clause.text)
        if match is None or match["b"][:1] in "如方例重":
            continue
        before = match["a"] if tokens_of(match["a"]) else (case.statement[index - 1].text if index else "")
        verdict = _judge(case, clause, before, match)
        if verdict:
            yield Finding(kind="comparison", span=match[0].strip(), detail=verdict)


def _judge(case: Case, clause: Clause, before: str, match: re.Match[str]) -> str | None:
    difference = next((q for q in clause.quantities if q.start >= match.end("b")), None)
    told = [q for q in quantities(before) if difference is None or comparable(q, difference)]
    left, right = (
        (told[-1] if told else None) or _value(case, before, match["b"], difference),
        _value(case, match["b"], before, difference),
    )
    if left is None or right is None or left.dim != right.dim:
        return None
    a, b = (left.high, right.high) if re.search("最[慢长晚迟高多]", clause.text + before) else (left.low, right.low)
    if left.dim == "ratio" and re.search("便宜|省|价|低", clause.text) and left.unit == "折":
        a, b = a, b
    rises = match["up"] is not None
    if re.search("不比|没有?比|并不比", clause.text):
        rises = not rises
    if a == b or (a > b) != rises:
        return "the evidence orders them the other way"
    return _difference(difference, abs(a - b))


def _difference(stated: Quantity | None, real: Fraction) -> str | None:
    if stated is None or stated.dim in ("ratio", "count", "number") or stated.low == real:
        return None
    return "the difference is another"


def _value(case: Case, phrase: str, other: str, difference: Quantity | None) -> Quantity | None:
    """The quantity the evidence gives for what `phrase` names, of the kind the difference or the other side has."""
    mine = {t.value for t in tokens_of(phrase)} - {t.value for t in tokens_of(other)}
    both = {t.value for t in tokens_of(phrase)} | {t.value for t in tokens_of(other)}
    holders = [c for c in case.evidence if mine & c.values or mine & {t.value for t in c.heading}]
    if not mine or not holders:
        return None
    best = max(holders, key=lambda c: len(both & c.values) + len(mine & c.values))
    options = [q for q in best.quantities if difference is None or comparable(q, difference)]
    topic = [t for t in best.tokens if t.value in both - mine]
    if topic and options:
        after = [q for q in options if q.start >= topic[-1].start]
        options = after or options
    return options[0] if options and (len({q.dim for q in options}) == 1 or topic) else None
