"""Opening what an answer cites."""

from sqlalchemy import select

from knowledge.documents.models import ChunkRow, Document
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError


async def chunk_with_document(scope: Scope, chunk_id: str) -> tuple[ChunkRow, Document]:
    """Raises: NotFoundError, also when the document has been withdrawn since it was cited."""
    found = (
        await scope.session.execute(
            select(ChunkRow, Document)
            .join(Document, Document.id == ChunkRow.document_id)
            .where(ChunkRow.shop_id == scope.shop_id, ChunkRow.id == chunk_id)
        )
    ).first()
    if found is None:
        raise NotFoundError("This source has been withdrawn.", chunk_id=chunk_id)
    return found[0], found[1]
