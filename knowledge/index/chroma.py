"""Chroma behind the DenseIndex port: one collection per shop, embedder and dimension, rebuildable at any time.

Only one process may own a directory: two PersistentClients on one path lose rows without an error. The stock HNSW
settings lose rows for good as well (5 to 7 of 848 measured), hence the larger graph and the check in `rebuild`.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import NotFoundError as ChromaNotFoundError

from knowledge.index.exact import checked_rows
from knowledge.index.ports import Embedder, Vectors
from knowledge.kit.errors import ConflictError

log = logging.getLogger(__name__)

_HNSW = CreateHNSWConfiguration(space="cosine", max_neighbors=48, ef_construction=400, ef_search=200)
_PAGE = 1_000
_DIGEST = "sha256"  # metadata key: lets an unchanged row be left alone, an HNSW update leaves a dead node behind


def embedded_client(directory: Path) -> ClientAPI:
    directory.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(path=str(directory), settings=Settings(anonymized_telemetry=False))


def server_client(url: str) -> ClientAPI:
    """A `chroma run` server, e.g. http://127.0.0.1:8000; it has no password, so keep it on a private network."""
    parts = urlsplit(url)
    ssl = parts.scheme == "https"
    return chromadb.HttpClient(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or (443 if ssl else 8000),
        ssl=ssl,
        settings=Settings(anonymized_telemetry=False),
    )


def collection_name(shop_id: str, embedder: Embedder) -> str:
    """Chroma allows 3 to 63 characters of [a-zA-Z0-9._-]: a hash always fits."""
    digest = sha256(f"{shop_id}\0{embedder.id}\0{embedder.dim}".encode()).hexdigest()
    return f"lc-{digest[:32]}"


class ChromaIndex:
    """`name` holds the live rows; a rebuild is prepared as `name`-next and takes the name when complete."""

    def __init__(self, client: ClientAPI, name: str, dim: int) -> None:
        self._client = client
        self._name = name
        self._dim = dim
        self._lock = threading.RLock()  # writers; Chroma's readers need none
        self._rows = self._open(name)

    def _open(self, name: str) -> Collection:
        return self._client.get_or_create_collection(
            name, configuration={"hnsw": _HNSW, "embedding_function": None}, embedding_function=None
        )

    def _drop(self, name: str) -> None:
        try:
            self._client.delete_collection(name)
        except (ChromaNotFoundError, ValueError):
            log.debug("collection %s was not there", name)

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        rows = checked_rows(ids, vectors, self._dim)
        with self._lock:
            _write(self._rows, ids, rows)

    def delete(self, ids: Sequence[str]) -> None:
        with self._lock:
            known = list(self.ids().intersection(ids))
            for start in range(0, len(known), _PAGE):
                self._rows.delete(ids=known[start : start + _PAGE])

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        rows = np.asarray(vector, dtype=np.float32).reshape(1, self._dim)
        try:
            return _nearest(self._rows, rows, k)[0]
        except ChromaNotFoundError:  # the collection was swapped between taking the handle and asking
            return _nearest(self._rows, rows, k)[0]

    def ids(self) -> set[str]:
        return {row_id for page in _pages(self._rows) for row_id in page}

    def count(self) -> int:
        return int(self._rows.count())

    def reset(self) -> None:
        with self._lock:
            self._drop(self._name)
            self._rows = self._open(self._name)

    def rebuild(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Blue/green: readers keep the old rows until every new row has found itself.

        Raises: ConflictError when rows stay lost; the old rows then remain in service.
        """
        rows = checked_rows(ids, vectors, self._dim)
        fresh_name = f"{self._name}-next"
        with self._lock:
            self._drop(fresh_name)
            fresh = self._open(fresh_name)
            _write(fresh, ids, rows)
            if lost := lost_rows(fresh, ids, rows):
                self._drop(fresh_name)
                raise ConflictError("rows of the rebuilt index do not find themselves", lost=lost[:20], count=len(lost))
            self._rows = fresh  # before the old rows go: a reader never holds a deleted collection for long
            self._drop(self._name)
            fresh.modify(name=self._name)


def _digest(row: Vectors) -> str:
    return sha256(row.tobytes()).hexdigest()[:32]


def _write(collection: Collection, ids: Sequence[str], rows: Vectors) -> None:
    """Rows that already stand there with the same content are skipped."""
    for start in range(0, len(ids), _PAGE):
        page = list(ids[start : start + _PAGE])
        digests = [_digest(row) for row in rows[start : start + _PAGE]]
        held = collection.get(ids=page, include=["metadatas"])
        known = {
            row_id: (data or {}).get(_DIGEST)
            for row_id, data in zip(held["ids"], held["metadatas"] or [], strict=False)
        }
        changed = [at for at, row_id in enumerate(page) if known.get(row_id) != digests[at]]
        if changed:
            collection.upsert(
                ids=[page[at] for at in changed],
                embeddings=rows[[start + at for at in changed]],
                metadatas=[{_DIGEST: digests[at]} for at in changed],
            )


def _pages(collection: Collection) -> Iterator[list[str]]:
    offset = 0
    while page := collection.get(limit=_PAGE, offset=offset, include=[])["ids"]:
        yield page
        offset += len(page)


def _nearest(collection: Collection, vectors: Vectors, k: int) -> list[list[tuple[str, float]]]:
    """Cosine is 1 - distance; ties by id."""
    if k <= 0 or not collection.count():
        return [[] for _ in vectors]
    found = collection.query(query_embeddings=vectors, n_results=k, include=["distances"])
    distances = found["distances"] or []
    return [
        sorted(
            ((row_id, 1.0 - float(far)) for row_id, far in zip(ids, row, strict=True)),
            key=lambda hit: (-hit[1], hit[0]),
        )
        for ids, row in zip(found["ids"], distances, strict=True)
    ]


def lost_rows(collection: Collection, ids: Sequence[str], rows: Vectors) -> list[str]:
    """Ids whose own vector does not bring them (or an equal vector, at cosine 1) back."""
    lost = []
    for start in range(0, len(ids), 200):
        hits = _nearest(collection, rows[start : start + 200], 5)
        for row_id, best in zip(ids[start : start + 200], hits, strict=True):
            if not any(found == row_id or score > 1 - 1e-5 for found, score in best):
                lost.append(row_id)
    return lost
