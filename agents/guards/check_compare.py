"""A比B claims held against the two values the evidence gives, and thresholds against the amounts named beside them."""

import re
from collections.abc import Iterator
from functools import cache

from agents.guards.alignment import Case
from agents.guards.clauses import Clause, tokens_of
from agents.guards.lexicon import words
from agents.guards.quantities import Quantity, quantities
from agents.guards.quantity_match import comparable
from agents.guards.verdict import Finding

_KIND_OF = {
    "贵": "money", "便宜": "money", "省": "money", "重": "mass", "轻": "mass", "快": "", "慢": "", "久": "", "长": "",
}  # fmt: skip
_RANK = re.compile(r"(?P<no>不|没|没有)?(?:排|赶|进|抢|挤|轮)?(?:在|到|进|是|属于)?了?前(?P<limit>\d+)(?:[单名位个]|$)")
_PLACE = re.compile(r"第(\d+)[单名位个]")
_BELOW = re.compile("(?:还)?(?:不够|没到|不到|不满|不足|达不到|没达到|低于|少于)(?:了)?[^,。\\d]{0,3}$")
_ABOVE = re.compile("(?:就|已经?|都)?(?:够|过了|超过|超了|达到|满足|高于|多于|到了)(?:了)?[^,。\\d]{0,3}$")


@cache
def _shape() -> re.Pattern[str]:
    up, down = "|".join(words("markers", "comparatives", "up")), "|".join(words("markers", "comparatives", "down"))
    return re.compile(
        rf"(?P<a>[^,。;]*?)比(?!如|方|例|重|价)(?P<b>[^,。;]+?)(?P<even>还|更|要|都|略|稍|足足|整整|得)*(?<!最)"
        rf"(?:(?P<up>{up})|(?P<down>{down}))(?:了|出|上|要|得|花|付|费)*(?P<rest>[^,。;]*)"
    )


def check(case: Case) -> Iterator[Finding]:
    for index, clause in enumerate(case.statement):
        match = _shape().search(clause.text)
        if match is None:
            continue
        before = match["a"] if tokens_of(match["a"]) else (case.statement[index - 1].text if index else "")
        if _wrong(case, clause, before, match):
            yield Finding(kind="comparison", span=match[0].strip(), detail="the evidence orders them the other way")
    yield from _thresholds(case)
    yield from _ranks(case)


def _wrong(case: Case, clause: Clause, before: str, match: re.Match[str]) -> bool:
    difference = next((q for q in clause.quantities if q.start >= match.end("b")), None)
    rises = (match["up"] is not None) != bool(re.search("不比|没有?比|并不比", clause.text))
    own_a = [q for q in clause.quantities if q.dim != "count" and q.end <= match.end("a")]
    own_b = [
        q for q in clause.quantities if q.dim != "count" and match.start("b") <= q.start and q.end <= match.end("b")
    ]
    left = own_a or _values(case, before, match["b"])
    right = own_b or _values(case, match["b"], before)
    kind = _KIND_OF.get(match["up"] or match["down"] or "", "")
    pairs = _pairs(case, left, right, difference, kind, before + match["b"])
    if difference is not None and difference.dim not in ("ratio", "count"):
        if pairs:
            exact = [(a, b) for a, b in pairs if abs(a - b) == _amount(difference, pairs)]
            return bool(exact) and not any((a > b) == rises for a, b in exact)
        return _only_other_way(case, right, difference, rises)
    return bool(pairs) and not any(a != b and (a > b) == rises for a, b in pairs)


def _amount(difference: Quantity, pairs: list[tuple[float, float]]) -> float:
    gaps = {abs(a - b) for a, b in pairs}
    scaled = float(difference.low) * 100
    return scaled if difference.dim == "number" and scaled in gaps else float(difference.low)


def _values(case: Case, phrase: str, other: str) -> list[Quantity]:
    """Quantities of the evidence clauses, or of whole documents, that name what only `phrase` names."""
    mine = {t.value for t in tokens_of(phrase)} - {t.value for t in tokens_of(other)}
    named = [c for c in case.evidence if mine & c.values]
    counted = {q.text for q in quantities(phrase) if q.dim == "count"} - {q.text for q in quantities(other)}
    homes = {c.sentence for c in case.evidence for name in counted if name in c.text}  # 三人 of 三人帐篷
    named += [c for c in case.evidence if c.sentence in homes]
    titled = [c for c in case.evidence if mine & {t.value for t in c.heading}]
    if len({c.source for c in titled}) == 1 and len({c.source for c in case.evidence}) > 1:
        named = titled
    return [q for c in named for q in c.quantities]


def _pairs(
    case: Case, left: list[Quantity], right: list[Quantity], difference: Quantity | None, kind: str, text: str
) -> list[tuple[float, float]]:
    topic = {t.value for t in tokens_of(text)}
    ends = "high" if re.search("最[慢长晚迟高多]", text) else "low"
    out = []
    for a in left:
        for b in right:
            same_kind = a.dim == b.dim and a.dim not in ("date", "time")
            fits = difference is None or comparable(a, difference) is not None
            if not same_kind or not fits or (kind and a.dim != kind):
                continue
            keys = (_attribute(case, a), _attribute(case, b))
            if keys[0] == keys[1] or None in keys or not {k for k in keys if k} & topic:
                out.append((float(getattr(a, ends)), float(getattr(b, ends)), keys[0] in topic and keys[0] == keys[1]))
    focused = [(a, b) for a, b, on_topic in out if on_topic]
    return focused or [(a, b) for a, b, _ in out]


def _attribute(case: Case, quantity: Quantity) -> str | None:
    for clause in case.evidence:
        if any(q is quantity for q in clause.quantities):
            before = [t for t in clause.tokens if t.start + len(t.text) <= quantity.start]
            return before[-1].value if before else None
    return None


def _only_other_way(case: Case, right: list[Quantity], difference: Quantity, rises: bool) -> bool:
    """B plus the difference is nowhere in the evidence, B minus it is."""
    given = {q.low for _, q in case.evidence_quantities}
    scale = 100 if difference.dim == "number" else 1
    bases = [q.low for q in right if comparable(q, difference) is not None]
    step = difference.low * scale * (1 if rises else -1)
    return any(b - step in given for b in bases) and not any(b + step in given for b in bases)


def _thresholds(case: Case) -> Iterator[Finding]:
    """249就过了399: two amounts of the statement and a word that orders them."""
    for clause in case.statement:
        for first, second in zip(clause.quantities, clause.quantities[1:], strict=False):
            between = clause.text[first.end : second.start]
            if first.dim != second.dim and "number" not in (first.dim, second.dim):
                continue
            a, b = _plain(first), _plain(second)
            wrong = (_ABOVE.search(between) and a < b) or (_BELOW.search(between) and a >= b)
            if wrong and not re.search("[加减乘]|再|一共", between):
                yield Finding(
                    kind="comparison", span=clause.text[first.start : second.end], detail="not so by its own figures"
                )


def _plain(quantity: Quantity) -> float:
    return float(quantity.low) * (100 if quantity.dim == "number" else 1)


def _ranks(case: Case) -> Iterator[Finding]:
    """第612单 is not among 前500单."""
    places = [int(n) for n in _PLACE.findall(case.text) + _PLACE.findall(case.all_evidence)]
    match = _RANK.search(case.text)
    if not places or match is None:
        return
    inside = min(places) <= int(match["limit"])
    if inside == bool(match["no"]):
        yield Finding(kind="comparison", span=match[0], detail=f"the place is {min(places)}")
