"""What people answered and the desk could not: reviewed here, it becomes what the shop knows."""

from api.auth.rights import Right
from api.console.frame import page
from api.console.learning.detail import draw_detail
from api.console.learning.listing import draw_list
from api.console.visit import Visit


@page("/learning", Right.KNOWLEDGE_REVIEW, ("知识沉淀", "Learning"), wide=True)
async def learning(visit: Visit) -> None:
    candidate_id = visit.param("id")[:64]
    if candidate_id:
        await draw_detail(visit, candidate_id)
    else:
        await draw_list(visit)
