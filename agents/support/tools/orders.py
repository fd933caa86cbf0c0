"""The tools `order` and `shipment`: what a proven shopper's own order is, where its parcels are, how refunds go."""

from collections.abc import Sequence
from datetime import datetime

from agents.support.cards import OrderCard, OrderLine, Step
from agents.support.screen import screen
from agents.support.tools.base import ABSENT, SIGN_IN, Fact, ToolContext, ToolResult
from agents.support.tools.speech import (
    INVOICE_STATES,
    ORDER_STATES,
    REFUND_KINDS,
    REFUND_STATES,
    SHIPMENT_STATES,
    day,
    moment,
    yuan,
)
from knowledge.orders.oms import Oms
from knowledge.orders.views import OrderView, RefundView, ShipmentView

RUNNING = frozenset({"requested", "approved", "returning", "received"})
"""States of an after-sales case that is not over."""
_STEPS_SHOWN = 8
_STEP_CHARACTERS = 60


async def order(oms: Oms, context: ToolContext, order_id: str, focus: str = "state") -> ToolResult:
    """`focus` is what is asked: state, refund, invoice, items, amount, placed or address. Raises:
    OmsUnavailableError."""
    found = await own_order(oms, context, order_id)
    if isinstance(found, ToolResult):
        return found
    sentences = order_sentences(found, context.now)
    wanted = {
        "refund": refund_sentences(found),
        "invoice": (_invoice(found),),
        "items": (_items(found),),
        "amount": (_amount(found),),
        "placed": (_placed(found),),
        "address": _address(found),
    }
    say = wanted.get(focus) or (sentences[0],)
    text = "".join(tuple(dict.fromkeys((*sentences, *say))))
    fact = Fact("order", f"order:{found.order_id}", f"订单 {found.order_id}", text, say)
    return ToolResult("found", (fact,), (order_card(found),), subjects=(found.order_id,))


async def shipment(oms: Oms, context: ToolContext, order_id: str) -> ToolResult:
    """Raises: OmsUnavailableError."""
    found = await own_order(oms, context, order_id)
    if isinstance(found, ToolResult):
        return found
    sentences = shipment_sentences(found, context.now)
    fact = Fact("shipment", f"order:{found.order_id}", f"订单 {found.order_id} 的物流", "".join(sentences), sentences)
    return ToolResult("found", (fact,), (order_card(found),), subjects=(found.order_id,))


async def own_order(oms: Oms, context: ToolContext, order_id: str) -> OrderView | ToolResult:
    """The shopper's own order; somebody else's is as absent as one that never was."""
    if context.shopper is None:
        return SIGN_IN
    found = await oms.order(context.shop_id, context.shopper.shopper_id, order_id)
    return ABSENT if found is None else found


def order_sentences(order: OrderView, now: datetime) -> tuple[str, ...]:
    """The state first. Each stands alone: it names its order."""
    told = [_state(order), _items(order)]
    if order.state != "cancelled" or order.paid_at:
        told += [_amount(order), _placed(order)]
    told += [*shipment_sentences(order, now), *(refund_sentences(order) if order.refunds else ())]
    if order.paid_at and order.state not in ("cancelled", "refunded"):
        told.append(_invoice(order))
    told += _address(order)
    return tuple(dict.fromkeys(told))


def _state(order: OrderView) -> str:
    name = f"订单{order.order_id}"
    if order.state == "cancelled" and order.cancelled_at:
        return f"{name}已于{moment(order.cancelled_at)}取消。"
    if order.state in ("delivered", "completed") and order.signed_at:
        return f"{name}{ORDER_STATES[order.state]}，签收时间是{moment(order.signed_at)}。"
    return f"{name}目前的状态是{ORDER_STATES[order.state]}。"


def _items(order: OrderView) -> str:
    def one(title: str, sku: str, quantity: int) -> str:
        return f"“{title}{f'（{sku}）' if sku else ''}”×{quantity}"

    goods = "、".join(one(item.title, item.sku_name, item.quantity) for item in order.items)
    return f"订单{order.order_id}里有{goods}。"


def _amount(order: OrderView) -> str:
    freight = f"，其中运费{yuan(order.freight_fen)}" if order.freight_fen else ""
    if order.paid_at:
        return f"订单{order.order_id}于{moment(order.paid_at)}付款，实付{yuan(order.paid_fen)}{freight}。"
    return f"订单{order.order_id}还没有付款，应付{yuan(_due_fen(order))}{freight}。"


def _due_fen(order: OrderView) -> int:
    """What an order that is not paid yet comes to."""
    goods = sum(item.unit_price_fen * item.quantity for item in order.items)
    return max(0, goods - order.discount_fen) + order.freight_fen


def _placed(order: OrderView) -> str:
    return f"订单{order.order_id}的下单时间是{moment(order.placed_at)}。"


def _address(order: OrderView) -> tuple[str, ...]:
    if not order.masked_address or order.state not in ("paid", "shipped"):
        return ()
    return (f"订单{order.order_id}的收货地区是{order.masked_address.rstrip('*')}。",)


def _invoice(order: OrderView) -> str:
    return f"订单{order.order_id}{INVOICE_STATES[order.invoice_state]}。"


def shipment_sentences(order: OrderView, now: datetime) -> tuple[str, ...]:
    """Where the parcels are; before shipping, by when they are promised to leave, or were."""
    name = f"订单{order.order_id}"
    if order.state == "unpaid":
        return (f"{name}还没有付款，付款后才会发货。",)
    if order.state == "cancelled":
        return (_state(order),)
    if not order.shipments:
        return (
            (f"{name}还没有发货{_promised(order, now)}。",) if order.state == "paid" else (f"{name}目前没有物流记录。",)
        )
    coming_first = sorted(order.shipments, key=lambda parcel: parcel.state == "signed")
    return tuple(sentence for parcel in coming_first for sentence in _parcel(order, parcel))


def _promised(order: OrderView, now: datetime) -> str:
    by = order.promised_ship_at
    if by is None:
        return ""
    return f"，最晚{moment(by)}前发货" if now <= by else f"，已经超过最晚发货时间{moment(by)}"


def _parcel(order: OrderView, parcel: ShipmentView) -> tuple[str, ...]:
    head = f"订单{order.order_id}由{parcel.courier}配送，快递单号{parcel.tracking_no}，"
    if parcel.state == "signed":
        at = parcel.signed_at or order.signed_at
        told = [f"{head}已于{moment(at)}签收。" if at else f"{head}已签收。"]
    else:
        told = [f"{head}目前{SHIPMENT_STATES[parcel.state]}。"]
    if parcel.steps:
        step = max(parcel.steps, key=lambda one: one.at)
        said = carrier_words(step.text)
        told.append(f"订单{order.order_id}最新物流（{moment(step.at)}）：“{said}”。" if said else
                    f"订单{order.order_id}最新物流更新于{moment(step.at)}。")  # fmt: skip
    if parcel.expected_on and parcel.state != "signed":
        told.append(f"订单{order.order_id}预计{day(parcel.expected_on)}送达。")
    return tuple(told)


def carrier_words(text: str) -> str:
    """A carrier's note fit to be quoted: empty when it reads like instructions; masked and shortened otherwise."""
    screened = screen(text)
    quoted = screened.masked.translate(str.maketrans("“”。\n", "「」； "))
    return "" if screened.suspicious or "://" in quoted else quoted.rstrip("； ")[:_STEP_CHARACTERS]


def refund_sentences(order: OrderView) -> tuple[str, ...]:
    """Newest first; where there are none, that."""
    if not order.refunds:
        return (f"订单{order.order_id}没有退款或售后申请。",)
    newest = sorted(order.refunds, key=lambda one: one.requested_at, reverse=True)
    return tuple(_refund(order, refund) for refund in newest)


def _refund(order: OrderView, refund: RefundView) -> str:
    kind = REFUND_KINDS[refund.kind]
    head = f"订单{order.order_id}于{moment(refund.requested_at)}提交了{kind}申请"
    amount = f"，金额{yuan(refund.amount_fen)}" if refund.amount_fen else ""
    if refund.state == "paid_out" and refund.paid_out_at:
        done = "补差金额" if refund.kind == "price_protection" else "款项"
        return f"{head}{amount}，{done}已于{moment(refund.paid_out_at)}原路退回。"
    if refund.state == "received" and refund.received_at:
        return f"{head}{amount}，店铺已于{moment(refund.received_at)}收到寄回的商品。"
    return f"{head}{amount}，目前{REFUND_STATES[refund.state]}。"


def order_card(order: OrderView) -> OrderCard:
    parcels: Sequence[ShipmentView] = order.shipments
    parcel = parcels[-1] if parcels else None
    steps = sorted((step for one in parcels for step in one.steps), key=lambda step: step.at, reverse=True)
    refunds = refund_sentences(order) if order.refunds else ()
    return OrderCard(
        order_id=order.order_id,
        state=order.state,
        state_text=ORDER_STATES[order.state],
        placed_at=order.placed_at.isoformat(),
        paid_fen=order.paid_fen,
        items=tuple(
            OrderLine(title=i.title, sku_name=i.sku_name, quantity=i.quantity, paid_fen=i.paid_fen,
                      product_id=i.product_id)
            for i in order.items
        ),
        courier=parcel.courier if parcel else "",
        tracking_no=parcel.tracking_no if parcel else "",
        shipment_text=SHIPMENT_STATES[parcel.state] if parcel else "",
        expected_on=parcel.expected_on.isoformat() if parcel and parcel.expected_on else "",
        steps=tuple(
            Step(at=step.at.isoformat(), text=carrier_words(step.text) or "物流更新")
            for step in steps[:_STEPS_SHOWN]
        ),
        refund_text=refunds[0] if refunds else "",
    )  # fmt: skip
