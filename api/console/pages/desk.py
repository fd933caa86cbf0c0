"""The operators' desk: claim, read, answer, hand on."""

from api.auth.rights import Right
from api.console.desk.view import DeskView
from api.console.frame import page
from api.console.visit import Visit


@page("/desk", Right.DESK_WORK, ("坐席台", "Desk"), wide=True)
async def desk(visit: Visit) -> None:
    await DeskView(visit).draw()
