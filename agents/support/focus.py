"""What a message is about: which of the shopper's orders, which products. Read from the message, then from what was
said before; several that fit alike are told apart by asking."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from agents.support.floor_text import pattern_in
from agents.support.followup import is_followup
from agents.support.triage_types import Utterance
from knowledge.catalog.names import NameIndex
from knowledge.kit.clock import shanghai_date
from knowledge.orders.views import OrderView

_ORDER_ID = re.compile(r"(?<![A-Za-z\d])([A-Za-z]{1,4}\d{6,20}|\d{10,20})(?!\d)")
_ORDINAL = re.compile(r"第([一二三四五12345])(?:[个款种单笔件把顶]|(?=多|是|有|怎|能|的|重|贵|大))|(前者)|(后者)")
_DIGITS = {char: value for value, char in enumerate("一二三四五", start=1)}
_SHORT = 14  # characters up to which a message without a name of its own leans on what was said
_RECENT_DAYS = 30
_pattern = partial(pattern_in, "personal.yaml")


@dataclass(frozen=True)
class OrderFocus:
    """`order_ids`: one when it is clear, several when the shopper has to choose. `named`: the message or the
    conversation names an order id, known or not."""

    order_ids: tuple[str, ...] = ()
    named: bool = False


def order_ids_in(text: str) -> list[str]:
    return list(dict.fromkeys(found[1].upper() for found in _ORDER_ID.finditer(text)))


def ordinal_in(text: str) -> int | None:
    """0 for the first; None when the message counts nothing."""
    found = _ORDINAL.search(text)
    if not found:
        return None
    if found[1]:
        return (_DIGITS.get(found[1]) or int(found[1])) - 1
    return 0 if found[2] else 1


def order_focus(
    text: str,
    history: Sequence[Utterance],
    orders: Sequence[OrderView],
    candidates: Sequence[OrderView],
    names: NameIndex,
    now: datetime,
) -> OrderFocus:
    """`orders` are all the shopper's, newest first; `candidates` those in a state that fits the question."""
    if stated := order_ids_in(text):
        return OrderFocus((_whole_id(stated[0], orders),), named=True)
    if offered := _picked(text, history):
        return OrderFocus((offered,), named=True)
    pool = _by_time(text, orders, now)
    by_name = _by_product(text, pool or orders, names)
    if by_name:
        return _narrowed(by_name, candidates)
    if pool:
        return _narrowed(pool, candidates)
    spoken = _spoken_of(history)
    if spoken and not _pattern("other").search(text) and (is_followup(text) or len(text) <= _SHORT):
        return OrderFocus((spoken[-1],), named=True)
    rest = [one for one in candidates if one.order_id not in spoken[-1:]] if _pattern("other").search(text) else []
    if _pattern("newest").search(text) and orders:
        return OrderFocus((orders[0].order_id,))
    if fitting := (rest or list(candidates)):
        return OrderFocus(tuple(one.order_id for one in fitting))
    return OrderFocus((spoken[-1],), named=True) if spoken else OrderFocus()


def _whole_id(stated: str, orders: Sequence[OrderView]) -> str:
    """A tail that fits one order of the shopper's own is that order."""
    fitting = [one.order_id for one in orders if one.order_id == stated or one.order_id.endswith(stated)]
    return fitting[0] if len(fitting) == 1 else stated


def _spoken_of(history: Sequence[Utterance]) -> list[str]:
    """Order ids in the order they were last spoken of."""
    found: dict[str, None] = {}
    for entry in history:
        for order_id in order_ids_in(entry.text):
            found.pop(order_id, None)
            found[order_id] = None
    return list(found)


def _picked(text: str, history: Sequence[Utterance]) -> str | None:
    """The one counted out of those the last answer listed."""
    at = ordinal_in(text)
    last = next((entry.text for entry in reversed(history) if entry.role == "bot"), "")
    listed = order_ids_in(last)
    return listed[at] if at is not None and len(listed) > 1 and at < len(listed) else None


def _by_time(text: str, orders: Sequence[OrderView], now: datetime) -> list[OrderView]:
    today = shanghai_date(now)
    days = {"yesterday": (1, 1), "before_yesterday": (2, 2), "today": (0, 0)}
    for name, (newest, oldest) in days.items():
        if _pattern(name).search(text):
            span = today - timedelta(days=oldest), today - timedelta(days=newest)
            return _between(orders, *span)
    if _pattern("last_week").search(text):
        monday = today - timedelta(days=today.weekday() + 7)
        return _between(orders, monday, monday + timedelta(days=6))
    if _pattern("last_month").search(text):
        last = today.replace(day=1) - timedelta(days=1)
        return _between(orders, last.replace(day=1), last)
    return []


def _between(orders: Sequence[OrderView], first: object, last: object) -> list[OrderView]:
    return [one for one in orders if first <= shanghai_date(one.placed_at) <= last]  # type: ignore[operator]


def _by_product(text: str, orders: Sequence[OrderView], names: NameIndex) -> list[OrderView]:
    bought = {item.product_id for order in orders for item in order.items if item.product_id}
    meant = {named.product_id for named in names.leading(text, among=bought)}
    return [order for order in orders if meant & {item.product_id for item in order.items}]


def _narrowed(found: Sequence[OrderView], candidates: Sequence[OrderView]) -> OrderFocus:
    """Those in a fitting state, if there are any; else the newest of what was meant."""
    known = {one.order_id for one in candidates}
    fitting = [one.order_id for one in found if one.order_id in known]
    return OrderFocus(tuple(fitting or [found[0].order_id]))


def bought_recently(order: OrderView, now: datetime) -> bool:
    return now - (order.signed_at or order.paid_at or order.placed_at) <= timedelta(days=_RECENT_DAYS)


def products_in(text: str, history: Sequence[Utterance], names: NameIndex, *, several: bool) -> tuple[str, ...]:
    """Products meant, best first. `several`: the message compares, so that those spoken of before may join; otherwise
    more than one means that the words fit them alike."""
    own = names.find(text) if several else names.leading(text)
    spoken = _products_spoken_of(history, names)
    if several:
        return _compared(text, [named.product_id for named in own if named.score >= 0.5], spoken)
    at = ordinal_in(text)
    if at is not None and at < len(spoken):
        return (spoken[at],)
    mine = tuple(named.product_id for named in own)
    if len(mine) == 1:
        return mine
    if mine:
        known = [product_id for product_id in spoken if product_id in mine]
        return (known[-1],) if known and not _pattern("other").search(text) else mine
    leaning = _pattern("this").search(text) or is_followup(text) or len(text) <= _SHORT
    among = names.leading(text, among=set(spoken)) if spoken else []
    if len(among) == 1:
        return (among[0].product_id,)
    if spoken and _pattern("other").search(text):
        others = spoken[:-1]
        return (others[-1],) if others else ()
    return (spoken[-1],) if spoken and leaning else ()


def _compared(text: str, own: Sequence[str], spoken: Sequence[str]) -> tuple[str, ...]:
    if len(own) >= 2:
        return tuple(own)
    wanted = 3 if re.search(r"三[款个种把顶]", text) else 2
    before = [product_id for product_id in spoken if product_id not in own]
    return (*before[-(wanted - len(own)) :], *own)


def _products_spoken_of(history: Sequence[Utterance], names: NameIndex) -> list[str]:
    """By where they were last spoken of, oldest first; within one message in the order they stand."""
    found: dict[str, None] = {}
    for entry in history:
        clear = [named for named in names.find(entry.text) if named.score > 2 or entry.role == "user"]
        if entry.role == "user":
            lead = names.leading(entry.text)
            clear = [named for named in clear if named.score > 2] or (lead if len(lead) <= 2 else [])
        for named in sorted(clear, key=lambda one: one.at):
            found.pop(named.product_id, None)
            found[named.product_id] = None
    return list(found)
