"""When the bot may act on what Chatwoot delivered. Pure."""

from api.chatwoot.payload import Event


def refusal(event: Event) -> str:
    """Why the bot must not answer this event; empty where it may."""
    message, there = event.message, event.there
    if event.name != "message_created" or message is None or there is None:
        return "not_a_message"
    if message.kind != "incoming":
        return f"message_is_{message.kind or 'of_no_kind'}"
    if message.private:
        return "message_is_private"
    return held_off(there.status, held=there.held)


def held_off(status: str, *, held: bool) -> str:
    """Why the bot must stay silent in a conversation that stands so; empty where it may speak."""
    if status != "pending":
        return "not_pending"
    return "held_by_a_person" if held else ""
