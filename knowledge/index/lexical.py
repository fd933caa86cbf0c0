"""BM25 (the lucene form: no (k1+1) factor, idf never negative) over pre-cut texts, in memory and incremental.

Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework". Postings are flat arrays a term; what a term adds to
each document is computed when first asked for and kept until the next change.
"""

import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
K1 = 0.6  # questions repeat little: a term said twice says hardly more than once
B = 0.75
_DENSE_FROM = 8  # a term in more than 1/8 of all documents is kept as a full column: adding that is a straight sweep


@dataclass(frozen=True)
class Coverage:
    """`share` in 0..1 of the query's idf mass that the document holds; `missing` in falling idf."""

    share: float
    missing: tuple[str, ...] = ()


class LexicalIndex:
    """`version` is whatever the caller stamps (the corpus version applied); it never moves by itself.
    All methods may be called from any thread."""

    def __init__(self, version: int = 0) -> None:
        self.version = version
        self._lock = threading.RLock()
        self._clear()

    def _clear(self) -> None:
        self._slot_of: dict[str, int] = {}
        self._id_of: list[str | None] = []
        self._terms_of: list[tuple[str, ...]] = []
        self._lengths = array("f")
        self._slots: dict[str, array[int]] = {}
        self._counts: dict[str, array[float]] = {}
        self._df: Counter[str] = Counter()
        self._live = 0
        self._total = 0.0
        self._forget()

    def _forget(self) -> None:
        self._impacts: dict[str, tuple[NDArray[np.int32] | None, Floats]] = {}
        self._norms: Floats | None = None

    def replace(self, docs: Mapping[str, Sequence[str]]) -> None:
        """Holds exactly these id → terms afterwards."""
        with self._lock:
            self._clear()
            self.upsert(docs)

    def upsert(self, docs: Mapping[str, Sequence[str]]) -> None:
        with self._lock:
            self._remove(docs)
            for doc_id, terms in docs.items():
                self._add(doc_id, terms)
            self._forget()

    def delete(self, ids: Iterable[str]) -> None:
        """Unknown ids are ignored."""
        with self._lock:
            self._remove(ids)
            self._forget()

    def _add(self, doc_id: str, terms: Sequence[str]) -> None:
        slot = len(self._id_of)
        counts = Counter(terms)
        for term, count in counts.items():
            if term not in self._slots:
                self._slots[term], self._counts[term] = array("i"), array("f")
            self._slots[term].append(slot)
            self._counts[term].append(count)
        self._df.update(counts.keys())
        self._slot_of[doc_id] = slot
        self._id_of.append(doc_id)
        self._terms_of.append(tuple(counts))
        self._lengths.append(len(terms))
        self._live += 1
        self._total += len(terms)

    def _remove(self, ids: Iterable[str]) -> None:
        """The slot dies and its postings stay until a quarter is dead; df, N and the mean length are exact at once."""
        for doc_id in ids:
            slot = self._slot_of.pop(doc_id, None)
            if slot is None:
                continue
            for term in self._terms_of[slot]:
                self._df[term] -= 1
            self._id_of[slot], self._terms_of[slot] = None, ()
            self._live -= 1
            self._total -= self._lengths[slot]
        if len(self._id_of) > 64 and self._live < len(self._id_of) * 3 // 4:
            self._compact()

    def _compact(self) -> None:
        alive = np.array([doc_id is not None for doc_id in self._id_of], dtype=bool)
        moved = np.cumsum(alive, dtype=np.int32) - 1
        for term in list(self._slots):
            slots = np.array(self._slots[term], dtype=np.int32)
            keep = alive[slots]
            if not keep.any():
                del self._slots[term], self._counts[term], self._df[term]
                continue
            self._slots[term] = array("i", moved[slots[keep]].tobytes())
            self._counts[term] = array("f", np.array(self._counts[term], dtype=np.float32)[keep].tobytes())
        kept = np.flatnonzero(alive)
        self._lengths = array("f", np.array(self._lengths, dtype=np.float32)[kept].tobytes())
        self._terms_of = [self._terms_of[slot] for slot in kept]
        self._id_of = [self._id_of[slot] for slot in kept]
        self._slot_of = {doc_id: slot for slot, doc_id in enumerate(self._id_of) if doc_id is not None}

    def __len__(self) -> int:
        return self._live

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._slot_of

    def ids(self) -> set[str]:
        with self._lock:
            return set(self._slot_of)

    def idf(self, term: str) -> float:
        df = self._df.get(term, 0)
        return float(np.log1p((self._live - df + 0.5) / (df + 0.5)))

    def _impact(self, term: str) -> tuple[NDArray[np.int32] | None, Floats]:
        """What the term adds per document: (slots, values), or (None, full column) for a common term."""
        ready = self._impacts.get(term)
        if ready is not None:
            return ready
        if self._norms is None:
            mean = self._total / max(self._live, 1) or 1.0
            self._norms = np.float32(K1) * (1 - B + B * np.array(self._lengths, dtype=np.float32) / np.float32(mean))
        slots = np.array(self._slots[term], dtype=np.int32)
        counts = np.array(self._counts[term], dtype=np.float32)
        values = (np.float32(self.idf(term)) * counts / (counts + self._norms[slots])).astype(np.float32)
        made: tuple[NDArray[np.int32] | None, Floats] = (slots, values)
        if len(slots) * _DENSE_FROM > len(self._id_of):
            column = np.zeros(len(self._id_of), dtype=np.float32)
            column[slots] = values
            made = (None, column)
        self._impacts[term] = made
        return made

    def slot(self, doc_id: str) -> int:
        """Position of a document in `totals`; any change of the index may move it."""
        return self._slot_of[doc_id]

    def totals(self, terms: Mapping[str, float]) -> Floats:
        """Raw BM25 by slot for weighted query terms; the slot of a deleted document holds a meaningless number."""
        with self._lock:
            return self._totals(terms)

    def top(self, terms: Mapping[str, float], k: int) -> list[tuple[str, float]]:
        """Best first; ties by id, so that the order never depends on the order of insertion."""
        with self._lock:
            total = self._totals(terms)
            if self._live < len(self._id_of):
                total[[slot for slot, doc_id in enumerate(self._id_of) if doc_id is None]] = 0.0
            wanted = min(k, int(np.count_nonzero(total > 0)))
            if not wanted:
                return []
            floor = np.partition(total, -wanted)[-wanted]
            slots = np.flatnonzero(total >= floor)
            ranked = sorted((-float(total[slot]), self._id_of[slot] or "") for slot in slots)
            return [(doc_id, -score) for score, doc_id in ranked[:wanted]]

    def _totals(self, terms: Mapping[str, float]) -> Floats:
        total = np.zeros(len(self._id_of), dtype=np.float32)
        for term, weight in terms.items():
            if weight <= 0 or self._df.get(term, 0) <= 0:
                continue
            slots, values = self._impact(term)
            if slots is None:
                total += values * np.float32(weight)
            else:
                total[slots] += values * np.float32(weight)
        return total

    def idf_coverage(self, terms: Iterable[str], doc_id: str) -> Coverage:
        """Which of the query's information the document holds at all; the best cheap sign of a near miss (right topic,
        fact absent). A term no document knows counts with the idf of a term seen once."""
        with self._lock:
            slot = self._slot_of.get(doc_id)
            held = set(self._terms_of[slot]) if slot is not None else set()
            masses = {term: self.idf(term) for term in dict.fromkeys(terms)}
            total = sum(masses.values())
            missing = sorted((term for term in masses if term not in held), key=lambda term: -masses[term])
            share = 1 - sum(masses[term] for term in missing) / total if total else 0.0
            return Coverage(share, tuple(missing))
