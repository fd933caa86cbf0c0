"""From a handoff a person ended to a knowledge candidate, wherever the console shows one."""

from collections.abc import Awaitable, Callable, Sequence

from agents.handoff.models import Handoff
from agents.handoff.views import HandoffView
from agents.support.learning.proposals import ENDED
from api.auth.rights import Right
from api.console.learning.words import actor_of
from api.console.parts import quiet_button
from api.console.visit import Visit


def proposer(visit: Visit, handoff_id: str) -> Callable[[], Awaitable[None]]:
    """Proposes it, and shows the candidate made, or the one there was."""

    async def propose() -> None:
        async with visit.may(Right.KNOWLEDGE_REVIEW) as services:
            made, _ = await services.review.propose(visit.shop_id, handoff_id, actor_of(visit))
        visit.go(f"/learning?id={made.id}")

    return propose


def teaches(handoff: Handoff | HandoffView) -> bool:
    """Whether a person answered a shopper in it, and it has ended."""
    return handoff.origin == "support" and handoff.state in ENDED and handoff.first_reply_at is not None


def propose_button(visit: Visit, handoffs: Sequence[Handoff | HandoffView]) -> None:
    """Of the latest that teaches; nothing where none does, or without the right."""
    found = next((one for one in reversed(handoffs) if teaches(one)), None)
    if found is not None and visit.has(Right.KNOWLEDGE_REVIEW):
        label = visit.t("提为知识候选", "Propose as knowledge")
        quiet_button(label, visit.does(proposer(visit, found.id)), icon="add_comment").mark("propose")
