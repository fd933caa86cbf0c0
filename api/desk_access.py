"""What every route of the desk begins with: who calls, and whether the handoff is theirs to see."""

from typing import Annotated

from fastapi import Depends

from agents.handoff import repository
from agents.handoff.service import HandoffQueue
from api.auth.desk import DeskCaller
from api.auth.rights import Right
from api.services import Services, desk_caller, services

Wired = Annotated[Services, Depends(services)]
Caller = Annotated[DeskCaller, Depends(desk_caller)]
READ = (Right.HANDOFFS_READ, Right.DESK_WORK)


def queue_of(wired: Services) -> HandoffQueue:
    return HandoffQueue(wired.database)


async def admit(wired: Services, caller: DeskCaller, handoff_id: str, *rights: Right) -> str:
    """The handoff's subject. Raises: ForbiddenError without one of the rights, NotFoundError for what is not in this
    shop, or not among the caller's origins."""
    caller.require(*rights)
    async with wired.database.transaction(caller.shop_id) as scope:
        handoff = await repository.get(scope, handoff_id)
    caller.admit(handoff.origin, handoff_id)
    return handoff.subject_id
