from typing import Annotated

from fastapi import APIRouter, Depends, Query

from agents.handoff import repository
from agents.handoff.lifecycle import HandoffState
from api.auth.keys import Principal
from api.schemas import HandoffOut
from api.services import Services, principal, services

router = APIRouter(prefix="/v1/handoffs", tags=["handoffs"])


@router.get("")
async def list_handoffs(
    wired: Annotated[Services, Depends(services)],
    caller: Annotated[Principal, Depends(principal)],
    state: HandoffState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[HandoffOut]:
    """Most urgent first, then longest waiting."""
    caller.require("handoffs:read")
    async with wired.database.transaction(caller.shop_id) as scope:
        found = await repository.listed(scope, state=state.value if state else None, limit=limit)
    return [HandoffOut.model_validate(handoff, from_attributes=True) for handoff in found]
