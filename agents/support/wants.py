"""Which live facts a message calls for: pure rules over its words and intents. What is asked in general is for the
documents; what is asked of one's own order, or of a product at this moment, is for the tools."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from agents.support.aspects import asked
from agents.support.floor_text import pattern_in
from agents.support.focus import order_ids_in
from agents.support.triage_types import Intent

_pattern = partial(pattern_in, "personal.yaml")
_LIVE_ASPECTS = frozenset({"price", "offer", "stock"})
_MOST = 2


class Want(StrEnum):
    SHIPMENT = "shipment"
    REFUND = "refund"
    INVOICE = "invoice"
    ORDERS = "orders"
    RETURN = "return"
    PRICE_PROTECTION = "price_protection"
    CANCEL = "cancel"
    ADDRESS = "address"
    COMPARE = "compare"
    PRICE_HISTORY = "price_history"
    PRODUCT = "product"


DATA = frozenset({Want.SHIPMENT, Want.REFUND, Want.INVOICE, Want.ORDERS})
"""Only a proven shopper's own record answers these; a guest is asked to sign in."""
POLICIES = frozenset({Want.RETURN, Want.PRICE_PROTECTION, Want.CANCEL, Want.ADDRESS})
"""The documents answer these in general; with a proven shopper's order they are computed."""
ABOUT_PRODUCTS = frozenset({Want.COMPARE, Want.PRICE_HISTORY, Want.PRODUCT})

_BY_INTENT = {
    Intent.LOGISTICS: Want.SHIPMENT,
    Intent.REFUND_STATUS: Want.REFUND,
    Intent.INVOICE: Want.INVOICE,
    Intent.RETURN_EXCHANGE: Want.RETURN,
    Intent.PRICE_PROTECTION: Want.PRICE_PROTECTION,
    Intent.ORDER_CANCEL: Want.CANCEL,
    Intent.ADDRESS_CHANGE: Want.ADDRESS,
    Intent.PRODUCT_COMPARE: Want.COMPARE,
    Intent.PRODUCT_QUESTION: Want.PRODUCT,
    Intent.COUPON_PROMO: Want.PRODUCT,
    Intent.OTHER: Want.PRODUCT,
    Intent.CHIT_CHAT: Want.PRODUCT,
}


@dataclass(frozen=True)
class Standing:
    """Who asks: `known` is a proven shopper; `on_order` the conversation already turned on one of their orders."""

    known: bool = False
    on_order: bool = False


def wants_of(text: str, query: str, intents: Sequence[Intent], standing: Standing) -> tuple[Want, ...]:
    """In the order of the intents, at most two."""
    stated = bool(order_ids_in(text))
    mine = stated or bool(_pattern("mine").search(query))
    general = not stated and bool(_pattern("general").search(text)) and not _pattern("mine").search(text)
    found: list[Want] = []
    for intent in intents:
        want = _BY_INTENT.get(intent)
        if want is None:
            continue
        if want in ABOUT_PRODUCTS or _own(want, text, standing, mine=mine, general=general):
            found.append(_of_product(want, text, query))
    if not set(found) & (DATA | POLICIES) and not general:
        if mine and _only_orders(text):
            found.insert(0, Want.ORDERS)
        elif _pattern("where").search(text) and (mine or standing.on_order or standing.known):
            found.insert(0, Want.SHIPMENT)
        elif mine and (_pattern("items").search(query) or stated):
            found.insert(0, Want.ORDERS)
    return tuple(dict.fromkeys(found))[:_MOST]


def _own(want: Want, text: str, standing: Standing, *, mine: bool, general: bool) -> bool:
    """Whether the question is on the shopper's own order."""
    if general:
        return False
    where = bool(_pattern("where").search(text) or _pattern("progress").search(text))
    if want is Want.SHIPMENT:
        if _pattern("freight").search(text):
            return False
        return where if not standing.known else (where or mine or _when(text))
    if want in (Want.REFUND, Want.INVOICE):
        return where and mine if not standing.known else (mine or where or standing.on_order)
    if not standing.known:
        return False
    return mine or standing.on_order or want in (Want.CANCEL, Want.ADDRESS)


def _when(text: str) -> bool:
    return bool(_pattern("when").search(text))


def _only_orders(text: str) -> bool:
    return bool(_pattern("orders_only").search(text))


def _of_product(want: Want, text: str, query: str) -> Want:
    if want is Want.PRODUCT and _pattern("lowest").search(text):
        return Want.PRICE_HISTORY
    if want is Want.PRODUCT and _pattern("comparing").search(query) and not set(asked(text)) & _LIVE_ASPECTS:
        return Want.COMPARE
    return want
