"""Exact search over vectors in memory: the oracle of the approximate index, and what serves while that is down."""

import threading
from collections.abc import Sequence

import numpy as np

from knowledge.index.ports import Vectors
from knowledge.kit.errors import InvalidInputError


def checked_rows(ids: Sequence[str], vectors: Vectors, dim: int) -> Vectors:
    """Raises: InvalidInputError unless each distinct id has one finite vector of `dim` numbers."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.size != len(ids) * dim or len(set(ids)) != len(ids):
        raise InvalidInputError("ids and vectors do not pair up", field="ids", rule="one_vector_per_distinct_id")
    if not np.isfinite(rows).all():
        raise InvalidInputError("a vector holds a number that is not finite", field="vectors", rule="finite")
    return rows.reshape(len(ids), dim)


class ExactIndex:
    """About 10 ms a query for 100,000 × 384 on one core. Safe to share between threads."""

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._ids: list[str] = []
            self._row_of: dict[str, int] = {}
            self._rows: Vectors = np.zeros((0, self._dim), dtype=np.float32)

    def rebuild(self, ids: Sequence[str], vectors: Vectors) -> None:
        rows = checked_rows(ids, vectors, self._dim)
        with self._lock:
            self._ids, self._rows = list(ids), rows.copy()
            self._row_of = {unit_id: row for row, unit_id in enumerate(ids)}

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        rows = checked_rows(ids, vectors, self._dim)
        with self._lock:
            room = len(self._ids)
            fresh = [unit_id for unit_id in ids if unit_id not in self._row_of]
            self._grow(room + len(fresh))
            for unit_id in fresh:
                self._row_of[unit_id] = len(self._ids)
                self._ids.append(unit_id)
            self._rows[[self._row_of[unit_id] for unit_id in ids]] = rows

    def _grow(self, need: int) -> None:
        if need > len(self._rows):  # doubled, so that single additions stay cheap
            grown = np.zeros((max(need, 2 * len(self._rows)), self._dim), dtype=np.float32)
            grown[: len(self._rows)] = self._rows
            self._rows = grown

    def delete(self, ids: Sequence[str]) -> None:
        with self._lock:
            for unit_id in ids:
                row = self._row_of.pop(unit_id, None)
                if row is None:
                    continue
                last = len(self._ids) - 1
                if row != last:  # the last row moves into the gap
                    self._rows[row] = self._rows[last]
                    self._ids[row] = self._ids[last]
                    self._row_of[self._ids[row]] = row
                self._ids.pop()

    def similarities(self, vector: Vectors) -> tuple[list[str], Vectors]:
        """Cosine to every row; the list is a copy and stays aligned with the scores."""
        with self._lock:
            count = len(self._ids)
            return list(self._ids), self._rows[:count] @ np.asarray(vector, dtype=np.float32).reshape(self._dim)

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        ids, scores = self.similarities(vector)
        wanted = min(k, len(ids))
        if wanted <= 0:
            return []
        best = np.argpartition(-scores, wanted - 1)[:wanted]
        return sorted(((ids[at], float(scores[at])) for at in best), key=lambda hit: (-hit[1], hit[0]))

    def ids(self) -> set[str]:
        with self._lock:
            return set(self._ids)

    def count(self) -> int:
        return len(self._ids)
