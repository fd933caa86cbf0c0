"""Search over what a shop knows: one in-memory hybrid index a shop, kept at the version of the index log.

PostgreSQL is the truth. Every search first asks for the log's newest number and the day, and applies what changed, so
an answer never rests on a document that was withdrawn or has run out. The process that owns the Chroma directory lets
Chroma find the nearest units; any other process compares exactly in memory.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import structlog

from knowledge.documents import repository
from knowledge.documents.effective import in_force
from knowledge.documents.models import ChunkRow, Document
from knowledge.index.hybrid import Features, Found, HybridIndex, Ranked
from knowledge.index.ports import DenseIndex, Embedder, Vectors
from knowledge.index.units import Unit
from knowledge.index_owner import ChromaOwner
from knowledge.kit.clock import Clock, shanghai_date
from knowledge.kit.db import Database, Scope

log = structlog.get_logger(__name__)

_NEAREST_UNITS = 600  # what Chroma returns a query; a chunk none of whose units is among them has no dense score
_OVERTAKEN = 5  # searches before hits that a change took away meanwhile are left out
_AS_OF_KEPT = 4  # past days whose index stays in memory


@dataclass(frozen=True)
class Hit:
    """A chunk with its scores: `score` fused, 0..1 within this search; `dense` raw cosine; `lexical` raw BM25."""

    chunk_id: str
    document_id: str
    doc: str
    title: str
    kind: str
    version: int
    effective_from: date | None
    article: int | None
    path: tuple[str, ...]
    text: str
    score: float
    dense: float
    lexical: float
    unit_kind: str
    unit_text: str


@dataclass(frozen=True)
class SearchResult:
    """`version` is the index log number searched; `degraded` tells that one leg took no part."""

    hits: tuple[Hit, ...]
    features: Features
    version: int
    degraded: bool = False
    embed_ms: float = 0.0
    vector: Vectors | None = None


@dataclass
class _ShopIndex:
    index: HybridIndex
    version: int = -1
    day: date | None = None
    documents: dict[str, Document] = field(default_factory=dict)
    chunks: dict[str, ChunkRow] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    indexed: frozenset[str] = frozenset()  # documents the index is known to hold: known ones may not have got there
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Retriever:
    def __init__(self, database: Database, embedder: Embedder, clock: Clock, owner: ChromaOwner | None = None) -> None:
        self._database = database
        self._embedder = embedder
        self._clock = clock
        self._owner = owner
        self._shops: dict[str, _ShopIndex] = {}
        self._past: OrderedDict[tuple[str, date, int], _ShopIndex] = OrderedDict()

    @property
    def owns_chroma(self) -> bool:
        return self._owner is not None

    async def search(
        self,
        shop_id: str,
        query: str,
        *,
        k: int = 8,
        as_of: date | None = None,
        within: Callable[[Document], bool] | None = None,
    ) -> SearchResult:
        """Best first. `as_of` searches what was in force on that day, `within` only the documents it allows; both
        exactly and without Chroma."""
        today = shanghai_date(self._clock.now())
        started = asyncio.get_running_loop().time()
        vector = await self._embed(query)
        embed_ms = (asyncio.get_running_loop().time() - started) * 1000
        if as_of is None or as_of == today:
            shop = await self._current(shop_id, today)
            dense = self._owner.index(shop_id) if self._owner and within is None else None
        else:
            shop, dense = await self._as_of(shop_id, as_of), None
        for _ in range(_OVERTAKEN):
            chunks = _chunks_within(shop, within)
            found = await asyncio.to_thread(_search, shop.index, dense, query, vector, k, chunks)
            if all(ranked.chunk_id in shop.chunks for ranked in found.ranked):
                break
        hits = tuple(_hit(shop, ranked) for ranked in found.ranked if ranked.chunk_id in shop.chunks)
        return SearchResult(hits, found.features, shop.version, found.degraded, embed_ms, vector)

    @property
    def embedder_id(self) -> str:
        return self._embedder.id

    async def refresh(self, shop_id: str) -> int:
        """Brings this process's index, and Chroma where it is ours, to the newest version; returns that."""
        return (await self._current(shop_id, shanghai_date(self._clock.now()))).version

    async def expected_vectors(self, shop_id: str) -> Mapping[str, Vectors]:
        """What Chroma should hold: the vectors of every unit in force today, straight from PostgreSQL."""
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            wanted = await _in_force(scope, shanghai_date(self._clock.now()))
            return (await _load(scope, list(wanted), self._embedder)).vectors

    async def _embed(self, query: str) -> Vectors | None:
        try:
            rows: Vectors = await asyncio.to_thread(self._embedder.embed_queries, [query])
            return np.asarray(rows[0], dtype=np.float32)
        except Exception as error:  # any embedder failure leaves the lexical leg standing
            log.warning("query_embedding_failed", error=str(error))
            return None

    async def _current(self, shop_id: str, today: date) -> _ShopIndex:
        shop = self._shops.setdefault(shop_id, _ShopIndex(HybridIndex(self._embedder.dim)))
        async with self._database.transaction(shop_id) as scope:
            newest = await repository.index_version(scope)
        if (shop.version, shop.day) != (newest, today):
            async with shop.lock:
                if (shop.version, shop.day) != (newest, today):
                    await self._bring_up(shop_id, shop, today)
        return shop

    async def _bring_up(self, shop_id: str, shop: _ShopIndex, today: date) -> None:
        """New chunks are known before they can be found, old ones until they cannot: a search in between that still
        found an old one can tell, and asks again."""
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            newest = await repository.index_version(scope)
            wanted = await _in_force(scope, today)
            gone = shop.documents.keys() - wanted.keys()
            loaded = await _load(scope, [one for one in wanted if one not in shop.indexed], self._embedder)
        removed = [chunk_id for chunk_id, chunk in shop.chunks.items() if chunk.document_id in gone]
        removed_units = [unit.id for unit in shop.units.values() if unit.chunk_id in set(removed)]
        shop.documents |= wanted
        shop.chunks |= loaded.chunks
        shop.units |= {unit.id: unit for unit in loaded.units}
        await asyncio.to_thread(shop.index.apply, loaded.units, removed, loaded.vectors, newest)
        for unit_id in removed_units:
            del shop.units[unit_id]
        for chunk_id in removed:
            del shop.chunks[chunk_id]
        shop.documents, shop.indexed = wanted, frozenset(wanted)
        shop.version, shop.day = newest, today
        if self._owner:
            await self._owner.apply(
                shop_id, newest, loaded.vectors, removed_units, set(shop.index.vectors), lambda: shop.index.vectors
            )

    async def _as_of(self, shop_id: str, day: date) -> _ShopIndex:
        async with self._database.transaction(shop_id, snapshot=True) as scope:
            version = await repository.index_version(scope)
            if kept := self._past.get((shop_id, day, version)):
                return kept
            wanted = await _in_force(scope, day)
            loaded = await _load(scope, list(wanted), self._embedder)
        shop = _ShopIndex(HybridIndex(self._embedder.dim), version, day, wanted, loaded.chunks)
        shop.units = {unit.id: unit for unit in loaded.units}
        await asyncio.to_thread(shop.index.replace, loaded.units, loaded.vectors, version)
        self._past[shop_id, day, version] = shop
        while len(self._past) > _AS_OF_KEPT:
            self._past.popitem(last=False)
        return shop


@dataclass(frozen=True)
class _Loaded:
    chunks: dict[str, ChunkRow]
    units: list[Unit]
    vectors: dict[str, Vectors]


async def _in_force(scope: Scope, day: date) -> dict[str, Document]:
    histories: dict[str, list[Document]] = {}
    for document in await repository.listed(scope, state="ready"):
        histories.setdefault(document.doc, []).append(document)
    current = (in_force(history, day) for history in histories.values())
    return {document.id: document for document in current if document}


async def _load(scope: Scope, document_ids: Sequence[str], embedder: Embedder) -> _Loaded:
    if not document_ids:
        return _Loaded({}, [], {})
    chunks = await repository.chunks_of(scope, document_ids)
    rows = await repository.units_of(scope, document_ids, embedder.id)
    return _Loaded(
        {chunk.id: chunk for chunk in chunks},
        [Unit(row.id, row.chunk_id, row.kind, row.text) for row in rows],
        {row.id: np.frombuffer(row.vector, dtype=np.float32) for row in rows if row.vector is not None},
    )


def _chunks_within(shop: _ShopIndex, within: Callable[[Document], bool] | None) -> frozenset[str] | None:
    if within is None:
        return None
    allowed = {document.id for document in shop.documents.values() if within(document)}
    return frozenset(chunk.id for chunk in shop.chunks.values() if chunk.document_id in allowed)


def _search(
    index: HybridIndex,
    dense: DenseIndex | None,
    query: str,
    vector: Vectors | None,
    k: int,
    chunks: frozenset[str] | None = None,
) -> Found:
    near = None
    if dense is not None and vector is not None:
        try:
            near = dense.query(vector, _NEAREST_UNITS)
        except Exception as error:  # Chroma down: compare exactly in memory
            log.warning("chroma_query_failed", error=str(error))
    return index.search(query, vector, k, near, chunks)


def _hit(shop: _ShopIndex, ranked: Ranked) -> Hit:
    chunk = shop.chunks[ranked.chunk_id]
    document = shop.documents[chunk.document_id]
    unit = shop.units.get(ranked.unit_id)
    return Hit(
        chunk_id=chunk.id,
        document_id=document.id,
        doc=document.doc,
        title=document.title,
        kind=chunk.kind,
        version=document.version,
        effective_from=document.effective_from,
        article=chunk.article,
        path=tuple(chunk.path),
        text=chunk.text,
        score=ranked.score,
        dense=ranked.dense,
        lexical=ranked.lexical,
        unit_kind=unit.kind if unit else "body",
        unit_text=unit.text if unit else chunk.text,
    )
