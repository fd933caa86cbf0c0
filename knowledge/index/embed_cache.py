"""Vectors once computed are kept: in memory, in shipped packs, and in one SQLite file per embedder outside the home."""

import logging
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from knowledge.index.embedders import check_texts
from knowledge.index.ports import Embedder, Vectors
from knowledge.index.vectors_pack import TextKind, read_pack, text_key
from knowledge.kit.errors import InvalidInputError

log = logging.getLogger(__name__)

_MEMORY_ROWS = 20_000  # 30 MB at 384 dimensions
_WRITE_EVERY = 32  # texts embedded between two commits: what a kill can cost
_OPEN_ATTEMPTS = 100  # of 50 ms
_READ_AT_ONCE = 500  # below SQLite's limit of bound variables


class VectorFile:
    """One SQLite file in WAL mode: processes share it, and a kill loses at most the rows not yet committed.
    A file that cannot be opened or read costs time, never an answer."""

    def __init__(self, path: Path, dim: int) -> None:
        self._bytes = dim * 4
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = self._open(path)
        except (OSError, sqlite3.Error) as error:
            log.warning("embedding cache %s cannot be used: %s", path, error)

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        for attempt in range(_OPEN_ATTEMPTS):
            try:
                db.execute("PRAGMA journal_mode=WAL")  # ignores the busy timeout while another process switches
                db.execute("PRAGMA synchronous=NORMAL")
                db.execute("CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, row BLOB NOT NULL) WITHOUT ROWID")
                return db
            except sqlite3.OperationalError:
                if attempt == _OPEN_ATTEMPTS - 1:
                    db.close()
                    raise
                time.sleep(0.05)
        raise AssertionError("unreachable")

    def read(self, keys: Sequence[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        with self._lock:
            try:
                for start in range(0, len(keys) if self._db else 0, _READ_AT_ONCE):
                    found.update(self._read_some(keys[start : start + _READ_AT_ONCE]))
            except sqlite3.Error as error:
                log.warning("embedding cache not read: %s", error)
        return found

    def _read_some(self, keys: Sequence[str]) -> dict[str, Vectors]:
        assert self._db is not None
        marks = ",".join("?" * len(keys))
        rows = self._db.execute(
            f"SELECT key, row FROM vector WHERE key IN ({marks})", [bytes.fromhex(key) for key in keys]
        )
        return {bytes(key).hex(): np.frombuffer(row, dtype=np.float32) for key, row in rows if len(row) == self._bytes}

    def write(self, vectors: Mapping[str, Vectors]) -> None:
        rows = [(bytes.fromhex(key), row.astype(np.float32).tobytes()) for key, row in vectors.items()]
        with self._lock:
            if self._db is None:
                return
            try:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", rows)
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                log.warning("embedding cache not written: %s", error)
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None


class CachedEmbedder:
    """Answers from memory, then packs, then the file, and embeds only what none of them holds."""

    def __init__(self, embedder: Embedder, file: VectorFile, packs: Iterable[Mapping[str, Vectors]] = ()) -> None:
        self._embedder = embedder
        self._file = file
        self._packs = tuple(packs)
        self._memory: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()
        self.id = embedder.id
        self.dim = embedder.dim

    @property
    def bare(self) -> Embedder:
        """The embedder behind the cache."""
        return self._embedder

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed("query", texts, self._embedder.embed_queries)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed("passage", texts, self._embedder.embed_passages)

    def _embed(self, kind: TextKind, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
        check_texts(texts)
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        keys = [text_key(kind, text) for text in texts]
        found = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        todo = list(missing.items())
        for start in range(0, len(todo), _WRITE_EVERY):
            batch = todo[start : start + _WRITE_EVERY]
            rows = embed([text for _, text in batch])
            fresh = {key: row for (key, _), row in zip(batch, rows, strict=True)}
            self._file.write(fresh)
            found.update(fresh)
        self._remember(found)
        return np.stack([found[key] for key in keys])

    def _known(self, keys: Sequence[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        with self._lock:
            for key in keys:
                if key in self._memory:
                    self._memory.move_to_end(key)
                    found[key] = self._memory[key]
        for pack in self._packs:
            found.update({key: pack[key] for key in keys if key not in found and key in pack})
        return found | self._file.read([key for key in dict.fromkeys(keys) if key not in found])

    def _remember(self, found: Mapping[str, Vectors]) -> None:
        with self._lock:
            self._memory.update(found)
            while len(self._memory) > _MEMORY_ROWS:
                self._memory.popitem(last=False)


def cached(embedder: Embedder, directory: Path, packs: Iterable[Path] = ()) -> CachedEmbedder:
    """`directory` may be shared by any number of processes and shops: keys are content hashes.
    `packs` that are missing, damaged or made by another embedder are left out."""
    name = sha256(f"{embedder.id}:{embedder.dim}".encode()).hexdigest()[:16]
    ready = []
    for path in packs:
        try:
            ready.append(read_pack(path, embedder.id))
        except InvalidInputError as error:
            log.warning("vector pack left out: %s", error)
    return CachedEmbedder(embedder, VectorFile(directory / f"{name}.sqlite3", embedder.dim), ready)
