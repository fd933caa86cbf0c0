"""Where a period starts, which way it runs, and on which side of an event something holds."""

import re
from collections.abc import Iterator
from functools import cache

from agents.guards.alignment import Case
from agents.guards.clauses import Clause
from agents.guards.lexicon import load
from agents.guards.quantities import Quantity
from agents.guards.quantity_match import same
from agents.guards.verdict import Finding

_COMPATIBLE = {
    frozenset(p)
    for p in (
        ("sign", "receive"),
        ("warehouse", "receive"),
        ("order", "purchase"),
        ("pay", "purchase"),
        ("get", "sign"),
        ("get", "receive"),
        ("get", "claim_coupon"),
        ("win", "get"),
        ("pay", "pay_balance"),
        ("apply", "notify"),
        ("sign", "warehouse"),
    )
}
_AFTER = "之日起|当日起|那天起|那天开始|之后|以后|过后|后|起|了之后|了以后|完"
_BEFORE = "之前|以前|前"


@cache
def _events() -> tuple[re.Pattern[str], dict[str, str]]:
    event_of = {word: event for event, members in load("markers")["anchors"].items() for word in members}
    ordered = sorted(event_of, key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, ordered))), event_of


_TAIL = re.compile(
    r"^(?:商品|货款|货|尾款|定金|订金|成功|完成|了|的|退货|退件|包裹|东西|快递|订单|单子|后?的?那个?)?(?P<t>之日|那天|那日|当天|当日|的?次日|的?第二天|日|时|的时候|后|以后|之后|完|起|开始|算|前|之前|以前|了\d)"
)


def anchors(text: str) -> list[tuple[str, str, str]]:
    """(event, side, word): side is after, before or start, for events that a period or rule is tied to."""
    matcher, event_of = _events()
    out = []
    for match in matcher.finditer(text):
        event = _pay_object(event_of[match[0]], text, match)
        tail = _TAIL.match(text[match.end() :])
        if not tail:
            if re.search(r"(?:从|自)[^,。]{0,6}$", text[: match.start()]):
                out.append((event, "start", match[0]))
            continue
        word = tail["t"]
        side = "before" if "前" in word else "start" if re.search("日|天|时|起|开始|算", word) else "after"
        out.append((event, side, match[0]))
    return out


def _pay_object(event: str, text: str, match: re.Match[str]) -> str:
    """定金付了以后 and 付完尾款后 are two events."""
    if event != "pay":
        return event
    near = text[max(0, match.start() - 3) : match.end() + 3]
    return "pay_deposit" if re.search("[定订]金", near) else "pay_balance" if "尾款" in near else event


def check(case: Case) -> Iterator[Finding]:
    for clause, best in zip(case.statement, case.aligned, strict=True):
        stated = anchors(clause.text)
        if not stated or best is None:
            continue
        bound = _bound_anchors(case, clause)
        if bound and not any(_is_same(event, other) for event, _, _ in stated for other in bound):
            yield Finding(kind="time_scope", span=stated[0][2], detail=f"the period counts from {sorted(bound)}")
            continue
        yield from _anchor(case, clause, best[1], stated)
    yield from _next_day(case)
    yield from _ends(case)


def _bound_anchors(case: Case, clause: Clause) -> set[str]:
    """The events the evidence ties to the very period the clause names; none if it gives that period untied too."""
    bound: set[str] = set()
    for quantity in clause.quantities:
        if quantity.dim not in ("clock", "calendar", "workday"):
            continue
        for home, _ in case.matches(quantity):
            tied = {event for event, _, _ in anchors(home.text)}
            if not tied:
                return set()
            bound |= tied
    return bound


def _anchor(case: Case, clause: Clause, best: Clause, stated: list[tuple[str, str, str]]) -> Iterator[Finding]:
    scope = best.text if anchors(best.text) else " , ".join(c.text for c in case.sentence_of(best))
    given = anchors(scope)
    everywhere = anchors(case.all_evidence)
    for event, side, word in stated:
        known = [g for g in given if _is_same(g[0], event)]
        if given and not known and not any(_is_same(g[0], event) and g[1] == side for g in everywhere):
            yield Finding(kind="time_scope", span=word, detail=f"the evidence counts from {given[0][2]}")
        elif known and side != "start" and not any(_side_fits(g[1], side) for g in known):
            if clause.negated == best.negated and not re.search(f"没{word}", clause.text):
                yield Finding(kind="time_scope", span=word, detail="the other side of the event")
        elif (
            not given
            and not any(_is_same(g[0], event) for g in everywhere)
            and not _mentioned(event, case.all_evidence)
        ):
            yield Finding(kind="time_scope", span=word, detail="an event the evidence does not speak of")


def _is_same(a: str, b: str) -> bool:
    return a == b or frozenset((a, b)) in _COMPATIBLE


def _side_fits(given: str, stated: str) -> bool:
    return given == stated or ("start" in (given, stated) and "before" not in (given, stated))


def _mentioned(event: str, text: str) -> bool:
    matcher, event_of = _events()
    return any(_is_same(event_of[m[0]], event) for m in matcher.finditer(text))


def _next_day(case: Case) -> Iterator[Finding]:
    starts_next = re.search("(?:次日|第二天|翌日)", case.all_evidence) and not re.search("当[天日]", case.all_evidence)
    starts_same = re.search(
        r"(当天|当日|那天|那一天)(?:[^,。;]{0,3}(?:起|开始|就?算|计)|[\d中上下午前内零一二三四五六七八九十])", case.text
    )
    if starts_next and starts_same:
        yield Finding(kind="time_scope", span=starts_same[1], detail="the evidence starts on the next day")
    next_year = re.search("次年|第二年", case.all_evidence)
    if next_year and (same_year := re.search("当年|今年", case.text)):
        yield Finding(kind="time_scope", span=same_year[0], detail="the evidence says the next year")
    same_start = re.search("之日起|当日起|当天起", case.all_evidence)
    stated_next = re.search("次日|第二天|隔天|翌日", case.text)
    if same_start and stated_next and not re.search("次日|第二天|隔天|翌日", case.all_evidence):
        yield Finding(kind="time_scope", span=stated_next[0], detail="the evidence starts on the day itself")


def _ends(case: Case) -> Iterator[Finding]:
    """A date the evidence gives as an end may not be told as a start, nor the other way."""
    for clause in case.statement:
        for quantity in clause.quantities:
            stated = _edge(clause.text, quantity, clause)
            given = {
                _edge(c.text, q, c) for c, q in case.evidence_quantities if q.dim == quantity.dim and same(q, quantity)
            }
            given.discard("")
            if quantity.dim in ("date", "time") and stated and given and stated not in given:
                yield Finding(
                    kind="time_scope", span=quantity.text, detail=f"{stated} where the evidence has {sorted(given)}"
                )


def _edge(text: str, quantity: Quantity, clause: Clause) -> str:
    before, after = text[max(0, quantity.start - 3) : quantity.start], text[quantity.end : quantity.end + 10]
    follows = next(
        (q for q in clause.quantities if q.start >= quantity.end and q.dim == "time" and q.start - quantity.end <= 1),
        None,
    )
    if quantity.dim == "date" and follows:
        after = text[follows.end : follows.end + 10]
    if re.match(r"(?:为止|截止|截至|之?前|以前|结束|到期|止)", after) or re.search(
        r"(?:截止|截至|最晚|最迟|至)$", before
    ):
        return "end"
    if re.match(r"(?:起|才?开始|才?开|之?后|以后|至|到|-)", after) or re.search(r"[从自]$", before):
        return "start"
    return "end" if re.search(r"[到至-]$", before) else ""
