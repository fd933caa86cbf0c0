"""Banks of wordings with shipped vectors: how near a question lies to what a bank holds. Vectors are shipped for the
bundled embedder only; the cosines of another one say nothing beside them."""

import functools
import hashlib
from pathlib import Path

import numpy as np
import yaml

from knowledge.index.ports import Vectors

_HERE = Path(__file__).parent


class WordingBank:
    """`name`.yaml holds groups of wordings, `name`.npz their vectors, both beside this file."""

    def __init__(self, name: str) -> None:
        self._name = name

    @functools.cached_property
    def wordings(self) -> tuple[tuple[str, str], ...]:
        """Group and text, in the order of the vectors."""
        rows = yaml.safe_load((_HERE / f"{self._name}.yaml").read_text(encoding="utf-8"))
        return tuple((group, text) for group, texts in rows.items() for text in texts)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.wordings)

    @property
    def vectors_path(self) -> Path:
        return _HERE / f"{self._name}.npz"

    def digest(self) -> str:
        """Stored with the vectors, so that wordings changed without embedding them again are noticed."""
        return hashlib.sha256("\n".join(self.texts).encode()).hexdigest()

    @functools.cached_property
    def shipped(self) -> tuple[str, str, Vectors]:
        """Embedder id, digest of the texts embedded, and one row for each."""
        with np.load(self.vectors_path) as held:
            return str(held["embedder"]), str(held["digest"]), held["rows"].astype(np.float32)

    def nearness(self, vector: Vectors | None, embedder_id: str) -> dict[str, float]:
        """Group → cosine of its nearest wording; empty without a vector or for another embedder."""
        embedder, _, rows = self.shipped
        if vector is None or embedder != embedder_id:
            return {}
        near: dict[str, float] = {}
        for (group, _text), cosine in zip(self.wordings, map(float, rows @ vector), strict=True):
            near[group] = max(cosine, near.get(group, -1.0))
        return near


FOILS = WordingBank("gate_foils")
"""What shops are asked and their documents do not answer."""
TOOLS = WordingBank("tool_wordings")
"""What only a tool can tell."""
