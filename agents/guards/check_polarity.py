"""What one side denies the other may not assert."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.guards.alignment import Case
from agents.guards.clauses import PARTIES, Clause, Token, tokens_of
from agents.guards.lexicon import load, pattern, words
from agents.guards.quantity_match import same
from agents.guards.verdict import Finding

_GENERIC = re.compile(
    "^(?:再|另|另外|额外|给|被|把|让|由|用|会|能够?|可以?|可能|得|予|许|准|允许|支持|提供|享受|享有|需要?|须|必|要|应当?|该|进行|做|使用|有|是|在|到|属于|算|包括|包含|含|参与|参加|适用|接受|过|办法|法|曾|经|放入?|进|作为|当作|当成|纳入|计入|往里|拿去?|送去?|设成?)+"
)
_TAIL = re.compile(
    "(?:除外|以外|之外|不在[^,。;]{0,10}(?:范围|之列|以内|内)内?|不参与|不参加|不支持|不适用|不享受|不予受理)$"
)
_BEHIND = re.compile(
    "(?P<verb>[一-龥])不(?:了|到|上|成|起|来|出)|(?:是|都|就)?没有的?$|(?:是|就)?不(?:行|可以|能|给|算|支持|在内)的?$|没门$|不行"
)
_JOINING = re.compile("参与|参加|享|适用|属于|算|能|可|也|都|支持|范围|包括|包含|有|含|带|给|放|进|没问题|没事|行$")
_CONDITION = re.compile("的$|时$|^如|^若|^凡|情况下$|的话$")
_LOOSE = frozenset({*PARTIES, "order_item", "start", "end", "counted", "join", "not_join", "order_placed", "apply"})


_MODIFIER = re.compile("(?:不|未|没有?|无)[^,。;、]{1,10}的(?=商品|货|订单|消费者|买家|东西|情况|产品|款|价格)")
_RANK = re.compile(r"前\d+[单名位个]")
_LISTED = re.compile(
    "(?:不得|禁止|不适用|不支持)[^。;]{0,40}(?:下列|以下|:)|下列[^。;]{0,12}除外|除外:|以下[^。;]{0,12}(?:除外|不)"
)


@dataclass(frozen=True)
class Denial:
    """`core` is the concept or character denied first, `scope` all that stands behind the negator."""

    core: str
    scope: frozenset[str]
    words: str
    subject: frozenset[str]
    joining: bool


@lru_cache(maxsize=4096)
def denials(text: str) -> tuple[Denial, ...]:
    masked = pattern("markers", "not_negation").sub(lambda m: "\0" * len(m[0]), text)
    masked = _MODIFIER.sub(lambda m: "\0" * len(m[0]), masked)
    closed = words("markers", "self_contained")
    for token in tokens_of(text):
        if token.value in closed:
            masked = masked[: token.start] + "\0" * len(token.text) + masked[token.start + len(token.text) :]
    out: list[Denial] = []
    for match in _negators().finditer(masked):
        if match.start() and text[match.start() - 1] == text[match.end() : match.end() + 1]:
            continue  # 要不要, 能不能 ask
        before = tokens_of(text[: match.start()])
        phrase = re.split("[,。;、]", text[match.end() :])[0]
        rest = _GENERIC.sub("", phrase)
        rest = re.split("(?<=.)[不没未无也]", rest)[0]
        scope = tokens_of(rest[:16])
        verbs = words("lexicon", "verbs")
        first = next((t for t in scope if t.value in verbs and t.value not in _LOOSE), scope[0] if scope else None)
        core = first.value if first and (first.start <= 1 or first.value in verbs) else rest[:1]
        if core and core != "\0":
            out.append(_denial(core, scope, text[match.start() : match.end() + 6], before, rest != phrase))
    for match in _BEHIND.finditer(masked):
        before = tokens_of(text[: match.start() + 1])
        core = match["verb"] or (before[-1].value if before else "")
        if core:
            out.append(_denial(core, before[-1:], match[0], before[:-1], False))
    if _TAIL.search(masked):
        everything = tokens_of(text)
        out += [_denial(t.value, everything, t.text, (), True) for t in everything if t.value not in PARTIES]
    return tuple(out)


def _denial(core: str, scope: Sequence[Token], said: str, before: Sequence[Token], joining: bool) -> Denial:
    subject = frozenset(t.value for t in before if t.value not in _LOOSE)
    return Denial(core, frozenset(t.value for t in scope) | {core}, said, subject, joining)


@lru_cache(maxsize=1)
def _negators() -> re.Pattern[str]:
    return re.compile(
        "不(?!了|到|上|成|起|来|出|行)(?:支持|予|得|能|可以?|会|允许|参与|参加|提供|享受|适用|属于|在|算|含|包括|包含|用|需要?|必|要|让|给|是)?"
        "|没(?!收)有?|未|无(?:法|需|须)?|别|勿|禁止|拒绝|严禁|免(?!费|洗|打|安|息|疫|单|邮)"
    )


_VERB_OF = {
    "refund": "退",
    "return": "退",
    "exchange": "换",
    "repair": "修",
    "payout": "赔",
    "ship": "发",
    "ship_to": "寄",
}
_PREDICATES = ("warranty", "price_protection", "free", "waterproof")
_BARRED = re.compile("不得|不可以?|不能|禁止|严禁|无权|不允许|不准")
_ALLOWED = re.compile("(?<!不)(?:可以|能够|有权|允许)|(?<![不可])能(?!够)")


def holds(clause: Clause, core: str) -> bool:
    return core in clause.values or core in clause.text or _VERB_OF.get(core, "\0") in clause.text


def check(case: Case) -> Iterator[Finding]:
    seen: set[str] = set()
    if _RANK.search(case.text):  # check_compare judges the place itself
        return
    for index, clause in enumerate(case.statement):
        ranked = case.best_of(index)
        if ranked and ranked[0][0] >= 0.9 and not _is_topic(clause, index, case):
            yield from _clause(case, clause, ranked, frozenset(seen))
        seen |= clause.values - {value for d in denials(clause.text) for value in d.scope}


def _is_topic(clause: Clause, index: int, case: Case) -> bool:
    """The clause only names a case or a subject; what is said of it comes next."""
    if re.search("才|除非|不然|否则|要不|是不是|能不能|吗$", clause.text):
        return True
    last = index + 1 == len(case.statement)
    return not last and re.search("(?:的|的话|时候?|之?后|以后|了|价|款|类|情况|期间)$", clause.text) is not None


def _clause(
    case: Case, clause: Clause, ranked: Sequence[tuple[float, Clause]], seen: frozenset[str]
) -> Iterator[Finding]:
    found: tuple[float, str, str] | None = None
    for score, evidence in ranked:
        if score < max(0.5 * ranked[0][0], 0.6):
            break
        if (found is None or score >= found[0]) and agrees(clause, evidence, seen):
            return
        words_ = None if _under_ban(evidence, clause, case) else conflict(clause, evidence, seen)
        words_ = words_ or _opposite(clause, evidence, case)
        if denials(clause.text) and _LISTED.search(case.all_evidence):
            continue
        if words_ is not None and found is None:
            found = (score, words_, evidence.text)
    if found is not None:
        yield Finding(kind="negation", span=found[1], detail=found[2])


def _under_ban(given: Clause, stated: Clause, case: Case) -> bool:
    """不得 reaches over the clauses coordinated behind it."""
    if not denials(stated.text) or denials(given.text):
        return False
    parts = case.sentence_of(given)
    return any(_BARRED.search(c.text) for c in parts[: parts.index(given)])


def conflict(stated: Clause, given: Clause, seen: frozenset[str]) -> str | None:
    """One side denies what the other asserts without denying anything."""
    if stated.quantities and given.quantities and any(q.bound in ("lt", "gt") for q in stated.quantities):
        return None
    if "默认" in given.text:
        return None
    mine, theirs = denials(stated.text), denials(given.text)
    if mine and theirs:
        barred = _BARRED.search(given.text) and not _BARRED.search(stated.text) and _ALLOWED.search(stated.text)
        return stated.text if barred and len(stated.values & given.values) * 2 > len(stated.values) else None
    for denial in mine:
        told = denial.core not in _LOOSE and holds(given, denial.core) and not _CONDITION.search(given.text)
        if told and (not denial.joining or _JOINING.search(given.text) or denial.core in given.values):
            return denial.words
    for denial in theirs:
        if _CONDITION.search(given.text) or not holds(stated, denial.core) or denial.core in _LOOSE:
            continue
        if denial.subject and not denial.subject & (stated.values | seen):
            continue
        if not denial.joining or _JOINING.search(stated.text):
            return stated.text
    return None


def agrees(stated: Clause, given: Clause, seen: frozenset[str]) -> bool:
    """Both speak of the same predicate the same way, of the same things."""
    mine, theirs = denials(stated.text), denials(given.text)
    if bool(mine) != bool(theirs):
        return False
    if any(same(a, b) for a in stated.quantities for b in given.quantities) and stated.values & given.values:
        return True
    if mine:
        if bool(_BARRED.search(given.text)) != bool(_BARRED.search(stated.text)) and _ALLOWED.search(stated.text):
            return False
        return any(a.scope & b.scope or a.core in given.text or b.core in stated.text for a in mine for b in theirs)
    verbs = words("lexicon", "verbs")
    shared = stated.values & given.values
    others = {t.value for t in given.tokens if t.value not in verbs and t.value not in _LOOSE}
    if others and not others & (stated.values | seen):
        return False
    return bool(shared & {*verbs, *_PREDICATES}) or bool(
        shared and _CHARS.findall(stated.text) == _CHARS.findall(given.text)
    )


_CHARS = re.compile("[退换修赔送补寄发收洗减抵免]")


def _opposite(stated: Clause, given: Clause, case: Case) -> str | None:
    """Words that are each other's contrary, as 免费 and 另收."""
    if denials(stated.text) or denials(given.text):
        return None
    for left, right in load("markers")["contraries"]:
        for a, b in ((left, right), (right, left)):
            if a in stated.values and b in given.values and b not in stated.values and a not in case.evidence_values:
                return next(t.text for t in stated.tokens if t.value == a)
    return None
