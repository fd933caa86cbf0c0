"""Which products a shopper's words mean. Whole names and aliases count most; else the words of a title that stand in
the text, rare ones more, so that “高背款” tells two chairs apart and “折叠椅” does not."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from knowledge.catalog.views import NameRow
from knowledge.index.cut import normalise, words

_SHORTEST, _LONGEST = 2, 16  # characters of a word or alias looked up in the text
_LEAST = 0.3  # share of a title's word weight that must stand in the text
_TIE = 0.999  # share of the best score from which another product is meant as well
_WHOLE = 2.0  # a whole name outweighs any sum of words
_GENERIC = frozenset(["套装", "系列", "款式", "商品", "产品", "标准", "经典", "新款"])


@dataclass(frozen=True)
class Named:
    """`at` is where the product is first named in the normalised text; `score` above 2 means a whole name."""

    product_id: str
    title: str
    score: float
    at: int


class NameIndex:
    """Built once per state of the catalogue; a look-up costs by the length of the text, not by the catalogue."""

    def __init__(self, rows: Iterable[NameRow]) -> None:
        self._titles: dict[str, str] = {}
        self._names: dict[str, set[str]] = defaultdict(set)
        self._words: dict[str, set[str]] = defaultdict(set)
        self._weights: dict[str, dict[str, float]] = {}
        parts: dict[str, set[str]] = {}
        known: Counter[str] = Counter()
        for row in rows:
            self._titles[row.product_id] = row.title
            title = normalise(row.title)
            bare = title.removeprefix(normalise(row.brand)) if row.brand else title
            for name in {title, bare, *map(normalise, row.aliases)}:
                if len(name) >= _SHORTEST:
                    self._names[name].add(row.product_id)
            mine = {word for word in words(bare) if len(word) >= _SHORTEST and word not in _GENERIC}
            parts[row.product_id] = mine
            known.update(mine)
        total = max(1, len(parts))
        for product_id, mine in parts.items():
            weights = {word: math.log(1 + total / known[word]) for word in mine}
            whole = sum(weights.values()) or 1.0
            self._weights[product_id] = {word: weight / whole for word, weight in weights.items()}
            for word in mine:
                self._words[word].add(product_id)
        self._longest = max((len(name) for name in (*self._names, *self._words)), default=0)

    def title(self, product_id: str) -> str:
        return self._titles.get(product_id, "")

    def find(self, text: str, among: Collection[str] | None = None) -> list[Named]:
        """Products the text names, best first; `among` limits them to those already spoken of. Several share the lead
        where the words fit them alike."""
        folded = normalise(text)
        wholes, scores, first = self._matches(folded, among)
        found = [
            Named(product_id, self._titles[product_id], _WHOLE + length, first[product_id])
            for product_id, length in wholes.items()
        ]
        found += [
            Named(product_id, self._titles[product_id], score, first[product_id])
            for product_id, score in scores.items()
            if product_id not in wholes and score >= _LEAST
        ]
        return sorted(found, key=lambda named: (-named.score, named.at, named.product_id))

    def leading(self, text: str, among: Collection[str] | None = None) -> list[Named]:
        """Only those that fit best: one, or several the words cannot tell apart."""
        found = self.find(text, among)
        return [named for named in found if named.score >= _TIE * found[0].score]

    def _matches(
        self, text: str, among: Collection[str] | None
    ) -> tuple[dict[str, float], dict[str, float], dict[str, int]]:
        wholes: dict[str, float] = {}
        scores: dict[str, float] = defaultdict(float)
        first: dict[str, int] = {}
        counted: set[tuple[str, str]] = set()
        for start in range(len(text)):
            for length in range(_SHORTEST, min(self._longest, len(text) - start) + 1):
                piece = text[start : start + length]
                for product_id in self._names.get(piece, ()):
                    if among is None or product_id in among:
                        wholes[product_id] = max(wholes.get(product_id, 0.0), float(length))
                        first.setdefault(product_id, start)
                if length > _LONGEST:
                    continue
                for product_id in self._words.get(piece, ()):
                    if (among is None or product_id in among) and (product_id, piece) not in counted:
                        counted.add((product_id, piece))
                        scores[product_id] += self._weights[product_id][piece]
                        first.setdefault(product_id, start)
        return wholes, scores, first
