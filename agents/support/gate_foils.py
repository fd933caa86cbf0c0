"""How near a question lies to what shops are asked and their documents do not answer. Vectors are shipped for the
bundled embedder only: cosines of another one say nothing beside them."""

import functools
import hashlib
from pathlib import Path

import numpy as np
import yaml

from knowledge.index.ports import Vectors

_HERE = Path(__file__).parent
VECTORS = _HERE / "gate_foils.npz"


@functools.cache
def foil_texts() -> tuple[str, ...]:
    rows = yaml.safe_load((_HERE / "gate_foils.yaml").read_text(encoding="utf-8"))
    return tuple(text for texts in rows.values() for text in texts)


def foil_digest() -> str:
    """Stored with the vectors, so that questions changed without embedding them again are noticed."""
    return hashlib.sha256("\n".join(foil_texts()).encode()).hexdigest()


@functools.cache
def _shipped() -> tuple[str, str, Vectors]:
    with np.load(VECTORS) as held:
        return str(held["embedder"]), str(held["digest"]), held["rows"].astype(np.float32)


def shipped_for() -> tuple[str, str]:
    """Embedder id and digest of the texts the shipped vectors were made of."""
    embedder, digest, _ = _shipped()
    return embedder, digest


def foil_nearness(vector: Vectors | None, embedder_id: str) -> float | None:
    """Cosine of the nearest foil; None without a vector or for another embedder."""
    embedder, _, rows = _shipped()
    if vector is None or embedder != embedder_id:
        return None
    return float((rows @ vector).max())
