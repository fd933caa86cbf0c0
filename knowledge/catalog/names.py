"""Which products a shopper's words mean: the longest piece of a name or alias that stands in the text counts, a piece
with the end of a name more, for that is where Chinese says what a thing is (露营灯 is a lamp; 露营 alone is not)."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import nlargest

from knowledge.catalog.views import NameRow
from knowledge.index.cut import normalise

_LEAST = 0.3  # share of a name that must stand in the text
_TIE = 0.95  # share of the best score from which another product is meant as well
WHOLE = 100.0  # a whole name outweighs any piece
_NOT_THE_END = 0.6
_CLOSELY_READ = 200  # products that share most with the text and are read in full


@dataclass(frozen=True)
class Named:
    """`at` is where the product is first named in the normalised text; `score` counts the characters that tell it, and
    is above `WHOLE` for a whole name."""

    product_id: str
    title: str
    score: float
    at: int


class NameIndex:
    """Built once per state of the catalogue; a look-up costs by the length of the text, hardly by the catalogue."""

    def __init__(self, rows: Iterable[NameRow]) -> None:
        self._titles: dict[str, str] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._holding: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            title = normalise(row.title)
            bare = title.removeprefix(normalise(row.brand)) if row.brand else title
            names = {name for name in (title, bare, *map(normalise, row.aliases)) if len(name) > 1}
            self._titles[row.product_id] = row.title
            self._names[row.product_id] = tuple(sorted(names))
            for pair in {pair for name in names for pair in _pairs(name)}:
                self._holding[pair].append(row.product_id)

    def title(self, product_id: str) -> str:
        return self._titles.get(product_id, "")

    @property
    def titles(self) -> frozenset[str]:
        return frozenset(self._titles.values())

    def masked(self, text: str, by: str) -> str:
        """The text, normalised, with `by` in place of the goods it names: what is asked, whatever it is asked of. Where
        there are no goods, the text as it is."""
        if not self._titles:
            return text
        folded = normalise(text)
        clear = [named for named in self.find(folded) if named.score > WHOLE] or self.leading(folded)
        names = {name for named in clear for name in self._names[named.product_id]}
        for name in sorted(names, key=lambda name: (-len(name), name)):
            start, length = _longest_piece(name, folded)
            if length >= max(2.0, _LEAST * len(name)):
                folded = re.sub(_whole(name[start : start + length]), by, folded)
        return re.sub(f"(?:{re.escape(by)}){{2,}}", by, folded)

    def find(self, text: str, among: Collection[str] | None = None) -> list[Named]:
        """Products the text names, best first; `among` limits them to those already spoken of."""
        folded = normalise(text)
        found = []
        for product_id in self._near(folded, among):
            score, at = max(_fit(name, folded) for name in self._names[product_id])
            if score:
                found.append(Named(product_id, self._titles[product_id], score, -at))
        return sorted(found, key=lambda named: (-named.score, named.at, named.product_id))

    def leading(self, text: str, among: Collection[str] | None = None) -> list[Named]:
        """Only those that fit best: one, or several the words cannot tell apart."""
        found = self.find(text, among)
        return [named for named in found if named.score >= _TIE * found[0].score]

    def _near(self, text: str, among: Collection[str] | None) -> list[str]:
        shared: Counter[str] = Counter()
        total = max(1, len(self._titles))
        for pair in set(_pairs(text)):
            holding = self._holding.get(pair, ())
            rarity = math.log(1 + total / len(holding)) if holding else 0.0
            for product_id in holding:
                if among is None or product_id in among:
                    shared[product_id] += rarity  # type: ignore[assignment]
        return nlargest(_CLOSELY_READ, shared, key=lambda product_id: (shared[product_id], product_id))


def _whole(piece: str) -> str:
    """The piece as an expression that cuts no Latin word or figure in two."""
    before = r"(?<![a-z0-9])" if piece[0].isascii() else ""
    after = r"(?![a-z0-9])" if piece[-1].isascii() else ""
    return f"{before}{re.escape(piece)}{after}"


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]


def _fit(name: str, text: str) -> tuple[float, int]:
    """How much of the name stands in the text, and minus where; two pieces may stand apart."""
    if (at := text.find(name)) >= 0:
        return WHOLE + len(name), -at
    start, length = _longest_piece(name, text)
    if length < 2:
        return 0.0, 0
    score, told = _share(name, start, length), length
    rest = name[:start] if start >= len(name) - start - length else name[start + length :]
    other, more = _longest_piece(rest, text)
    if more >= 2:
        moved = 0 if rest == name[:start] and start else start + length
        score, told = score + _share(name, moved + other, more), told + more
    return (score if told >= _LEAST * len(name) else 0.0), -text.find(name[start : start + length])


def _share(name: str, start: int, length: int) -> float:
    return length * (1.0 if start + length == len(name) else _NOT_THE_END)


def _longest_piece(name: str, text: str) -> tuple[int, int]:
    """Start and length of the longest piece of the name that the text holds; of equal ones the later."""
    for length in range(len(name), 1, -1):
        for start in range(len(name) - length, -1, -1):
            if name[start : start + length] in text and not _cuts_figure(name, start):
                return start, length
    return 0, 0


def _cuts_figure(name: str, start: int) -> bool:
    """5升 stands in 25升款 to the letter, and is not what it says."""
    return start > 0 and name[start].isdigit() and name[start - 1].isdigit()
