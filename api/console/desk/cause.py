"""The key that handoffs of one incident share, in words."""

from api.console.wording import INTENTS, REASONS, named


def cause_words(cause: str, *, english: bool) -> str:
    """`reason/intent[/product or courier]` as the queue's figures make it; parts without a name stay as they are."""
    reason, *rest = cause.split("/")
    parts = [named(REASONS, reason, english=english)]
    parts += [named(INTENTS, one, english=english) for one in rest if one != "unknown"]
    return " · ".join(dict.fromkeys(parts))
