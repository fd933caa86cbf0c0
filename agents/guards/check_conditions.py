"""Conditions and exceptions of the evidence that the statement drops or waives."""

import re
from collections.abc import Iterator

from agents.guards.alignment import Case
from agents.guards.check_words import coverage
from agents.guards.clauses import PARTIES, Clause, tokens_of
from agents.guards.lexicon import pattern
from agents.guards.quantities import Quantity
from agents.guards.quantity_match import same
from agents.guards.verdict import Finding

_REQUIRED = re.compile("请|须|需|凭|提供|上传|提交|应当?在")
_THEN = re.compile("^(?:按|可|即|才|方|予以|将|给予|核实后按|我们|店铺|由)")
_ACTOR = re.compile(
    "前款|下列|(?:销售|提供|购买|接受)[^,]{0,14}(?:商品|服务)[^,]{0,4}时$|(?:通过|采用|开展|从事|利用|销售|提供)[^,]{2,}的$"
)
_EVEN = re.compile("(?:也|照样|一样|仍然?|还是|依然)(?:都)?(?:能|可以?|行|给|照|算|会|支持|包|保|赔|退|换|送|减|享|免)")
_GENERAL = re.compile("一切|任何|无论|不论|不管")
_ANY = re.compile("(?:什么|啥|咋|怎么|哪|多[少高大久长重远]|谁|几)[^,。;]{0,6}[都也]")
_LEADING = re.compile("的$|时$|后$|^如|^若|^凡|情况下$|完好$")
_BENEFIT = re.compile("[减送免抵返赠补赔]|优惠|包邮|打折")


def check(case: Case) -> Iterator[Finding]:
    yield from _universal(case)
    yield from _waived(case)
    yield from _even(case)
    yield from _leading(case)
    yield from _threshold(case)


def _universal(case: Case) -> Iterator[Finding]:
    found = [m for m in pattern("markers", "universal").finditer(case.text) if m[0] not in case.all_evidence]
    found += [m for m in _ANY.finditer(case.text) if m[0] not in case.all_evidence]
    if found and not _GENERAL.search(case.all_evidence):
        yield Finding(kind="condition", span=found[0][0], detail="the evidence sets a condition or an exception")


def _even(case: Case) -> Iterator[Finding]:
    """吊牌剪了也能退: a state the evidence does not speak of, said not to matter."""
    for index, clause in enumerate(case.statement):
        match = _EVEN.search(clause.text)
        if match is None:
            continue
        before = [t for t in clause.tokens if t.start < match.start()]
        if not before and index:
            before = list(case.statement[index - 1].tokens)
        strange = [t for t in before if not t.label and coverage(t, case) < 0.5]
        if strange:
            yield Finding(kind="condition", span=clause.text, detail=strange[0].text)


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
    """What opens an evidence sentence as its condition has to come back, or be met by the other evidence."""
    stated = frozenset(t.value for c in case.statement for t in c.tokens)
    done: set[int] = set()
    for best in case.aligned:
        if best is None or best[0] < 0.8 or id(best[1]) in done or _is_condition(best[1]):
            continue
        done.add(id(best[1]))
        parts = case.sentence_of(best[1])
        place = parts.index(best[1])
        for index, part in enumerate(parts[:place]):
            required = _REQUIRED.search(part.text) and _THEN.search(parts[index + 1].text)
            asked = (
                (_is_condition(part) or bool(required))
                and not _alternative(parts, index)
                and not _ACTOR.search(part.text)
                and _speaks_of(best[1], stated)
            )
            if asked and not _met(part, best[1], stated, case):
                yield Finding(kind="condition", span=case.text, detail=part.text)
                return


def _alternative(parts: list[Clause], index: int) -> bool:
    """One of several cases joined by 或者: another of them may be meant."""
    behind = parts[index + 1].text if index + 1 < len(parts) else ""
    return parts[index].text.startswith(("或", "(")) or behind.startswith("或")


def _is_condition(clause: Clause) -> bool:
    return _LEADING.search(clause.text) is not None


def _met(part: Clause, main: Clause, stated: frozenset[str], case: Case) -> bool:
    """At least half of a list of conditions, or a third of the words of a single one, is echoed."""
    elsewhere = {v for e in case.evidence if e.source != part.source for v in e.values}
    items = [tokens_of(item) for item in re.split("[、且]|并且|以及|或者?", part.text)]
    shares = []
    for item in items:
        single = len(items) == 1 and _is_condition(part)
        keys = [t for t in item if t.value not in PARTIES and t.weight > 0.3 and (single or t.value not in main.values)]
        if keys:
            good = [t for t in keys if t.value in stated or t.value in elsewhere or _echoed(t.text, case.text)]
            shares.append(sum(t.weight for t in good) / sum(t.weight for t in keys))
    if not shares:
        return True
    if len(shares) == 1:
        if not _is_condition(part):
            return shares[0] >= 0.34
        keys = [t for t in part.tokens if t.value not in main.values and t.weight > 0.3]
        if keys and keys[-1].known:  # the predicate that closes the condition: 完好 in 退回的商品完好的
            return keys[-1].value in stated | elsewhere or _echoed(keys[-1].text, case.text)
        return shares[0] > 0.2
    return sum(share > 0 for share in shares) * 2 >= len(shares) or ("或" in part.text and any(shares))


def _speaks_of(main: Clause, stated: frozenset[str]) -> bool:
    keys = [t for t in main.tokens if t.value not in PARTIES and t.value not in ("apply", "order_item")]
    return not keys or sum(t.weight for t in keys if t.value in stated) * 2 >= sum(t.weight for t in keys)


def _echoed(word: str, text: str) -> bool:
    chars = [c for c in word if c not in "一二三四五六七八九十不无未商品的"]
    return bool(chars) and sum(c in text for c in chars) * 2 >= len(chars)


def _threshold(case: Case) -> Iterator[Finding]:
    """满N, 前N名 and the like have to be named, or an amount has to be there that meets them."""
    for clause, best in zip(case.statement, case.aligned, strict=True):
        if best is None or not _BENEFIT.search(clause.text):
            continue
        gates = [
            q
            for q in best[1].quantities
            if q.role == "threshold" or (q.dim == "count" and best[1].text[max(0, q.start - 1) : q.start] == "前")
        ]
        stated = not clause.negated
        if gates and stated and not any(_reached(q, case) for q in gates):
            yield Finding(kind="condition", span=clause.text, detail=best[1].text)


def _reached(gate: Quantity, case: Case) -> bool:
    stated = [q for c in case.statement for q in c.quantities]
    return any(same(gate, q) or (q.dim == gate.dim and q.low >= gate.low) for q in stated)
