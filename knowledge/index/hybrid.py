"""One collection searched by meaning and by words, in memory; answers in chunks, which are what a citation names."""

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge.index.expand import SynonymGroup, shipped_groups, weighted_terms
from knowledge.index.fusion import Floats, Leg, fuse
from knowledge.index.lexical import LexicalIndex
from knowledge.index.near_miss import content_terms
from knowledge.index.ports import Vectors
from knowledge.index.snapshot import Snapshot, lexical_docs, take_snapshot
from knowledge.index.units import Unit
from knowledge.kit.errors import InvalidInputError


@dataclass(frozen=True)
class Ranked:
    """`score` is fused and in 0..1 within this query only; `dense` is raw cosine, `lexical` raw BM25; `unit_id` is the
    unit nearest in meaning (the body when the dense leg is missing)."""

    chunk_id: str
    score: float
    dense: float
    lexical: float
    unit_id: str


@dataclass(frozen=True)
class Features:
    """What a refusal may rest on. Raw values are comparable within one collection, not between collections."""

    top_dense: float = 0.0
    top_lexical: float = 0.0
    margin: float = 0.0  # fused score of the best chunk less that of the second
    coverage: float = 0.0  # idf share of the query's content words the best chunk holds
    missing: tuple[str, ...] = ()  # content words it lacks, weightiest first


@dataclass(frozen=True)
class Found:
    ranked: tuple[Ranked, ...] = ()
    features: Features = field(default_factory=Features)
    legs: Leg = "none"

    @property
    def degraded(self) -> bool:
        """One leg took no part although there was something to search."""
        return self.legs in ("dense", "lexical")


class HybridIndex:
    """Exact over all rows: about 5 ms at 10,000 chunks. Safe between threads; a search sees the state before or after
    a change, never between. `version` is the corpus version the caller stamps."""

    def __init__(self, dim: int, groups: tuple[SynonymGroup, ...] | None = None) -> None:
        self._dim = dim
        self._groups = shipped_groups() if groups is None else groups
        self._lock = threading.RLock()
        self._units: dict[str, list[Unit]] = {}
        self._vectors: dict[str, Vectors] = {}
        self._lexical = LexicalIndex()
        self._now: Snapshot = take_snapshot({}, {}, self._lexical, dim)

    @property
    def version(self) -> int:
        return self._lexical.version

    @property
    def vectors(self) -> Mapping[str, Vectors]:
        """Unit id → vector, as they are now; a copy of the mapping, not of the rows."""
        with self._lock:
            return dict(self._vectors)

    def __len__(self) -> int:
        """Chunks, not units."""
        return len(self._units)

    def replace(self, units: Iterable[Unit], vectors: Mapping[str, Vectors], version: int = 0) -> None:
        """Holds exactly these units afterwards. A unit without a vector is found by its words alone."""
        grouped = _by_chunk(units)
        docs = {doc_id: terms for chunk in grouped.values() for doc_id, terms in lexical_docs(chunk).items()}
        kept = self._checked(grouped, vectors)
        with self._lock:
            self._units, self._vectors = grouped, kept
            self._lexical.replace(docs)
            self._take(version)

    def apply(
        self,
        upserts: Iterable[Unit],
        deletes: Iterable[str],
        vectors: Mapping[str, Vectors] | None = None,
        version: int | None = None,
    ) -> None:
        """`deletes` are chunk ids; a chunk named in `upserts` is replaced with all its units. Texts are cut before the
        lock is taken, so searches wait for the bookkeeping only."""
        grouped = _by_chunk(upserts)
        docs = {doc_id: terms for chunk in grouped.values() for doc_id, terms in lexical_docs(chunk).items()}
        fresh = self._checked(grouped, vectors or {})
        with self._lock:
            for chunk_id in [*deletes, *grouped]:
                old = self._units.pop(chunk_id, [])
                self._lexical.delete(lexical_docs(old, terms=False))
                for unit in old:
                    self._vectors.pop(unit.id, None)
            self._units.update(grouped)
            self._vectors.update(fresh)
            self._lexical.upsert(docs)
            self._take(self.version if version is None else version)

    def _take(self, version: int) -> None:
        self._lexical.version = version
        self._now = take_snapshot(self._units, self._vectors, self._lexical, self._dim)

    def _checked(self, grouped: Mapping[str, list[Unit]], vectors: Mapping[str, Vectors]) -> dict[str, Vectors]:
        kept = {}
        for chunk in grouped.values():
            for unit in chunk:
                row = vectors.get(unit.id)
                if row is None:
                    continue
                if row.shape != (self._dim,):
                    raise InvalidInputError("a vector has another dimension than the index", unit_id=unit.id)
                kept[unit.id] = np.asarray(row, dtype=np.float32)
        return kept

    def search(
        self,
        query: str,
        query_vector: Vectors | None,
        k: int = 8,
        near: Sequence[tuple[str, float]] | None = None,
        within: Collection[str] | None = None,
    ) -> Found:
        """`query_vector` None (embedder down) searches by words alone and says so. Best first; ties by chunk id.
        `near`: units and cosines an approximate index found for the vector; None compares with all rows here.
        `within`: ids of the only chunks looked at; scores are then fused among them."""
        terms = weighted_terms(query, self._groups)
        with self._lock:
            now = self._now
            if not now.chunk_ids or k <= 0:
                return Found()
            lexical = now.lexical_scores(self._lexical.totals(terms))
            dense = _dense(now, query_vector, near)
            kept = _places(now, within)
            if not len(kept):
                return Found()
            lexical, dense = lexical[kept], None if dense is None else dense[kept]
            fused = fuse(dense, lexical, now.weights[kept])
            order = _best(fused.scores, [now.chunk_ids[at] for at in kept], k + 1)
            ranked = tuple(
                self._ranked(now, int(kept[at]), float(fused.scores[at]), dense, lexical, at, query_vector)
                for at in order
            )
            features = self._features(query, ranked, dense, lexical)
        return Found(ranked[:k], features, fused.legs)

    @staticmethod
    def _ranked(
        now: Snapshot, place: int, score: float, dense: Floats | None, lexical: Floats, at: int, vector: Vectors | None
    ) -> Ranked:
        """`place` counts all chunks, `at` those looked at."""
        near = 0.0 if dense is None else float(dense[at])
        return Ranked(now.chunk_ids[place], score, near, float(lexical[at]), now.nearest_unit(place, vector))

    def _features(self, query: str, ranked: Sequence[Ranked], dense: Floats | None, lexical: Floats) -> Features:
        if not ranked:
            return Features()
        cover = self._lexical.idf_coverage(content_terms(query), ranked[0].chunk_id)
        return Features(
            top_dense=0.0 if dense is None else float(dense.max()),
            top_lexical=float(lexical.max()),
            margin=ranked[0].score - (ranked[1].score if len(ranked) > 1 else 0.0),
            coverage=cover.share,
            missing=cover.missing,
        )


def _dense(now: Snapshot, vector: Vectors | None, near: Sequence[tuple[str, float]] | None) -> Floats | None:
    if vector is None:
        return None
    return now.dense_scores(vector) if near is None else now.near_scores(near, vector)


def _places(now: Snapshot, within: Collection[str] | None) -> NDArray[np.int64]:
    if within is None:
        return np.arange(len(now.chunk_ids), dtype=np.int64)
    return np.array([at for at, chunk_id in enumerate(now.chunk_ids) if chunk_id in within], dtype=np.int64)


def _by_chunk(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    grouped: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        grouped[unit.chunk_id].append(unit)
    return dict(grouped)


def _best(scores: Floats, ids: Sequence[str], k: int) -> list[int]:
    wanted = min(k, len(scores))
    floor = np.partition(scores, -wanted)[-wanted]
    return sorted(map(int, np.flatnonzero(scores >= floor)), key=lambda at: (-scores[at], ids[at]))[:wanted]
