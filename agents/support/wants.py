"""Which live facts a message calls for: pure rules over its words and intents. What is asked in general is for the
documents; what is asked of one's own order, or of a product at this moment, is for the tools."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from agents.support.answer_types import Question
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


def wants_before(intents: Sequence[Intent]) -> frozenset[Want]:
    """What a question with these intents may have wanted of an order."""
    return frozenset(want for intent in intents if (want := _BY_INTENT.get(intent)) and want not in ABOUT_PRODUCTS)


@dataclass(frozen=True)
class Standing:
    """Who asks: `known` is a proven shopper; `on_order` the conversation already turned on one of their orders."""

    known: bool = False
    on_order: bool = False

    @classmethod
    def of(cls, question: Question) -> "Standing":
        known = question.shopper is not None
        return cls(known, known and any(order_ids_in(entry.text) for entry in question.history))


def wants_of(text: str, query: str, intents: Sequence[Intent], standing: Standing) -> tuple[Want, ...]:
    """In the order of the intents, at most two."""
    stated = bool(order_ids_in(text))
    mine = stated or _has("mine", query)
    general = not stated and _has("general", text) and not _has("mine", text)
    found: list[Want] = []
    for intent in intents:
        want = _BY_INTENT.get(intent)
        if want is None:
            continue
        if want in ABOUT_PRODUCTS or _own(want, text, standing, mine=mine, general=general):
            found.append(_of_product(want, text, query))
        elif want is Want.PRICE_PROTECTION:
            found.append(Want.PRICE_HISTORY)  # “是不是降价了” of a product, not of an order
    if not general:
        found = _first_of_order(found, text, query, standing, mine=mine, stated=stated)
    return tuple(dict.fromkeys(found))[:_MOST]


def amount_of(text: str, before: Collection[Want]) -> tuple[Want, ...]:
    """“多少来着” after a question of money back asks how much of it; empty when it does not."""
    money = [want for want in (Want.REFUND, Want.PRICE_PROTECTION, Want.RETURN, Want.CANCEL) if want in before]
    if not money or not _has("bare_amount", text):
        return ()
    return (Want.REFUND, money[0]) if money[0] in (Want.RETURN, Want.CANCEL) else (money[0],)


def order_aspect(text: str) -> str:
    """What of an order a message asks for; its state where it names nothing."""
    asks = {"amount": "paid_how_much", "placed": "placed_when", "address": "sent_where", "items": "items"}
    return next((aspect for aspect, name in asks.items() if _has(name, text)), "state")


def _first_of_order(
    found: list[Want], text: str, query: str, standing: Standing, *, mine: bool, stated: bool
) -> list[Want]:
    """What the words themselves say of an order goes before what the topic suggests."""
    near = mine or standing.on_order or standing.known
    where, money = _has("where", text) or _has("when", text), _has("refund_progress", text)
    if money and near and (_has("progress", text) or _has("where", text)):
        rest = [one for one in found if one not in (Want.SHIPMENT, Want.RETURN, Want.CANCEL)]
        return [Want.REFUND, *rest]
    faulty = any(_has(name, text) for name in ("defective", "wrong_item", "not_as_described"))
    if faulty and standing.known and (mine or standing.on_order) and not where:
        return [Want.RETURN, *(one for one in found if one in DATA)]
    if _has("unwanted", text) and (mine or standing.on_order) and standing.known:
        return [Want.RETURN, *(one for one in found if one in DATA)]
    if mine and _has("orders_only", text):
        return [Want.ORDERS]
    if where and near and not _has("freight", text) and not money and Want.INVOICE not in found:
        return [Want.SHIPMENT, *(one for one in found if one is not Want.PRODUCT)]
    if mine and not set(found) & (DATA | POLICIES) and (_has("items", query) or stated):
        return [Want.ORDERS, *(one for one in found if one is not Want.PRODUCT or not stated)]
    return found


def _has(name: str, text: str) -> bool:
    return bool(_pattern(name).search(text))


def _own(want: Want, text: str, standing: Standing, *, mine: bool, general: bool) -> bool:
    """Whether the question is on the shopper's own order."""
    if general:
        return False
    where = _has("where", text) or _has("progress", text)
    if want is Want.SHIPMENT:
        if _has("freight", text):
            return False
        return where if not standing.known else (where or mine or _has("when", text))
    if want is Want.REFUND:
        return where and mine if not standing.known else (mine or where or standing.on_order)
    if want is Want.INVOICE:
        return _has("invoice_state", text) and (mine or standing.known)
    if not standing.known:
        return False
    if want in (Want.CANCEL, Want.ADDRESS):
        return not (_has("fee", text) or _has("why", text))
    if want is Want.RETURN and not _has("mine", text) and (_has("fee", text) or _has("freight", text)):
        return False  # who pays the way back is a rule
    return mine or standing.on_order


def _of_product(want: Want, text: str, query: str) -> Want:
    if want is Want.PRODUCT and _has("lowest", text):
        return Want.PRICE_HISTORY
    each = _has("these", text) and not _has("this", text)
    if want is Want.PRODUCT and (each or (_has("comparing", query) and not set(asked(text)) & _LIVE_ASPECTS)):
        return Want.COMPARE
    return want
