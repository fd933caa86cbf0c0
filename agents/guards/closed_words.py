"""Words on live facts — an order, a price, a computed right — may use no content word, figure or negation of their own.

Each clause must be covered by one sentence of the evidence, so that the state of one order cannot be told of another and
a figure cannot change its subject. Plain on purpose: where money and parcels are concerned, fluent is no excuse.
"""

import re
from collections.abc import Sequence
from functools import cache

from agents.guards.statements import split_statements
from agents.guards.text import fold
from agents.guards.verdict import Finding
from knowledge.index.cut import words
from knowledge.index.near_miss import function_words

_CLAUSE = re.compile(r"[，,；;：:。！？!?]+")
_FIGURE = re.compile(r"[a-z]{0,4}\d+(?:[.:]\d+)*")
_NEGATION = re.compile(r"[不没未无非别]")
_POLITE = frozenset(
    "您 您好 您的 亲 你 你的 请 请问 哦 呢 哈 啦 呀 的 了 是 在 有 于 已 已经 目前 现在 为 帮 查 查到 到 这 这个 该 此 就 也 和 以及 还 "
    "可以 为您 一下 我 我们 这边 显示 情况 信息 如下 其中 订单 商品 谢谢 感谢 耐心 等待 好 好的 呢 哟 嗯 那 那么 会 将".split()
)  # fmt: skip


@cache
def _free() -> frozenset[str]:
    return _POLITE | function_words()


def check_closed(evidence: Sequence[str], statement: str) -> list[Finding]:
    """Empty when every clause of the statement is one evidence sentence told in that sentence's own words."""
    sources = [fold(sentence) for text in evidence for sentence in split_statements(text)]
    text = fold(statement)
    if any(text.rstrip("。！？；") in source for source in sources):
        return []
    whole = [source for source in sources if _covers(source, text)]
    if whole:
        return []
    return [
        Finding(kind="live_fact", span=clause, detail="not in one sentence of the live facts")
        for clause in _CLAUSE.split(text)
        if clause.strip() and not any(_covers(source, clause) for source in sources)
    ] or ([] if _one_subject(sources, text) else [Finding(kind="live_fact", span=text, detail="joins two facts")])


def _covers(source: str, clause: str) -> bool:
    if not set(_FIGURE.findall(clause)) <= set(_FIGURE.findall(source)):
        return False
    if len(_NEGATION.findall(clause)) > len(_NEGATION.findall(source)):
        return False
    if _NEGATION.search(source) and not _NEGATION.search(clause) and _shares_verb(source, clause):
        return False
    return all(word in source for word in words(clause) if word not in _free() and not word.isspace())


def _shares_verb(source: str, clause: str) -> bool:
    """A clause of the source that the statement repeats is negated there."""
    return any(
        _NEGATION.search(part) and any(word in part for word in words(clause) if word not in _free())
        for part in _CLAUSE.split(source)
    )


def _one_subject(sources: Sequence[str], text: str) -> bool:
    """Clauses taken from several sentences must be of one subject: sentences that name the same order or product."""
    subjects = [
        _subject(next(source for source in sources if _covers(source, clause)))
        for clause in _CLAUSE.split(text)
        if clause.strip() and any(word not in _free() for word in words(clause))
    ]
    return len(set(subjects)) <= 1


def _subject(source: str) -> str:
    found = re.search(r"订单([a-z]{0,4}\d{6,})|[“「]([^”」]+)[”」]", source)
    return found[0] if found else source
