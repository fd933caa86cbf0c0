"""Negation, modality, promises and the party that acts."""

import re
from collections.abc import Iterator

from agents.guards.alignment import Case
from agents.guards.clauses import PARTIES, Clause
from agents.guards.lexicon import has, pattern
from agents.guards.promises import find_promises
from agents.guards.verdict import Finding

_TOPIC = re.compile("(?:的|的话|时候?|之?后|以后|了)$")
_PLAIN = frozenset({"buyer", "seller", "order_item"})
_RELATIVE = re.compile("的|[付买退寄留][的过]")
_VOWS = ("保证", "承诺", "担保")
_FREE = re.compile("才|除非|不然|否则|要不|是不是|能不能")


def check(case: Case) -> Iterator[Finding]:
    for index, clause in enumerate(case.statement):
        yield from _modality(case, index)
        yield from _party(case, clause, index)
    for promise in find_promises(case.text):
        backed = promise.detail == "guarantee" and any(w in case.all_evidence for w in _VOWS if w in promise.span)
        if promise.span not in case.all_evidence and not backed and not _granted(promise, case):
            yield promise
    yield from _when(case)


def _granted(promise: Finding, case: Case) -> bool:
    """The evidence itself gives what the sentence says is given."""
    verbs = [
        verb
        for verb in ("补偿", "赔", "补发", "重发", "补寄", "送", "返", "减免", "抵扣", "补", "再发", "重新发")
        if verb in promise.span
    ]
    return promise.detail == "compensation" and bool(verbs) and all(v in case.all_evidence for v in verbs[:1])


def _modality(case: Case, index: int) -> Iterator[Finding]:
    clause, best = case.statement[index], case.aligned[index]
    scope = " ".join(c.text for c in case.sentence_of(best[1])) if best else ""
    strong = pattern("markers", "strong").search(clause.text)
    if (
        strong
        and clause.text[strong.end() : strong.end() + 1] not in ("化", "性")
        and not (clause.negated and strong[0] in ("一定", "肯定", "保证", "自动"))
    ):
        backed = (
            has(scope, "markers", "must")
            if strong[0] in ("必须", "务必", "强制", "非得", "一定")
            else strong[0] in case.all_evidence
        )
        if (
            re.search("必须|一定|务必", strong[0])
            and has(scope, "markers", "soft")
            and not re.search("应当|须|必须|不得", scope)
        ):
            backed = False
        if re.search("必须.*才|必须先|先.*才", case.text) and re.search("后|须|需|仅|凭|的$", scope):
            backed = True
        if not backed:
            yield Finding(kind="modality", span=strong[0], detail="the evidence does not oblige or guarantee")
    optional = pattern("markers", "optional").search(clause.text)
    if optional and optional[0] not in case.all_evidence:
        yield Finding(kind="modality", span=optional[0], detail="left to choice where the evidence leaves none")


def _party(case: Case, clause: Clause, index: int) -> Iterator[Finding]:
    """The party that acts in the clause must be the one that acts in the evidence."""
    actor = _actor(clause)
    ranked = case.best_of(index)
    if actor is None or not ranked or (actor == "buyer" and _is_address(clause)):
        return
    told = {t.value for c in case.statement[: index + 1] for t in c.tokens} - set(PARTIES)
    best: str | None = None
    weight = 0.0
    for score, evidence in ranked:
        if score < 0.7 * ranked[0][0]:
            break
        given = _actor(evidence) or _inherited(evidence, case)
        if given is None:
            continue
        shared = len(told & evidence.values) + score / 100
        if given == actor and shared >= weight - 0.02:
            return
        if shared > weight:
            best, weight = given, shared
    if best is not None and best != actor:
        yield Finding(kind="party", span=actor, detail=f"the evidence names {best}")


def _inherited(clause: Clause, case: Case) -> str | None:
    """The actor of the clause before it in the same sentence."""
    parts = case.sentence_of(clause)
    for earlier in reversed(parts[: parts.index(clause)]):
        if actor := _actor(earlier):
            return actor
    return None


_ACTS = re.compile(
    "^(?:自己|自行|本人|都|也|均|就)?(?:可以?|应当?|必须|须|不得|不能|不可|有权|无权|要|需|得|会|能|将|来|一律|承担|负责|负|确认|签收|收到|收取|返还|退还|赔|补|支付|提供|发|寄|拒绝|自)"
)


def _actor(clause: Clause) -> str | None:
    """The party after 由 or 归, or one that opens the clause or stands before a verb of duty."""
    named = [t for t in clause.tokens if t.value in PARTIES]
    for token in named:
        if clause.text[max(0, token.start - 1) : token.start] in ("由", "归") or (
            clause.text[max(0, token.start - 1) : token.start] == "得"
        ):
            return token.value
    for token in named:
        rest = clause.text[token.start + len(token.text) :]
        before = clause.text[max(0, token.start - 2) : token.start]
        if re.search(
            "[向给替帮为对跟找与和还把将被至到使让]$|联系$|保证$|要求$|允许$|方便$|提醒$|告知$|通知$|提示$|请$", before
        ):
            continue
        if _ACTS.match(rest) or (token.start <= 1 and not rest.startswith(("的", "之", "与", "和", "及", "、"))):
            return token.value
    return None


def _is_address(clause: Clause) -> bool:
    """您/亲 that only speaks to the shopper."""
    return not re.search(
        "(?:您|你|亲|买家|顾客|消费者)(?:自己|来|承担|出|付|掏|负|要|得|必须|需)|(?:由|得|归)(?:您|你|买家|消费者)",
        clause.text,
    )


def _when(case: Case) -> Iterator[Finding]:
    found = pattern("markers", "future").search(case.text)
    if found and found[0] not in case.all_evidence and found[0] not in ("现在", "当天", "今天", "今日"):
        yield Finding(kind="promise", span=found[0], detail="a time the evidence does not give")
    today = re.search("(?:今天|今日|现在|当天|这就)[^,。;]{0,4}(?:发|到|送|寄|退|给|补|打|帮|处理|开|安排)", case.text)
    if today and not re.search("今天|今日|当天|当日|现在|目前|当前|马上|立即", case.all_evidence):
        yield Finding(kind="promise", span=today[0], detail="a time the evidence does not give")
    soon = re.search("马上|立刻|立即|立马|随时|秒到", case.text)
    if soon and not re.search("即时|马上|立刻|立即|立马|随时|实时|秒", case.all_evidence):
        yield Finding(kind="promise", span=soon[0], detail="a haste the evidence does not promise")
