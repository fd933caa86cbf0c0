from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from knowledge.documents.models import ChunkRow, Document, IndexLogEntry, IndexState, UnitRow, VectorRow
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError

_LIVE = Document.state != "deleted"


async def get(scope: Scope, document_id: str) -> Document:
    """Raises: NotFoundError."""
    found = await scope.session.scalar(
        select(Document).where(Document.shop_id == scope.shop_id, Document.id == document_id, _LIVE)
    )
    if found is None:
        raise NotFoundError("There is no such document.", document_id=document_id)
    return found


async def content_of(scope: Scope, document_id: str) -> bytes:
    return await scope.session.scalar(select(Document.content).where(Document.id == document_id)) or b""


async def versions(scope: Scope, doc: str) -> list[Document]:
    statement = select(Document).where(Document.shop_id == scope.shop_id, Document.doc == doc, _LIVE)
    return list(await scope.session.scalars(statement.order_by(Document.version)))


async def listed(scope: Scope, *, state: str | None = None) -> list[Document]:
    """By document key, then version."""
    statement = select(Document).where(Document.shop_id == scope.shop_id, _LIVE)
    if state:
        statement = statement.where(Document.state == state)
    return list(await scope.session.scalars(statement.order_by(Document.doc, Document.version)))


async def lock_doc(scope: Scope, doc: str) -> None:
    """Two uploads of one document take turns until this transaction ends."""
    await scope.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{scope.shop_id} {doc}", 0))))


async def lock_vectors(scope: Scope) -> None:
    """Publishing units and removing vectors no unit refers to take turns until this transaction ends."""
    await scope.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{scope.shop_id} vectors", 2)))
    )


async def next_version(scope: Scope, doc: str) -> int:
    """Counts deleted versions too: a number is never given twice."""
    highest = await scope.session.scalar(
        select(func.max(Document.version)).where(Document.shop_id == scope.shop_id, Document.doc == doc)
    )
    return (highest or 0) + 1


async def known_vectors(scope: Scope, embedder: str, digests: Iterable[str]) -> set[str]:
    statement = select(VectorRow.sha256).where(
        VectorRow.shop_id == scope.shop_id, VectorRow.embedder == embedder, VectorRow.sha256.in_(list(digests))
    )
    return set(await scope.session.scalars(statement))


async def save_vectors(scope: Scope, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await scope.session.execute(insert(VectorRow).on_conflict_do_nothing(), list(rows))


async def replace_chunks(
    scope: Scope, document_id: str, chunks: Sequence[dict[str, Any]], units: Sequence[dict[str, Any]]
) -> None:
    await scope.session.execute(
        delete(ChunkRow).where(ChunkRow.shop_id == scope.shop_id, ChunkRow.document_id == document_id)
    )
    if chunks:
        await scope.session.execute(insert(ChunkRow), list(chunks))
    if units:
        await scope.session.execute(insert(UnitRow), list(units))


async def log_index(scope: Scope, document_id: str, op: str) -> None:
    scope.session.add(IndexLogEntry(shop_id=scope.shop_id, document_id=document_id, op=op))
    await scope.session.flush()


async def index_version(scope: Scope) -> int:
    newest = await scope.session.scalar(
        select(func.max(IndexLogEntry.seq)).where(IndexLogEntry.shop_id == scope.shop_id)
    )
    return newest or 0


async def index_log_after(scope: Scope, seq: int, op: str) -> bool:
    """Whether the shop's log holds an entry of that kind newer than `seq`."""
    statement = select(
        exists().where(IndexLogEntry.shop_id == scope.shop_id, IndexLogEntry.op == op, IndexLogEntry.seq > seq)
    )
    return bool(await scope.session.scalar(statement))


async def applied_version(scope: Scope, collection: str) -> int:
    state = await scope.session.get(IndexState, (scope.shop_id, collection))
    return state.applied_seq if state else 0


async def save_applied_version(scope: Scope, collection: str, seq: int) -> None:
    values = {"shop_id": scope.shop_id, "collection": collection, "applied_seq": seq}
    statement = insert(IndexState).values(values)
    await scope.session.execute(
        statement.on_conflict_do_update(index_elements=["shop_id", "collection"], set_={"applied_seq": seq})
    )


async def chunks_of(scope: Scope, document_ids: Sequence[str]) -> list[ChunkRow]:
    statement = select(ChunkRow).where(ChunkRow.shop_id == scope.shop_id, ChunkRow.document_id.in_(document_ids))
    return list(await scope.session.scalars(statement.order_by(ChunkRow.document_id, ChunkRow.ordinal)))


async def units_of(scope: Scope, document_ids: Sequence[str], embedder: str) -> list[Any]:
    """Rows (id, chunk_id, kind, text, vector bytes or None)."""
    statement = (
        select(UnitRow.id, UnitRow.chunk_id, UnitRow.kind, UnitRow.text, VectorRow.vector)
        .join(ChunkRow, ChunkRow.id == UnitRow.chunk_id)
        .outerjoin(
            VectorRow,
            (VectorRow.shop_id == UnitRow.shop_id)
            & (VectorRow.sha256 == UnitRow.sha256)
            & (VectorRow.embedder == embedder),
        )
        .where(UnitRow.shop_id == scope.shop_id, ChunkRow.document_id.in_(document_ids))
        .order_by(UnitRow.id)
    )
    return list((await scope.session.execute(statement)).all())


async def remove_document(scope: Scope, document_id: str) -> None:
    """Chunks and units go, the row stays as a bare tombstone that keeps the version number."""
    await scope.session.execute(
        delete(ChunkRow).where(ChunkRow.shop_id == scope.shop_id, ChunkRow.document_id == document_id)
    )
    await scope.session.execute(
        update(Document)
        .where(Document.shop_id == scope.shop_id, Document.id == document_id)
        .values(state="deleted", content=b"", title="", file_name="", sha256="", chunk_count=0, error="")
    )


async def remove_orphan_vectors(scope: Scope) -> int:
    """Vectors no unit refers to any more: a vector can be inverted to text well enough to count as text. Also takes
    those of a document still being indexed, which notices before it publishes."""
    await lock_vectors(scope)
    used = exists().where(UnitRow.shop_id == VectorRow.shop_id, UnitRow.sha256 == VectorRow.sha256)
    result = await scope.session.execute(delete(VectorRow).where(VectorRow.shop_id == scope.shop_id, ~used))
    return int(getattr(result, "rowcount", 0))
