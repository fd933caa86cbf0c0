"""Conditions and exceptions of the evidence that the statement drops or waives."""

import re
from collections.abc import Iterator

from agents.guards.alignment import Case
from agents.guards.clauses import Clause, Token, tokens_of
from agents.guards.lexicon import pattern
from agents.guards.quantities import Quantity, same
from agents.guards.verdict import Finding

_LIMIT = re.compile(
    "仅限|限于|除外|以外|不参与|不参加|不在|不支持|不含|不赔|不予|须|需|必须|应|前提|的情况下|满|限|后|如果|如|若|不可|不得|非|凡|[前]\\d+名"
)
_ANY = re.compile("(?:什么|怎么|哪|多少|谁|几)[^,。;]{0,6}[都也]")
_LEADING = re.compile("的$|时$|后$|^如|^若|^凡|情况下$|完好$")
_BENEFIT = re.compile("[减送免抵返赠享补赔]|优惠|包邮|打折")


def check(case: Case) -> Iterator[Finding]:
    yield from _universal(case)
    yield from _waived(case)
    yield from _leading(case)
    yield from _threshold(case)


def _near(case: Case) -> list[Clause]:
    """Evidence clauses that speak of what the statement speaks of, and the rest of their sentences."""
    stated = {t.value for c in case.statement for t in c.tokens}
    told = [e for c in case.statement for q in c.quantities for e, _ in case.matches(q)]
    return [e for e in case.evidence if e in told or stated & (e.values | {t.value for t in e.heading})]


def _universal(case: Case) -> Iterator[Finding]:
    found = [m for m in pattern("markers", "universal").finditer(case.text) if m[0] not in case.all_evidence]
    found += [m for m in _ANY.finditer(case.text) if m[0] not in case.all_evidence]
    if found and any(_LIMIT.search(e.text) for e in _near(case)):
        yield Finding(kind="condition", span=found[0][0], detail="the evidence sets a condition or an exception")


def _waived(case: Case) -> Iterator[Finding]:
    for clause in case.statement:
        match = pattern("markers", "waiver").search(clause.text)
        if {"free", "free_shipping"} & clause.values:
            continue
        if match is None or match[0] in case.all_evidence:
            continue
        after = tokens_of(clause.text[match.end() :])
        demanded = [e for e in case.evidence if any(t.value in e.values or t.text in e.text for t in after)]
        if demanded and not any(re.search("不用|无需|无须|不需|免|不必|包", e.text) for e in demanded):
            yield Finding(kind="condition", span=clause.text[match.start() :], detail=demanded[0].text)


def _leading(case: Case) -> Iterator[Finding]:
    """A clause that opens an evidence sentence as its condition has to come back, or be met by the other evidence."""
    used = {best[1].sentence: best[1] for best in case.aligned if best}
    stated = frozenset(t.value for c in case.statement for t in c.tokens)
    for sentence, clause in used.items():
        parts = [e for e in case.evidence if e.sentence == sentence]
        main = [e for e in parts if not _LEADING.search(e.text)]
        if clause not in main:
            continue
        for part in parts[: parts.index(clause)]:
            if not _LEADING.search(part.text):
                continue
            keys = [
                t
                for t in part.tokens
                if t.value not in ("buyer", "seller", "platform") and t.value not in clause.values
            ]
            if not keys or (not keys[-1].known and part.values & clause.values):
                continue
            if not _met(keys, stated, part, case):
                yield Finding(kind="condition", span=case.text, detail=part.text)


def _met(keys: list[Token], stated: frozenset[str], part: Clause, case: Case) -> bool:
    if keys[-1].known and "、" not in part.text:
        keys = keys[-1:]
    elsewhere = {v for e in case.evidence if e.source != part.source for v in e.values}
    return any(t.value in stated or t.value in elsewhere or _echoed(t.text, case.text) for t in keys)


def _echoed(word: str, text: str) -> bool:
    chars = [c for c in word if c not in "一二三四五六七八九十不无未"]
    return bool(chars) and sum(c in text for c in chars) * 2 >= len(chars) and any(c in text for c in chars)


def _threshold(case: Case) -> Iterator[Finding]:
    """满N, 前N名 and the like have to be named, or an amount has to be there that meets them."""
    for clause, best in zip(case.statement, case.aligned, strict=True):
        if best is None or not _BENEFIT.search(clause.text):
            continue
        gates = [
            q
            for q in best[1].quantities
            if q.role == "threshold" or best[1].text[max(0, q.start - 1) : q.start] in ("前", "限")
        ]
        stated = not clause.negated
        if gates and stated and not any(_reached(q, case) for q in gates):
            yield Finding(kind="condition", span=clause.text, detail=best[1].text)


def _reached(gate: Quantity, case: Case) -> bool:
    stated = [q for c in case.statement for q in c.quantities]
    return any(same(gate, q) or (q.dim == gate.dim and q.low >= gate.low) for q in stated)
