"""The one process that may write a Chroma directory, and how it follows the index log.

Two clients on one directory lose rows silently, so ownership is a file lock: it dies with its process, whatever kills
it. With a Chroma server several processes may write; a database lock makes them take turns and the applied number
lets the second one find the work done.
"""

import asyncio
import fcntl
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import structlog
from sqlalchemy import text

from knowledge.documents import repository
from knowledge.index.chroma import ChromaIndex, collection_name, embedded_client, server_client
from knowledge.index.ports import DenseIndex, Embedder, Vectors
from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import ConfigurationError

log = structlog.get_logger(__name__)


class ChromaOwner:
    """Use `acquire`. `index` answers only for shops whose collection has been brought up to date in this process."""

    def __init__(self, database: Database, client: Any, embedder: Embedder, lock: IO[str] | None) -> None:
        self._database = database
        self._client = client
        self._embedder = embedder
        self._lock = lock
        self._current: dict[str, ChromaIndex] = {}

    @classmethod
    def acquire(cls, database: Database, embedder: Embedder, *, directory: Path, url: str = "") -> "ChromaOwner | None":
        """None when another process owns `directory`; searches here then compare exactly in memory.

        Raises: ConfigurationError when the directory cannot be written.
        """
        if url:
            return cls(database, server_client(url), embedder, None)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            lock = (directory / "owner.lock").open("a+")
        except OSError as error:
            raise ConfigurationError(f"LIVECREW_HOME cannot be written: {directory}: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return cls(database, embedded_client(directory / "rows"), embedder, lock)

    def close(self) -> None:
        self._current.clear()
        if self._lock:
            self._lock.close()

    def index(self, shop_id: str) -> DenseIndex | None:
        return self._current.get(shop_id)

    async def apply(
        self,
        shop_id: str,
        version: int,
        added: Mapping[str, Vectors],
        removed: Sequence[str],
        expected: Collection[str],
        everything: Callable[[], Mapping[str, Vectors]],
    ) -> None:
        """Makes the collection hold exactly `expected`. A failure leaves the shop on exact search and is logged."""
        try:
            async with self._database.transaction(shop_id) as scope:
                await self._apply(scope, version, added, removed, expected, everything)
        except Exception as error:  # Chroma is a rebuildable index: losing it must not stop an answer
            self._current.pop(shop_id, None)
            log.warning("chroma_apply_failed", shop=shop_id, error=str(error))

    async def _apply(
        self,
        scope: Scope,
        version: int,
        added: Mapping[str, Vectors],
        removed: Sequence[str],
        expected: Collection[str],
        everything: Callable[[], Mapping[str, Vectors]],
    ) -> None:
        shop_id = scope.shop_id
        name = collection_name(shop_id, self._embedder)
        await scope.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": name})
        index = self._current.get(shop_id)
        applied = await repository.applied_version(scope, name)
        if index is None:
            index = await asyncio.to_thread(ChromaIndex, self._client, name, self._embedder.dim)
            added, removed = await asyncio.to_thread(_difference, index, expected, everything)
        if await repository.index_log_after(scope, applied, "erase"):
            vectors = everything()
            await asyncio.to_thread(index.rebuild, list(vectors), _rows(vectors, self._embedder.dim))
        else:
            await asyncio.to_thread(_change, index, added, removed, self._embedder.dim)
        await repository.save_applied_version(scope, name, version)
        self._current[shop_id] = index

    async def drift(self, shop_id: str, expected: Mapping[str, Vectors], *, repair: bool) -> tuple[int, int]:
        """(units Chroma lacks, units it should not have), before any repair."""
        name = collection_name(shop_id, self._embedder)
        index = self._current.get(shop_id)  # a rebuild through another handle would leave this one behind
        if index is None:
            index = await asyncio.to_thread(ChromaIndex, self._client, name, self._embedder.dim)
        added, removed = await asyncio.to_thread(_difference, index, expected.keys(), lambda: expected)
        if repair and (added or removed):
            await asyncio.to_thread(index.rebuild, list(expected), _rows(expected, self._embedder.dim))
        return len(added), len(removed)


def _difference(
    index: ChromaIndex, expected: Collection[str], everything: Callable[[], Mapping[str, Vectors]]
) -> tuple[dict[str, Vectors], list[str]]:
    held = index.ids()
    lacking = set(expected) - held
    vectors = everything() if lacking else {}
    return {unit: vectors[unit] for unit in lacking if unit in vectors}, sorted(held - set(expected))


def _change(index: ChromaIndex, added: Mapping[str, Vectors], removed: Sequence[str], dim: int) -> None:
    if removed:
        index.delete(removed)
    if added:
        index.upsert(list(added), _rows(added, dim))


def _rows(vectors: Mapping[str, Vectors], dim: int) -> Vectors:
    return np.stack(list(vectors.values())) if vectors else np.zeros((0, dim), dtype=np.float32)
