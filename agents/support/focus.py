"""What a message is about: which of the shopper's orders, which products. Read from the message, then from what was
said before; several that fit alike are told apart by asking."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from agents.support.floor_text import pattern_in
from agents.support.followup import is_followup
from agents.support.slots import product_in
from agents.support.triage_types import Utterance
from knowledge.catalog.names import WHOLE, NameIndex
from knowledge.kit.clock import shanghai_date
from knowledge.orders.views import OrderView

_ORDER_ID = re.compile(r"(?<![A-Za-z\d])([A-Za-z]{1,4}\d{6,20}|\d{10,20})(?!\d)")
_ORDINAL = re.compile(r"第([一二三四五12345])(?:[个款种单笔件把顶]|(?=多|是|有|怎|能|的|重|贵|大))|(前者)|(后者)")
_DIGITS = {char: value for value, char in enumerate("一二三四五", start=1)}
_COUNTS = {"两": 2, "俩": 2, **_DIGITS}
_COUNTED = re.compile(r"(?<!第)([两俩一二三四五]|[1-9])(?:个|把|件|瓶|盒|箱|条|支|顶|只|台|双|包|罐)")
_LEANING = 20  # characters up to which a message without a name of its own leans on what was said
_TELLS_GOODS = 2.0  # fit from which a piece of a name, at its end or long, tells which goods are meant
_RECENT_DAYS = 30
_CONTAINED = re.compile(r"(?:能|可以|会|好)?(?:装|放|泡|煮|塞|盛)[^，。？?]{1,6}")  # 能装咖啡吗 asks of the cup
_PICKING = 28  # characters of a message that only picks
_GOES_ON = re.compile(r"[呢哈呀啊吧]+[?？]?$")
_ALIKE = 0.8  # share of the best fit from which a product is one of those compared
_PARTICLES = re.compile(r"[\s,，。.!！?？~～呢吧啊呀哦哈的那这个单订号是就款种我要问想看一下要]|编号")
_pattern = partial(pattern_in, "personal.yaml")


@dataclass(frozen=True)
class OrderFocus:
    """`order_ids`: one when it is clear, several when the shopper has to choose. `named`: the message or the
    conversation names an order id, known or not."""

    order_ids: tuple[str, ...] = ()
    named: bool = False


def order_ids_in(text: str) -> list[str]:
    return list(dict.fromkeys(found[1].upper() for found in _ORDER_ID.finditer(text)))


def without_order_ids(text: str) -> str:
    """The text itself where it is nothing but an order number."""
    return _ORDER_ID.sub("", text).strip(" ，,") or text


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
    candidates: Sequence[Sequence[OrderView]],
    names: NameIndex,
    now: datetime,
    before: str = "",
) -> OrderFocus:
    """`orders` are all the shopper's, newest first; `candidates` those in a state that fits the question, best fit
    first; `before` is the question that the message answers or leans on."""
    if stated := order_ids_in(text):
        return OrderFocus((_whole_id(stated[0], orders),), named=True)
    known = {one.order_id for one in orders}
    if offered := _picked(text, history, known):
        return OrderFocus((offered,), named=True)
    pool = _pool(text, orders, now) or _pool(before, orders, now)
    pool = _by_sku(text, pool or orders) or pool
    by_name = _by_product(text, pool or orders, names) or _by_product(before, pool or orders, names)
    spoken = orders_spoken_of(history, known)
    if by_name:
        kept = _by_quantity(text, by_name)
        talked_of = [one for one in kept if one.order_id in spoken[-1:] and not _pattern("other").search(text)]
        return _narrowed(talked_of or kept, candidates)
    if pool:
        return _narrowed(pool, candidates)
    if spoken and not _pattern("other").search(text) and (is_followup(text) or len(text) <= _PICKING):
        return OrderFocus((spoken[-1],), named=True)
    fitting = next((tier for tier in candidates if tier), [])
    if _pattern("newest").search(text) and orders:
        return OrderFocus(((fitting or orders)[0].order_id,))
    if _pattern("other").search(text):
        fitting = [one for one in fitting if one.order_id not in spoken[-1:]] or fitting
    if fitting:
        return OrderFocus(tuple(one.order_id for one in fitting))
    return OrderFocus((spoken[-1],), named=True) if spoken else OrderFocus()


def _pool(text: str, orders: Sequence[OrderView], now: datetime) -> list[OrderView]:
    """Those the message narrows down to by day, state or channel; empty when it does not."""
    pool = _by_circumstance(text, _by_time(text, orders, now) or orders)
    return [] if len(pool) == len(orders) else pool


def _whole_id(stated: str, orders: Sequence[OrderView]) -> str:
    """A tail that fits one order of the shopper's own is that order, and so is the number of one of its parcels."""
    for one in orders:
        if any(parcel.tracking_no.upper() == stated for parcel in one.shipments):
            return one.order_id
    fitting = [one.order_id for one in orders if one.order_id == stated or one.order_id.endswith(stated)]
    return fitting[0] if len(fitting) == 1 else stated


def orders_spoken_of(history: Sequence[Utterance], known: Collection[str]) -> list[str]:
    """Those of the known order ids, in the order they were last spoken of."""
    found: dict[str, None] = {}
    for entry in history:
        if entry.role == "bot" and _pattern("asked_to_choose").search(entry.text):
            continue  # what was only offered is not yet spoken of
        for order_id in order_ids_in(entry.text):
            found.pop(order_id, None)
            found[order_id] = None
    return [order_id for order_id in found if order_id in known]


def _picked(text: str, history: Sequence[Utterance], known: Collection[str]) -> str | None:
    """The one counted out of those the last answer listed."""
    at = ordinal_in(text)
    last = next((entry.text for entry in reversed(history) if entry.role == "bot"), "")
    listed = [order_id for order_id in order_ids_in(last) if order_id in known]
    return listed[at] if at is not None and len(listed) > 1 and at < len(listed) else None


def _by_time(text: str, orders: Sequence[OrderView], now: datetime) -> list[OrderView]:
    if not _pattern("dated").search(text):
        return []  # “今天不在家” dates no order
    today, signed = shanghai_date(now), bool(_pattern("the_arrived").search(text))
    days = {"yesterday": (1, 1), "before_yesterday": (2, 2), "today": (0, 0)}
    for name, (newest, oldest) in days.items():
        if _pattern(name).search(text):
            return _between(orders, (today - timedelta(days=oldest), today - timedelta(days=newest)), signed=signed)
    if _pattern("last_week").search(text):
        monday = today - timedelta(days=today.weekday() + 7)
        return _between(orders, (monday, monday + timedelta(days=6)), signed=signed)
    if _pattern("last_month").search(text):
        last = today.replace(day=1) - timedelta(days=1)
        return _between(orders, (last.replace(day=1), last), signed=signed)
    return []


_CIRCUMSTANCES: tuple[tuple[str, Callable[[OrderView], bool]], ...] = (
    ("bought_live", lambda one: one.channel == "live"),
    ("the_unpaid", lambda one: one.state == "unpaid"),
    ("the_unshipped", lambda one: one.state == "paid"),
    ("the_delivering", lambda one: any(parcel.state == "out_for_delivery" for parcel in one.shipments)),
    ("the_travelling", lambda one: one.state == "shipped"),
    ("the_cancelled", lambda one: one.state == "cancelled"),
    ("the_signed", lambda one: one.state in ("delivered", "completed")),
)


def _by_circumstance(text: str, orders: Sequence[OrderView]) -> list[OrderView]:
    """Those of the state or the channel that the message names them by; all when it names none."""
    kept = list(orders)
    for name, fits in _CIRCUMSTANCES:
        if _pattern(name).search(text):
            kept = [one for one in kept if fits(one)]
    return kept


def _between(orders: Sequence[OrderView], span: tuple[date, date], *, signed: bool) -> list[OrderView]:
    def on(order: OrderView) -> date | None:
        at = order.signed_at if signed else order.placed_at
        return shanghai_date(at) if at else None

    return [one for one in orders if (day := on(one)) and span[0] <= day <= span[1]]


def _by_product(text: str, orders: Sequence[OrderView], names: NameIndex) -> list[OrderView]:
    bought = {item.product_id for order in orders for item in order.items if item.product_id}
    meant = {named.product_id for named in names.leading(text, among=bought)}
    return [order for order in orders if meant & {item.product_id for item in order.items}]


def _by_sku(text: str, orders: Sequence[OrderView]) -> list[OrderView]:
    """Those with an item in a colour or size that the message names."""

    def named(sku_name: str) -> bool:
        return any(len(word) > 1 and word in text for word in re.split(r"[\s，,、/()（）]+", sku_name))

    return [order for order in orders if any(named(item.sku_name) for item in order.items)]


def _by_quantity(text: str, orders: Sequence[OrderView]) -> Sequence[OrderView]:
    """Those that hold as many of one thing as the message counts, when some do."""
    counted = {_COUNTS.get(found[1]) or int(found[1]) for found in _COUNTED.finditer(text)} - {1}
    return [one for one in orders if counted & {item.quantity for item in one.items}] or orders


def _narrowed(found: Sequence[OrderView], candidates: Sequence[Sequence[OrderView]]) -> OrderFocus:
    """Those that fit best, if any do; else the newest of what was meant."""
    for tier in candidates:
        known = {one.order_id for one in tier}
        if fitting := tuple(one.order_id for one in found if one.order_id in known):
            return OrderFocus(fitting)
    return OrderFocus((found[0].order_id,))


def bought_recently(order: OrderView, now: datetime) -> bool:
    return now - (order.signed_at or order.paid_at or order.placed_at) <= timedelta(days=_RECENT_DAYS)


def products_in(text: str, history: Sequence[Utterance], names: NameIndex, *, several: bool) -> tuple[str, ...]:
    """Products meant, best first. `several`: the message compares, so that those spoken of before may join; otherwise
    more than one means that the words fit them alike."""
    spoken = products_spoken_of(history, names)
    if several:
        return _compared(text, names, spoken)
    own = names.leading(_CONTAINED.sub("□", text) if spoken else text)
    at = ordinal_in(text)
    if at is not None and at < len(spoken):
        return (spoken[at],)
    asks = _pattern("asks_itself").search(_GOES_ON.sub("", text))
    if spoken and own and own[0].score < _TELLS_GOODS and asks:
        own = []  # “能卸妆不” of a cleanser names no 卸妆油; “轻量的呢” picks the light one
    mine = tuple(named.product_id for named in own)
    if len(mine) == 1:
        return mine
    if spoken and _pattern("this").search(text) and not any(named.score > WHOLE for named in own):
        return _nearest(mine, spoken, names) if set(mine) & set(spoken) else (spoken[-1],)
    if mine:
        return _nearest(mine, spoken, names) if spoken and not _pattern("other").search(text) else mine
    if offered := _offered(history, names):
        return offered
    if (kind := product_in(text)) and not any(kind in names.title(one) for one in spoken):
        return ()  # another kind of goods than those spoken of, and the shop has none that is called so
    leaning = _pattern("this").search(text) or is_followup(text) or len(text) <= _LEANING
    if spoken and _pattern("other").search(text):
        others = spoken[:-1]
        return (others[-1],) if others else ()
    return (spoken[-1],) if spoken and leaning else ()


def _nearest(mine: tuple[str, ...], spoken: Sequence[str], names: NameIndex) -> tuple[str, ...]:
    """Of several that fit alike: one spoken of, else the one whose name is most like that of the last one spoken of."""
    known = [product_id for product_id in spoken if product_id in mine]
    if known:
        return (known[-1],)
    alike = names.leading(names.title(spoken[-1]), among=mine)
    return (alike[0].product_id,) if len(alike) == 1 else mine


def _offered(history: Sequence[Utterance], names: NameIndex) -> tuple[str, ...]:
    """Products the last answer offered to choose from, when nothing was chosen: the question is on all of them."""
    last = history[-1] if history else None
    if last is None or last.role != "bot" or not _pattern("offered_products").search(last.text):
        return ()
    found = [named for named in names.find(last.text) if named.score > WHOLE]
    return tuple(named.product_id for named in sorted(found, key=lambda named: named.at)) if len(found) > 1 else ()


def names_product(text: str, names: NameIndex) -> bool:
    """Whether the message itself points at a product, by name or by a word such as 这款."""
    return bool(names.leading(text) or _pattern("this").search(text)) or is_followup(text)


def _compared(text: str, names: NameIndex, spoken: Sequence[str]) -> tuple[str, ...]:
    """Those the text tells apart, in the order it names them; with fewer than two, those spoken of before join."""
    found = names.find(text)
    clear = [named for named in found if named.score > WHOLE] or [
        named for named in found if named.score >= _ALIKE * found[0].score
    ]
    before_too = [named for named in clear if named.product_id in spoken]
    if len(before_too) >= 2 and len(clear) > len(before_too):
        clear = before_too  # “这两把椅子”: of all chairs, the two that were spoken of
    own = [named.product_id for named in sorted(clear, key=lambda named: named.at)]
    if len(own) >= 2:
        return tuple(own)
    wanted = 3 if re.search(r"三[款个种把顶]", text) else 2
    before = [product_id for product_id in spoken if product_id not in own]
    return (*before[-(wanted - len(own)) :], *own)


def products_spoken_of(history: Sequence[Utterance], names: NameIndex) -> list[str]:
    """By where they were last spoken of, oldest first; within one message in the order they stand."""
    found: dict[str, None] = {}
    for entry in history:
        clear = [named for named in names.find(entry.text) if named.score > WHOLE or entry.role == "user"]
        if entry.role == "user":
            lead = names.leading(entry.text)
            clear = [named for named in clear if named.score > WHOLE] or (lead if len(lead) == 1 else [])
        for named in sorted(clear, key=lambda one: one.at):
            found.pop(named.product_id, None)
            found[named.product_id] = None
    return list(found)


def continues(text: str, history: Sequence[Utterance], *, vague: bool, names_goods: bool) -> str | None:
    """The question that the message goes on with: it only picks an order, a place in a list, or goods, and asks nothing
    of its own. None when it does. `vague`: no topic was read in it; `names_goods`: it names a product."""
    last = next((entry.text for entry in reversed(history) if entry.role == "bot"), "")
    before = [entry.text for entry in history if entry.role == "user"]
    asking = [line for line in before if _pattern("asks_itself").search(_GOES_ON.sub("", line))]
    question = next((line for line in reversed(asking or before) if not _is_bare(line)), "")
    if not question:
        return None
    signed_in = _pattern("asked_to_sign_in").search(last) and _pattern("signed_in").search(text)
    if _is_bare(text) or (signed_in and len(text) <= _PICKING):
        return question
    picks = bool(order_ids_in(text)) or names_goods or bool(_pattern("asked_to_choose").search(last))
    asks = _pattern("asks_itself").search(_GOES_ON.sub("", text)) or _pattern("unwanted").search(text)
    return question if picks and vague and not asks and len(text) <= _PICKING else None


def _is_bare(text: str) -> bool:
    """Nothing but an order number or a place in a list."""
    rest = _ORDINAL.sub("", _ORDER_ID.sub("", text))
    return rest != text and not _PARTICLES.sub("", rest)
