"""Flat arrays of one state of a collection, ordered by chunk, so that scoring is a few array sweeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.index.cut import cut
from knowledge.index.fusion import Floats, dense_weight
from knowledge.index.lexical import LexicalIndex
from knowledge.index.ports import Vectors
from knowledge.index.units import Unit

_ASKED = ("question", "says")


def lexical_docs(units: Sequence[Unit], terms: bool = True) -> dict[str, list[str]]:
    """What the lexical leg holds of one chunk: all its words under the chunk id, and each other wording of it under the
    unit id, so that one matching question is not drowned by the rest. Windows repeat the body and are left out."""
    if not units:
        return {}
    chosen = [unit for unit in units if unit.kind != "window"]
    asked = [unit for unit in chosen if unit.kind in _ASKED]
    whole = [term for unit in chosen for term in cut(unit.text)] if terms else []
    return {units[0].chunk_id: whole} | {unit.id: cut(unit.text) if terms else [] for unit in asked}


_SAMPLED = 256  # rows that stand for all when the lowest cosine of a collection is estimated


@dataclass(frozen=True)
class Snapshot:
    """`weights` and every score array have one entry per chunk, in the order of `chunk_ids`."""

    chunk_ids: tuple[str, ...]
    weights: Floats  # dense share per chunk
    text_rows: "RowView"
    asked_rows: "RowView"
    slots: NDArray[np.int64]  # lexical slots in chunk order
    slot_starts: NDArray[np.int64]

    def lexical_scores(self, totals: Floats) -> Floats:
        """Per chunk the best of its lexical documents."""
        return np.maximum.reduceat(totals[self.slots], self.slot_starts)

    def dense_scores(self, vector: Vectors) -> Floats | None:
        """Cosine per chunk: half body, half best of body and windows (a window alone ranks fragments too high), or the
        best other wording where that is nearer. A chunk without vectors gets the lowest score; None without any."""
        text = self.text_rows.body_and_best(vector, len(self.chunk_ids))
        asked = self.asked_rows.best(vector, len(self.chunk_ids))
        scores = np.fmax(text, asked)
        if np.isnan(scores).all():
            return None
        return np.asarray(np.where(np.isnan(scores), np.nanmin(scores), scores), dtype=np.float32)

    def near_scores(self, near: Sequence[tuple[str, float]], vector: Vectors) -> Floats | None:
        """As `dense_scores`, from the nearest units an approximate index found. A chunk without one of them gets the
        lowest cosine of the collection, estimated on a sample: fusion scales by it."""
        sample = [view.rows[:: max(1, len(view.rows) // _SAMPLED)] for view in (self.text_rows, self.asked_rows)]
        lowest = [float((rows @ vector).min()) for rows in sample if len(rows)]
        if not lowest:
            return None
        floor = min([*lowest, *(score for _, score in near)])
        text = self.text_rows.near_body_and_best(near, len(self.chunk_ids), floor)
        return np.maximum(text, self.asked_rows.near_best(near, len(self.chunk_ids), floor))

    def nearest_unit(self, at: int, vector: Vectors | None) -> str:
        hits = [] if vector is None else self.text_rows.of(at, vector) + self.asked_rows.of(at, vector)
        return max(hits, key=lambda hit: hit[1])[0] if hits else self.chunk_ids[at]


@dataclass(frozen=True)
class RowView:
    """Unit vectors in chunk order; `chunks` are the positions of chunks that have any, `starts` their first rows."""

    unit_ids: tuple[str, ...]
    rows: Vectors
    chunks: NDArray[np.int64]
    starts: NDArray[np.int64]
    row_of: Mapping[str, int]

    def best(self, vector: Vectors, size: int) -> Floats:
        scores = np.full(size, np.nan, dtype=np.float32)
        if len(self.starts):
            scores[self.chunks] = np.maximum.reduceat(self.rows @ vector, self.starts)
        return scores

    def body_and_best(self, vector: Vectors, size: int) -> Floats:
        """The first row of a chunk is its body."""
        scores = np.full(size, np.nan, dtype=np.float32)
        if len(self.starts):
            near = self.rows @ vector
            scores[self.chunks] = (near[self.starts] + np.maximum.reduceat(near, self.starts)) / 2
        return scores

    def near_best(self, near: Sequence[tuple[str, float]], size: int, floor: float) -> Floats:
        scores = np.full(size, floor, dtype=np.float32)
        for unit_id, score in near:
            if (row := self.row_of.get(unit_id)) is not None:
                at = self.chunk_of(row)
                scores[at] = max(scores[at], score)
        return scores

    def near_body_and_best(self, near: Sequence[tuple[str, float]], size: int, floor: float) -> Floats:
        firsts = set(map(int, self.starts))
        bodies = [(unit, score) for unit, score in near if self.row_of.get(unit, -1) in firsts]
        return np.asarray((self.near_best(bodies, size, floor) + self.near_best(near, size, floor)) / 2, np.float32)

    def chunk_of(self, row: int) -> int:
        return int(self.chunks[np.searchsorted(self.starts, row, side="right") - 1])

    def of(self, at: int, vector: Vectors) -> list[tuple[str, float]]:
        place = int(np.searchsorted(self.chunks, at))
        if place >= len(self.chunks) or self.chunks[place] != at:
            return []
        start = int(self.starts[place])
        stop = int(self.starts[place + 1]) if place + 1 < len(self.starts) else len(self.unit_ids)
        near = self.rows[start:stop] @ vector
        return [(self.unit_ids[start + row], float(score)) for row, score in enumerate(near)]


def _view(chunks: Sequence[Sequence[Unit]], vectors: Mapping[str, Vectors], dim: int) -> RowView:
    ids: list[str] = []
    positions, starts = [], []
    for at, units in enumerate(chunks):
        held = [unit.id for unit in units if unit.id in vectors]
        if held:
            positions.append(at)
            starts.append(len(ids))
            ids.extend(held)
    rows = np.stack([vectors[unit_id] for unit_id in ids]) if ids else np.zeros((0, dim), dtype=np.float32)
    places = {unit_id: row for row, unit_id in enumerate(ids)}
    return RowView(tuple(ids), rows, np.array(positions, dtype=np.int64), np.array(starts, dtype=np.int64), places)


def take_snapshot(
    units: Mapping[str, Sequence[Unit]], vectors: Mapping[str, Vectors], lexical: LexicalIndex, dim: int
) -> Snapshot:
    chunk_ids = tuple(sorted(units))
    groups = [units[chunk_id] for chunk_id in chunk_ids]
    text = [sorted((u for u in group if u.kind in ("body", "window")), key=lambda u: u.kind) for group in groups]
    asked = [[u for u in group if u.kind in _ASKED] for group in groups]
    slots: list[int] = []
    starts: list[int] = []
    for group in groups:
        starts.append(len(slots))
        slots.extend(lexical.slot(doc_id) for doc_id in lexical_docs(group, terms=False))
    bodies = [next((u.text for u in group if u.kind == "body"), group[0].text) for group in groups]
    return Snapshot(
        chunk_ids,
        np.array([dense_weight(body) for body in bodies], dtype=np.float32),
        _view(text, vectors, dim),
        _view(asked, vectors, dim),
        np.array(slots, dtype=np.int64),
        np.array(starts, dtype=np.int64),
    )
