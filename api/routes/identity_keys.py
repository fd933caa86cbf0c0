from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth import identity
from api.auth.keys import Principal
from api.schemas import Id, IdentityKeyMade, IdentityKeyOut
from api.services import Services, principal, services

router = APIRouter(prefix="/v1/identity-keys", tags=["identity"])
Wired = Annotated[Services, Depends(services)]
Caller = Annotated[Principal, Depends(principal)]
_SCOPE = "identity:write"


@router.post("", status_code=201)
async def create_identity_key(wired: Wired, caller: Caller) -> IdentityKeyMade:
    """A key for the shop's server to sign shopper tokens with; keys made before stay valid until they are retired."""
    caller.require(_SCOPE)
    async with wired.database.transaction(caller.shop_id) as scope:
        made = await identity.create_identity_key(scope)
    return IdentityKeyMade(id=made.id, secret=made.secret)


@router.get("")
async def list_identity_keys(wired: Wired, caller: Caller) -> list[IdentityKeyOut]:
    """Newest first, retired ones included."""
    caller.require(_SCOPE)
    async with wired.database.transaction(caller.shop_id) as scope:
        found = await identity.identity_keys(scope)
    return [IdentityKeyOut.model_validate(key, from_attributes=True) for key in found]


@router.delete("/{key_id}", status_code=204)
async def retire_identity_key(key_id: Id, wired: Wired, caller: Caller) -> None:
    """At once: tokens signed with it prove nothing from now on."""
    caller.require(_SCOPE)
    async with wired.database.transaction(caller.shop_id) as scope:
        await identity.retire_identity_key(scope, key_id)
