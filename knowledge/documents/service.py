"""Documents come in as files, become versions, and are indexed by a job that may die and start again at any point.

What is searchable changes only in the last transaction of `index`; before it, work done is kept as vectors by text
hash, so a second run embeds nothing twice. Chroma is not touched here: the index log tells its one owner what changed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

import structlog

from knowledge.documents import pairs, repository
from knowledge.documents.cards import parse_cards, to_document
from knowledge.documents.chunking import Chunk, chunk
from knowledge.documents.effective import check_span
from knowledge.documents.models import Document
from knowledge.documents.pairs import PAIRS_SUFFIX
from knowledge.documents.parse import parse
from knowledge.documents.parsed import ParsedDocument, Section
from knowledge.index.ports import Embedder
from knowledge.kit import jobs
from knowledge.kit.db import Database, Scope, check_storable
from knowledge.kit.errors import ConflictError, InvalidInputError, LiveCrewError, NotFoundError
from knowledge.kit.ids import new_id
from knowledge.kit.text import clean, decode
from knowledge.kit.tokens import count_tokens

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Called with (units done, units in all)."""

_BATCH = 64
_PUBLISH_TRIES = 5  # each failed one met a deletion in the same shop; the job is tried again later
INDEX_TASK = "index_document"
PASSAGE_SUFFIX = ".passage"  # one citable piece as it stands, whatever its length
CARD_SUFFIX = ".cards.yaml"


@dataclass(frozen=True)
class Upload:
    """`doc` is the key shared by all versions; dates given here override those in the file. Days are Asia/Shanghai."""

    doc: str
    file_name: str
    content: bytes
    kind: str = "policy"
    source: str = "upload"
    title: str = ""
    effective_from: date | None = None
    effective_to: date | None = None

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Added:
    document: Document
    unchanged: bool


class DocumentService:
    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def add(self, shop_id: str, upload: Upload) -> Added:
        """Stores a new version in state `pending`, or finds that the newest one is the same file with the same dates;
        one that was never indexed is queued again then, since its job may have used up its attempts.

        Raises: InvalidInputError naming the field and the rule; nothing is stored then.
        """
        checked = await _checked(upload)
        async with self._database.transaction(shop_id) as scope:
            return await _add(scope, checked)

    async def add_within(self, scope: Scope, upload: Upload) -> Added:
        """The same in a transaction of the caller's, so that the version stands or falls with what it follows from."""
        return await _add(scope, await _checked(upload))

    async def index(self, shop_id: str, document_id: str, progress: Progress | None = None) -> int:
        """Parses, cuts, embeds and publishes one pending document; returns its chunks. Safe to run again.

        Raises: NotFoundError, also when the document was deleted meanwhile; nothing of it is left then.
        """
        try:
            return await self._index(shop_id, document_id, progress)
        except NotFoundError:
            async with self._database.transaction(shop_id) as scope:
                await repository.remove_orphan_vectors(scope)
            raise

    async def _index(self, shop_id: str, document_id: str, progress: Progress | None) -> int:
        async with self._database.transaction(shop_id) as scope:
            document = await repository.get(scope, document_id)
            if document.state == "ready":
                return document.chunk_count
            content = await repository.content_of(scope, document_id)
        try:
            parsed = await asyncio.to_thread(parse_file, document.file_name, content)
            chunks = await asyncio.to_thread(chunk, parsed)
        except LiveCrewError as error:
            async with self._database.transaction(shop_id) as scope:
                failed = await repository.get(scope, document_id)
                failed.state, failed.error = "failed", error.detail
            raise
        for _ in range(_PUBLISH_TRIES):
            await self._embed(shop_id, chunks, progress)
            if await self._publish(shop_id, document, chunks):
                break
        else:
            raise ConflictError("Vectors of the document keep being removed.", document_id=document_id)
        log.info("document_indexed", doc=document.doc, version=document.version, chunks=len(chunks))
        return len(chunks)

    async def _publish(self, shop_id: str, document: Document, chunks: Sequence[Chunk]) -> bool:
        """False, with nothing published, when a deletion took vectors that no unit referred to yet."""
        needed = {_digest(unit.text) for item in chunks for unit in item.units}
        async with self._database.transaction(shop_id) as scope:
            await repository.lock_doc(scope, document.doc)
            await repository.lock_vectors(scope)
            current = await repository.get(scope, document.id)
            if current.state == "ready":
                return True
            if await repository.known_vectors(scope, self._embedder.id, needed) != needed:
                return False
            await _publish(scope, current, chunks)
            return True

    async def _embed(self, shop_id: str, chunks: Sequence[Chunk], progress: Progress | None) -> None:
        texts = {_digest(unit.text): unit.text for item in chunks for unit in item.units}
        digests = list(texts)
        for start in range(0, len(digests), _BATCH):
            batch = digests[start : start + _BATCH]
            async with self._database.transaction(shop_id) as scope:
                known = await repository.known_vectors(scope, self._embedder.id, batch)
            missing = [digest for digest in batch if digest not in known]
            if missing:
                vectors = await asyncio.to_thread(self._embedder.embed_passages, [texts[digest] for digest in missing])
                rows = [
                    {"shop_id": shop_id, "embedder": self._embedder.id, "sha256": digest, "vector": vector.tobytes()}
                    for digest, vector in zip(missing, vectors, strict=True)
                ]
                async with self._database.transaction(shop_id) as scope:
                    await repository.save_vectors(scope, rows)
            if progress:
                progress(min(start + _BATCH, len(digests)), len(digests))

    async def run_index_job(self, shop_id: str, document_id: str) -> None:
        """The background task. A document that was deleted or cannot be read is done with, not retried."""
        try:
            await self.index(shop_id, document_id)
        except (NotFoundError, InvalidInputError) as error:
            log.warning("document_not_indexed", document_id=document_id, reason=error.detail)

    async def embed_again(self, shop_id: str, document_id: str) -> None:
        """Fills in vectors a ready document lacks, after a change of embedder or a loss."""
        async with self._database.transaction(shop_id) as scope:
            document = await repository.get(scope, document_id)
            content = await repository.content_of(scope, document_id)
        parsed = await asyncio.to_thread(parse_file, document.file_name, content)
        await self._embed(shop_id, await asyncio.to_thread(chunk, parsed), None)

    async def listed(self, shop_id: str) -> list[Document]:
        async with self._database.transaction(shop_id) as scope:
            return await repository.listed(scope)

    async def delete(self, shop_id: str, document_id: str, *, erase: bool = False) -> None:
        """Removes one version with its chunks, units and vectors. `erase` also has Chroma rebuild its files, because a
        deleted row leaves its bytes behind there."""
        async with self._database.transaction(shop_id) as scope:
            document = await repository.get(scope, document_id)
            await repository.lock_doc(scope, document.doc)
            await repository.remove_document(scope, document_id)
            await repository.remove_orphan_vectors(scope)
            await repository.log_index(scope, document_id, "erase" if erase else "remove")


async def _checked(upload: Upload) -> Upload:
    """With the title and dates of its file where it has none of its own. Raises: InvalidInputError."""
    if not upload.doc.strip() or len(upload.doc) > 200:
        raise InvalidInputError("A document needs a key.", field="doc", rule="1 to 200 characters")
    for field in ("doc", "file_name", "title", "kind", "source"):
        check_storable(field, getattr(upload, field))
    parsed = await asyncio.to_thread(parse_file, upload.file_name, upload.content)
    begins = upload.effective_from or parsed.effective_from
    ends = upload.effective_to or parsed.effective_to
    check_span(begins, ends)
    title = upload.title or parsed.title or upload.doc
    return replace(upload, title=title, effective_from=begins, effective_to=ends)


async def _add(scope: Scope, upload: Upload) -> Added:
    await repository.lock_doc(scope, upload.doc)
    known = await repository.versions(scope, upload.doc)
    if known and (known[-1].sha256, known[-1].effective_from, known[-1].effective_to) == (
        upload.digest,
        upload.effective_from,
        upload.effective_to,
    ):
        if known[-1].state != "ready":
            await _queue(scope, known[-1].id)
        return Added(known[-1], unchanged=True)
    document = Document(
        id=new_id("doc"),
        shop_id=scope.shop_id,
        doc=upload.doc,
        source=upload.source,
        title=upload.title,
        kind=upload.kind,
        version=await repository.next_version(scope, upload.doc),
        file_name=upload.file_name,
        content=upload.content,
        sha256=upload.digest,
        effective_from=upload.effective_from,
        effective_to=upload.effective_to,
    )
    scope.session.add(document)
    await scope.session.flush()
    await _queue(scope, document.id)
    return Added(document, unchanged=False)


async def _queue(scope: Scope, document_id: str) -> None:
    await jobs.defer(scope, INDEX_TASK, lock=document_id, shop_id=scope.shop_id, document_id=document_id)


def parse_file(file_name: str, content: bytes) -> ParsedDocument:
    if file_name.endswith(PAIRS_SUFFIX):
        return pairs.to_document(pairs.parse_pairs(file_name, decode(content, file_name)))
    if file_name.endswith(CARD_SUFFIX):
        return to_document(parse_cards(file_name, decode(content, file_name)))
    if file_name.endswith(PASSAGE_SUFFIX):
        text = clean(decode(content, file_name)).strip()
        return ParsedDocument(title="", sections=(Section((), "clause", text),))
    return parse(file_name, content)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _stable_id(prefix: str, *parts: object) -> str:
    return f"{prefix}_{_digest('|'.join(map(str, parts)))[:26]}"


async def _publish(scope: Scope, document: Document, chunks: Sequence[Chunk]) -> None:
    chunk_rows: list[dict[str, Any]] = []
    unit_rows: list[dict[str, Any]] = []
    for item in chunks:
        chunk_id = _stable_id("chk", document.id, item.ordinal)
        chunk_rows.append(
            {
                "id": chunk_id, "shop_id": scope.shop_id, "document_id": document.id, "ordinal": item.ordinal,
                "kind": item.kind, "article": item.article, "path": list(item.path), "text": item.text,
                "tokens": count_tokens(item.text),
            }
        )  # fmt: skip
        unit_rows += [
            {
                "id": _stable_id("unt", chunk_id, at), "shop_id": scope.shop_id, "chunk_id": chunk_id,
                "kind": unit.kind, "text": unit.text, "sha256": _digest(unit.text),
            }
            for at, unit in enumerate(item.units)
        ]  # fmt: skip
    await repository.replace_chunks(scope, document.id, chunk_rows, unit_rows)
    document.state, document.error, document.chunk_count = "ready", "", len(chunks)
    await repository.log_index(scope, document.id, "add")
