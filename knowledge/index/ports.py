"""What the index needs of an embedder and of a vector store; both are synchronous, callers put them on threads."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """`id` names model and variant: vectors of two ids are never compared. Rows are unit length, shape (n, dim)."""

    @property
    def id(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Raises InvalidInputError for a blank text or one holding NUL."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Raises InvalidInputError for a blank text or one holding NUL."""
        ...


class DenseIndex(Protocol):
    """Unit vectors under string ids; scores are raw cosine, best first."""

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None: ...

    def delete(self, ids: Sequence[str]) -> None:
        """Unknown ids are ignored."""
        ...

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]: ...

    def ids(self) -> set[str]: ...

    def count(self) -> int: ...

    def rebuild(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Holds exactly these rows afterwards; readers see the old rows until the new ones are checked."""
        ...

    def reset(self) -> None: ...


VectorMap = Mapping[str, Vectors]
