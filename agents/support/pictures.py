"""A picture nobody here can judge: it goes to a person where it matters, and waits in the conversation otherwise."""

from agents.support.triage_types import Intent, Triage

_HARMLESS = frozenset(
    {
        Intent.INVOICE,
        Intent.LOGISTICS,
        Intent.ADDRESS_CHANGE,
        Intent.COUPON_PROMO,
        Intent.PRODUCT_COMPARE,
        Intent.PRICE_PROTECTION,
        Intent.REFUND_STATUS,
        Intent.ORDER_CANCEL,
        Intent.CHIT_CHAT,
    }
)


def picture_matters(text: str, understood: Triage) -> bool:
    """A picture alone, or beside a question on goods, is evidence of something. Beside a question that the words state
    whole it only accompanies them."""
    return not text.strip() or not set(understood.intents) <= _HARMLESS
