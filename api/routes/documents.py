from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile

from api.auth.keys import Principal
from api.schemas import DocumentAdded, DocumentOut, Id
from api.services import Services, principal, services
from knowledge.documents.models import Document
from knowledge.documents.service import Upload

router = APIRouter(prefix="/v1/documents", tags=["documents"])
Wired = Annotated[Services, Depends(services)]
Caller = Annotated[Principal, Depends(principal)]


def _out(document: Document) -> DocumentOut:
    return DocumentOut.model_validate(document, from_attributes=True)


@router.post("", status_code=202)
async def add_document(
    wired: Wired,
    caller: Caller,
    file: Annotated[UploadFile, File()],
    doc: Annotated[str, Form(min_length=1, max_length=200)],
    kind: Annotated[str, Form(max_length=40)] = "policy",
    title: Annotated[str, Form(max_length=200)] = "",
    effective_from: Annotated[date | None, Form()] = None,
    effective_to: Annotated[date | None, Form()] = None,
) -> DocumentAdded:
    """Stores a version and indexes it in the background; poll the list for its state."""
    caller.require("documents:write")
    upload = Upload(
        doc=doc,
        file_name=file.filename or doc,
        content=await file.read(),
        kind=kind,
        title=title,
        effective_from=effective_from,
        effective_to=effective_to,
    )
    added = await wired.documents.add(caller.shop_id, upload)
    return DocumentAdded(document=_out(added.document), unchanged=added.unchanged)


@router.get("")
async def list_documents(wired: Wired, caller: Caller) -> list[DocumentOut]:
    caller.require("documents:read")
    return [_out(document) for document in await wired.documents.listed(caller.shop_id)]


@router.delete("/{document_id}", status_code=204)
async def delete_document(document_id: Id, wired: Wired, caller: Caller, erase: bool = False) -> None:
    """Removes one version with everything derived from it; `erase` also rewrites the index files."""
    caller.require("documents:write")
    await wired.documents.delete(caller.shop_id, document_id, erase=erase)
    await wired.retriever.refresh(caller.shop_id)
