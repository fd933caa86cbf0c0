"""Who works on what, what is late, and what comes in bursts: for supervisors."""

from api.auth.rights import Right
from api.console.desk.supervise_view import SuperviseView
from api.console.frame import page
from api.console.visit import Visit


@page("/supervise", Right.DESK_SUPERVISE, ("值班看板", "Supervise"), wide=True)
async def supervise(visit: Visit) -> None:
    await SuperviseView(visit).draw()
