"""A read-only file of ready vectors, shipped beside texts that never change: a fresh home need not embed them."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np

from knowledge.index.ports import Vectors
from knowledge.kit.errors import InvalidInputError

TextKind = Literal["query", "passage"]


def text_key(kind: TextKind, text: str) -> str:
    """64 hex digits; a query and a passage of the same words differ, since models prefix them differently."""
    return sha256(f"{kind}\0{text}".encode()).hexdigest()


def write_pack(path: Path, embedder_id: str, vectors: Mapping[str, Vectors]) -> None:
    """Float16 halves the file; cosine moves by less than 0.001. Sorted: the same input gives the same rows."""
    keys = sorted(vectors)
    rows = np.stack([vectors[key] for key in keys]) if keys else np.zeros((0, 0))
    digests = np.frombuffer(bytes.fromhex("".join(keys)), dtype=np.uint8).reshape(-1, 32)
    with path.open("wb") as file:
        np.savez(file, embedder=np.array(embedder_id), keys=digests, vectors=rows.astype(np.float16))


def read_pack(path: Path, embedder_id: str) -> dict[str, Vectors]:
    """Key → unit vector. A pack made by another embedder is of no use and gives an empty mapping.

    Raises: InvalidInputError when the file is no pack.
    """
    try:
        with np.load(path, allow_pickle=False) as pack:
            if str(pack["embedder"]) != embedder_id:
                return {}
            digests, rows = pack["keys"], pack["vectors"].astype(np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInputError(f"{path.name} is no vector pack", field="path", rule="npz") from error
    if len(digests) != len(rows):
        raise InvalidInputError(f"{path.name} is no vector pack", field="path", rule="one_row_per_key")
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return {bytes(digest).hex(): row for digest, row in zip(digests, rows, strict=True)}
