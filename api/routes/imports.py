import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile

from api.auth.keys import Principal
from api.schemas.imports import ImportOut, ImportReportOut
from api.services import Services, principal, services
from knowledge.imports.registry import KINDS
from knowledge.imports.service import ImportFile, ImportService
from knowledge.kit.db import check_storable
from knowledge.kit.errors import ForbiddenError, InvalidInputError

router = APIRouter(prefix="/v1/imports", tags=["imports"])
Wired = Annotated[Services, Depends(services)]
Caller = Annotated[Principal, Depends(principal)]

_FORM = {
    "type": "object",
    "required": ["kind", "file"],
    "properties": {
        "kind": {"type": "string", "enum": list(KINDS)},
        "file": {"type": "string", "format": "binary", "description": ".csv, .xlsx or .json"},
        "dry_run": {"type": "boolean", "default": False},
    },
}
_FLAGS = {"": False, "false": False, "0": False, "true": True, "1": True}


@router.post(
    "", openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}
)
async def import_file(request: Request, wired: Wired, caller: Caller) -> ImportReportOut:
    """Imports a whole file or nothing; `dry_run` checks and counts only. A file that breaks a rule is answered with 422
    and the first errors as {row, field, rule, value}. The key needs the scope `catalog:write` or `orders:write`,
    whichever the kind belongs to."""
    _refuse_unless(caller, "write")  # before the body is read: it may be large, and it is read by us, not before us
    imports = ImportService(wired.database)
    async with request.form(max_files=1, max_fields=4) as form:
        kind = imports.kind(str(form.get("kind", "")))
        caller.require(f"{kind.area}:write")
        dry_run = _FLAGS.get(str(form.get("dry_run", "")).lower())
        if dry_run is None:
            raise InvalidInputError("dry_run is true or false.", field="dry_run", rule="true or false")
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise InvalidInputError("A file is needed.", field="file", rule="one file with a name")
        check_storable("file", file.filename)
        async with _on_disk(file) as path:
            given = ImportFile(kind.name, path, Path(file.filename).name[:200])
            report = await imports.run(caller.shop_id, given, dry_run=dry_run, created_by="api")
    return ImportReportOut.model_validate(report)


@router.get("")
async def list_imports(
    wired: Wired, caller: Caller, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[ImportOut]:
    """Finished imports of the kinds the key may read or write, newest first."""
    areas = _refuse_unless(caller, "read", "write")
    kinds = [kind.name for kind in KINDS.values() if kind.area in areas]
    found = await ImportService(wired.database).listed(caller.shop_id, kinds=kinds, limit=limit)
    return [ImportOut.model_validate(row) for row in found]


def _refuse_unless(caller: Principal, *verbs: Literal["read", "write"]) -> set[str]:
    """The areas in which the key may do any of these. Raises: ForbiddenError when there are none."""
    areas: set[str] = {kind.area for kind in KINDS.values()}
    allowed = {area for area in areas if any(f"{area}:{verb}" in caller.scopes for verb in verbs)}
    if not allowed:
        wanted = " or ".join(f"{area}:{verb}" for area in sorted(areas) for verb in verbs)
        raise ForbiddenError(f"This key lacks the scope {wanted}.", scope=wanted)
    return allowed


@asynccontextmanager
async def _on_disk(file: UploadFile) -> AsyncIterator[Path]:
    """Under a name of its own: what the form keeps, once it is large, is a file without one."""
    with tempfile.NamedTemporaryFile(prefix="lc-import-") as kept:
        await asyncio.to_thread(shutil.copyfileobj, file.file, kept, 1 << 20)
        await asyncio.to_thread(kept.flush)
        yield Path(kept.name)
