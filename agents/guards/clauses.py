"""Text cut into clauses and clauses into tokens: concept, word, quantity or label, each with its negation."""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

import rjieba

from agents.guards.lexicon import classes, light, pattern, single_synonyms, synonyms, words
from agents.guards.numerals import parse_number
from agents.guards.quantities import Quantity, models, quantities

_SENTENCE = re.compile(r"[。;!?\n|]+")
_COMMA = re.compile(r"[,,]+")
_HEAD = re.compile(r"^([^:,。;]{1,24}):(?!\d\d(?!\d))")  # 20:00 is no heading
_TITLE = re.compile(r"^(《[^》]{2,40}》(?:第[一二三四五六七八九十百0-9]+条)?)[::]?")
_PAIRED = re.compile("(不[^不得能会可是无,。]{1,2})不")
_RELATIVE = re.compile("[^,。;]*的(?=商品|货|东西|订单|产品|消费者|买家|款式|情况)")
_MODAL = re.compile("(?<![不未没无认许])(?:可以|可|能够|能|应当|必须|须)(?![能是])|的(?=不|可|能|应|须|由|无)")
_JOINED = re.compile("[也、且]|又|并且|而且")
_ASIDE = re.compile(r"\(([^()]*(?:除外|不含|不包括|仅限|限|不参与|不支持)[^()]*)\)")
_CONTENT = ("n", "v", "a", "i", "j", "l", "z", "eng", "b", "x", "t", "s", "f", "d", "m", "q")


PARTIES = ("seller", "buyer", "platform", "courier", "maker", "host", "insurer", "regulator")
_AFTER_QUANTITY = tuple("内里后前起间")


@dataclass(frozen=True)
class Token:
    """`value` is the concept's name for a known synonym, else the word; `known` tells the two apart."""

    text: str
    value: str
    start: int
    known: bool = False
    label: bool = False
    noun: bool = False
    weight: float = 1.0


@dataclass(frozen=True)
class Clause:
    """`source` is the evidence's index, `sentence` a running number; `heading` holds what stands before its colon."""

    text: str
    tokens: tuple[Token, ...]
    quantities: tuple[Quantity, ...]
    source: int = 0
    sentence: int = 0
    heading: tuple[Token, ...] = ()
    values: frozenset[str] = field(default_factory=frozenset)

    @property
    def negated(self) -> bool:
        """Of the last predicate: 未拆封可退 is not negated. Odd in any coordinated part: 不能X也不能Y is negated."""
        tail = _RELATIVE.sub("", _MODAL.split(self.text)[-1])
        return any(count_negations(part) % 2 for part in _JOINED.split(tail))


def count_negations(text: str) -> int:
    masked = pattern("markers", "not_negation").sub(lambda m: "\0" * len(m[0]), text)
    matcher, group_of = synonyms()
    closed = words("markers", "self_contained")
    masked = matcher.sub(lambda m: "\0" * len(m[0]) if group_of[m[0]] in closed else m[0], masked)
    masked = _PAIRED.sub(r"\1", masked)
    return len(pattern("markers", "negators").findall(masked))


def statement_clauses(text: str) -> tuple[Clause, ...]:
    parts = [part for sentence in _SENTENCE.split(text) for part in _COMMA.split(sentence) if part.strip()]
    return tuple(_clause(part, 0, index, ()) for index, part in enumerate(parts))


@lru_cache(maxsize=512)
def evidence_clauses(text: str, source: int) -> tuple[Clause, ...]:
    text = _ASIDE.sub(r",\1,", text)
    out: list[Clause] = []
    document: tuple[Token, ...] = ()
    for number, sentence in enumerate(s for s in _SENTENCE.split(text) if s.strip()):
        heading: tuple[Token, ...] = ()
        head = _HEAD.match(sentence) or _TITLE.match(sentence)
        if head:
            heading = tokens_of(head[1])
            if number == 0:
                document = heading
            if quantities(head[1]):  # 主播口播(3月8日20:15): and 三人帐篷: hold values of their own
                out.append(_clause(head[1], source, source * 1000 + number, document))
            sentence = sentence[head.end() :]
        for part in _COMMA.split(sentence):
            if part.strip():
                out.append(_clause(part, source, source * 1000 + number, heading or document))
    return tuple(out)


def _clause(text: str, source: int, sentence: int, heading: tuple[Token, ...]) -> Clause:
    tokens = tokens_of(text)
    values = frozenset(t.value for t in tokens)
    return Clause(text, tokens, quantities(text), source, sentence, heading, values)


@lru_cache(maxsize=4096)
def tokens_of(text: str) -> tuple[Token, ...]:
    """Content tokens only: function words, numbers and generic words are left out."""
    spans: list[tuple[int, int, str, bool, bool]] = []
    busy = [False] * len(text)
    matcher, group_of = synonyms()
    found = [(start, end, _plain_digits(text[start:end]), True) for start, end in models(text)]
    found += [(m.start(), m.end(), group_of.get(m[0], m[0]), True) for m in _labels().finditer(text)]
    found += [(m.start(), m.end(), group_of[m[0]], False) for m in matcher.finditer(text)]
    for start, end, value, label in sorted(found, key=lambda f: (f[0] - f[1], not f[3])):
        _claim(spans, busy, start, end, value, label)
    for quantity in quantities(text):
        stop = quantity.end + (text[quantity.end : quantity.end + 1] in _AFTER_QUANTITY)
        busy[quantity.start : stop] = [True] * (stop - quantity.start)
    verbs = words("lexicon", "verbs")
    tokens = [
        Token(text[a:b], value, a, known, label, label or value not in verbs) for a, b, value, known, label in spans
    ]
    tokens.extend(_words(text, busy))
    return tuple(sorted(tokens, key=lambda t: t.start))


def _plain_digits(label: str) -> str:
    """五号电池 and 5号电池 are one label."""
    head = re.match(r"[一二三四五六七八九十百]+", label)
    value = parse_number(head[0]) if head else None
    return label if head is None or value is None else f"{value}{label[head.end() :]}"


@cache
def _labels() -> re.Pattern[str]:
    members = sorted((w.lower() for many in classes().values() for w in many), key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, members)))


def _claim(
    spans: list[tuple[int, int, str, bool, bool]],
    busy: list[bool],
    start: int,
    end: int,
    value: str,
    label: bool = False,
) -> None:
    if not any(busy[start:end]):
        spans.append((start, end, value, not label, label))
        busy[start:end] = [True] * (end - start)


def _words(text: str, busy: list[bool]) -> list[Token]:
    found: list[Token] = []
    index = 0
    while index < len(text):
        if busy[index]:
            index += 1
            continue
        stop = index
        while stop < len(text) and not busy[stop]:
            stop += 1
        offset = index
        for word, tag in rjieba.tag(text[index:stop]):
            if _is_content(word, tag) or single_synonyms().get(word) in PARTIES:
                value = single_synonyms().get(word)
                weight = 0.7 if value else _weight(word, tag)
                noun = value not in words("lexicon", "verbs") if value else _nominal(word, tag)
                found.append(Token(word, value or word, offset, value is not None, noun=noun, weight=weight))
            offset += len(word)
        index = stop
    return found


def _is_content(word: str, tag: str) -> bool:
    return word.isalnum() and word not in light() and tag.startswith(_CONTENT) and not word.isdigit()


_THINGS = tuple(
    "管机器件盒袋杯壶板架套芯膜片圈条线盖柄扇屏灯锅刀布垫枕被单衣裤裙鞋帽包箱桶瓶罐膏霜乳液粉油茶酒肉果米面糕饼糖券卡款版码色员店仓费金率"
)


def _nominal(word: str, tag: str) -> bool:
    return (len(word) > 2 and word.endswith(_THINGS)) or not tag.startswith(
        ("v", "a", "d", "p", "m", "q", "r", "f", "c", "u", "y", "z")
    )


def _weight(word: str, tag: str) -> float:
    if len(word) == 1:
        return 0.4
    if tag.startswith(("v", "a")):
        return 0.7
    return 1.0 if _nominal(word, tag) and not tag.startswith("t") else 0.5
