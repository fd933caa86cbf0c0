from typing import Annotated

from fastapi import APIRouter, Depends, File, Response, UploadFile

from agents.conversations import attachments, repository, service
from agents.conversations.pictures import MAX_BYTES, cleaned
from api.auth.conversation_token import Token
from api.schemas import AttachmentOut, Id
from api.services import Services, services

router = APIRouter(prefix="/v1/conversations/{conversation_id}/attachments", tags=["conversations"])
Wired = Annotated[Services, Depends(services)]
HEADERS = {
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
PICTURE = {"content": {f"image/{kind}": {"schema": {"type": "string", "format": "binary"}} for kind in
            ("jpeg", "png", "webp")}}  # fmt: skip


@router.post("", status_code=201)
async def add_attachment(
    conversation_id: Id, wired: Wired, token: Token, file: Annotated[UploadFile, File()]
) -> AttachmentOut:
    """A JPEG, PNG or WebP picture of at most 8 MB, for a message still to be posted; it is kept without its metadata,
    at most 2048 pixels wide or high. The same picture again is the one already there."""
    async with wired.database.transaction(token.shop_id) as scope:
        await service.authorised(scope, conversation_id, token.secret)
    wired.message_limit.spend(f"picture:{conversation_id}")
    picture = await cleaned(await file.read(MAX_BYTES + 1))
    async with wired.database.transaction(token.shop_id) as scope:
        await service.authorised(scope, conversation_id, token.secret, lock=True)
        kept = await attachments.attach(scope, conversation_id, picture)
    return AttachmentOut.model_validate(attachments.described(kept))


@router.get("/{attachment_id}", response_class=Response, responses={200: PICTURE})
async def read_attachment(conversation_id: Id, attachment_id: Id, wired: Wired, token: Token) -> Response:
    async with wired.database.transaction(token.shop_id) as scope:
        await service.authorised(scope, conversation_id, token.secret)
        found = await repository.attachment(scope, conversation_id, attachment_id)
    return Response(found.content, media_type=found.media_type, headers=HEADERS)
