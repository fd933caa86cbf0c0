"""Sentences taken over word for word, and sentences that differ from the evidence by a word or two."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from agents.guards.alignment import Case
from agents.guards.clauses import PARTIES, tokens_of
from agents.guards.lexicon import synonyms
from agents.guards.verdict import Finding

_SPACE = re.compile(r"[\s\"'“”‘’「」《》]+")
_STOP = "。;!?\n|:】[]()"
_SOFT = _STOP + ","
_NEGATOR = re.compile("不|没|未|无|非|别|勿|免|禁|拒|除外")
_HARMLESS = re.compile(
    "不锈|无论|不论|不管|不仅|非常|特别|分别|区别|别的|级别|不同|未来|不过|免费|无线|不少于|不低于|不超过"
)
_BOUND = re.compile(
    "超过|超出|不满|不足|未满|满(?!意|减)|以上|以下|以内|以外|之前|之后|至少|最多|最长|最短|仅|只有|只限|除"
)
_BAN = re.compile("不得|禁止|不能|不可|严禁")
CLOSE = 0.86
_MIN_LENGTH = 6


def whole(case: Case) -> bool:
    """The statement is one stretch of the evidence from the start of a sentence to a comma or stop."""
    stated = _bare(case.text).strip(_SOFT)
    return bool(stated) and any(_stretch(stated, _bare(text)) for text in case.evidence_texts)


def _stretch(stated: str, text: str) -> bool:
    start = text.find(stated)
    while start >= 0:
        end = start + len(stated)
        if (start == 0 or text[start - 1] in _STOP) and (end == len(text) or text[end] in _SOFT):
            return True
        start = text.find(stated, start + 1)
    return False


@lru_cache(maxsize=1024)
def _bare(text: str) -> str:
    return _SPACE.sub("", text)


def check(case: Case) -> Iterator[Finding]:
    """An almost literal sentence whose party or negation was exchanged."""
    stated = _bare(case.text).strip(_SOFT)
    if len(stated) < _MIN_LENGTH:
        return
    best: tuple[float, str, SequenceMatcher[str]] | None = None
    for sentence in _sentences(case.evidence_texts):
        if len(sentence) < _MIN_LENGTH or not 0.6 <= len(stated) / len(sentence) <= 1.6:
            continue
        matcher = SequenceMatcher(None, sentence, stated, autojunk=False)
        if matcher.quick_ratio() < CLOSE:
            continue
        ratio = matcher.ratio()
        if ratio >= CLOSE and (best is None or ratio > best[0]):
            best = (ratio, sentence, matcher)
    if best is not None:
        yield from _differences(best[1], stated, best[2], _bare(case.all_evidence))


@lru_cache(maxsize=256)
def _sentences(texts: tuple[str, ...]) -> tuple[str, ...]:
    whole_ones = [p for text in texts for p in re.split(r"[。;!?\n|]+", _bare(text)) if p]
    return tuple(dict.fromkeys([*whole_ones, *(c for p in whole_ones for c in re.split("[,:】]", p) if c)]))


def _differences(given: str, stated: str, matcher: SequenceMatcher[str], everything: str) -> Iterator[Finding]:
    mine, theirs = _parties(stated), _parties(given)
    if len(mine) == len(theirs):
        for (value, word), (other, _) in zip(mine, theirs, strict=True):
            if value != other:
                yield Finding(kind="party", span=word, detail=f"the evidence says {other}")
                return
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    for _, a, b, c, d in changes:
        if bool(_BOUND.search(given[a:b])) != bool(_BOUND.search(stated[c:d])):
            yield Finding(kind="condition", span=stated[max(0, c - 1) : d + 2], detail=given[max(0, a - 1) : b + 2])
    if (_negations(given) and _negations(given) % 2 == _negations(stated) % 2) or _banned(given, stated, everything):
        return
    for _, a, b, c, d in changes:
        old, new = given[max(0, a - 1) : b + 2], stated[max(0, c - 1) : d + 2]
        if _negations(given[a:b]) % 2 != _negations(stated[c:d]) % 2 and not _synonymous(given[a:b], stated[c:d]):
            yield Finding(kind="negation", span=new, detail=old)


def _banned(given: str, stated: str, everything: str) -> bool:
    """A list item under 不得, told with the 不得 of the list's head."""
    return bool(_BAN.search(stated) and not _BAN.search(given) and _BAN.search(everything.replace(given, "")))


def _negations(text: str) -> int:
    return len(_NEGATOR.findall(_HARMLESS.sub("", text)))


def _parties(text: str) -> list[tuple[str, str]]:
    return [(t.value, t.text) for t in tokens_of(text) if t.value in PARTIES]


def _synonymous(a: str, b: str) -> bool:
    group_of = synonyms()[1]
    return a in group_of and group_of[a] == group_of.get(b)
