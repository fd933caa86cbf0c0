"""How much a piece has to do with the question: words shared, rare ones more, and the kind of thing asked for."""

import math
import re
from collections import Counter
from collections.abc import Mapping

from agents.support.answer_types import Gathered
from agents.support.compose_sentences import Piece, character_pairs, pieces_of
from agents.support.gate_features import target_of
from knowledge.index.cut import cut, normalise
from knowledge.index.expand import shipped_groups, weighted_terms
from knowledge.index.near_miss import function_words

_WORDING = 0.5  # weight of the words of a wording that is filed for the same evidence and lies near the question
_SAID = 1.35  # the sentence nearest in meaning
_ON_TARGET = 1.2
_LENGTH = 0.4  # how strongly a longer piece must share more
_SAME = 0.7  # share of character pairs from which two pieces say the same
_THE_SAME = 0.92  # cosine from which the question filed is taken for the one asked
_TELLING = re.compile(r"[不未无没非禁0-9]")  # twins that differ in these say different things


class Ranking:
    """Word weights come from the retrieved sentences: what they all say tells them apart least."""

    def __init__(self, gathered: Gathered) -> None:
        self._target = target_of(gathered.query)
        pieces = [piece for hit in gathered.hits for piece in pieces_of(0, hit.text)]
        self._known = Counter(term for piece in pieces for term in set(cut(piece.text)))
        self._of = max(1, len(pieces))
        self._query = {
            term: min(weight, 1.0) for term, weight in weighted_terms(gathered.query, shipped_groups()).items()
        }
        self._wordings: dict[int, Mapping[str, float]] = {}
        self._nearest: dict[int, str] = {}
        by_chunk = {hit.chunk_id: hit for hit in gathered.hits}
        nearest = max(gathered.hits, key=lambda hit: hit.dense, default=None)
        asked = nearest is not None and nearest.unit_kind == "question" and nearest.dense >= _THE_SAME
        self._asked = nearest.chunk_id if nearest and asked else ""
        for item in gathered.evidence:
            hit = by_chunk.get(item.source.chunk_id)
            if hit is None:
                continue
            if hit.unit_kind == "question":
                self._wordings[item.number] = weighted_terms(hit.unit_text, shipped_groups())
            elif hit.unit_kind in ("says", "window"):
                self._nearest[item.number] = hit.unit_text

    def was_asked(self, chunk_id: str) -> bool:
        """Whether a question filed with this chunk is the one asked."""
        return chunk_id == self._asked

    def weight(self, piece: Piece) -> float:
        text = piece.lead + piece.text
        terms = set(cut(text))
        wording = self._wordings.get(piece.number, {})
        shared = sum(weight * self._rarity(term) for term, weight in self._query.items() if term in terms)
        shared += sum(
            _WORDING * min(weight, 1.0) * self._rarity(term)
            for term, weight in wording.items()
            if term in terms and term not in self._query
        )
        nearest = self._nearest.get(piece.number, "")
        said = _SAID if nearest and (piece.text in nearest or nearest in piece.text) else 1.0
        target = _ON_TARGET if self._target and self._target.holds.search(normalise(piece.text)) else 1.0
        return shared * said * target / float(max(1.0, len(text) / 20) ** _LENGTH)

    def _rarity(self, term: str) -> float:
        if term in function_words():
            return 0.0
        return math.log(1 + self._of / (1 + self._known[term])) * (0.5 if len(term) == 1 else 1.0)


def alike(one: str, other: str) -> bool:
    """Whether the shorter says little the longer does not."""
    if _TELLING.findall(one) != _TELLING.findall(other):
        return False
    left, right = character_pairs(one), character_pairs(other)
    smaller = min(len(left), len(right))
    return smaller > 0 and len(left & right) >= _SAME * smaller
