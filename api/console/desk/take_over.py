"""From the record of a conversation to its handling: an operator steps in while the AI still has it."""

from agents.conversations.models import Conversation
from agents.handoff.presence import Presence
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Actor
from api.auth.rights import Right
from api.console.parts import quiet_button
from api.console.visit import Visit


def take_over_button(visit: Visit, conversation: Conversation) -> None:
    """Whoever takes work is at the desk from then on."""
    if not visit.has(Right.DESK_WORK) or conversation.state != "open":
        return
    conversation_id = conversation.id

    async def take() -> None:
        async with visit.may(Right.DESK_WORK) as services:
            me = Actor(visit.who.operator_id, visit.who.name)
            await Presence(services.database).sign_in(visit.shop_id, me.id, name=me.name)
            claimed = await HandoffQueue(services.database).take_over(visit.shop_id, conversation_id, me)
        visit.note("conversation_taken_over", conversation=conversation_id)
        visit.go(f"/desk?id={claimed.handoff_id}")

    quiet_button(visit.t("由我来接待", "Take it over"), visit.does(take), icon="front_hand").mark("step-in")
