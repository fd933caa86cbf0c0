"""May an order be cancelled, or its address changed, in the state it is in: what the state implies, no promises."""

from datetime import datetime

from agents.support.policy.answers import ChangeAnswer, Clause, Result, day, moment, refund_line, shop_clause
from agents.support.policy.days import within
from agents.support.tools.speech import yuan
from knowledge.orders.views import OrderView
from knowledge.policies.terms import PolicyTerms


def cancel_policy(order: OrderView, terms: PolicyTerms | None, *, now: datetime) -> ChangeAnswer:
    """`discretion`: packed but not handed over, so that it may not be stopped any more; what holds then is told."""
    about, clauses = f"订单{order.order_id}", _shipping(terms)
    ended = _ended(order, now)
    if ended:
        return _answer("no", ended, now=now, clauses=clauses)
    if order.state == "unpaid":
        line = f"{about}还没有付款，可以取消，没有要退的款项。"
        return _answer("yes", line, *_coupon(order), now=now, clauses=clauses)
    if _shipped(order):
        line = f"{about}{_shipped_on(order, now)}，已经发货的订单不能取消。"
        return _answer("no", line, "不想要的商品按退换货规则办理退货。", now=now, clauses=clauses)
    late = _late(order, now)
    if any(shipment.state == "packed" for shipment in order.shipments):
        line = f"{about}已出库、还没有交给快递公司，可能无法拦截。"
        stopped = f"{about}拦截成功的，退回实付的{yuan(order.paid_fen)}。"
        sent = f"{about}没有拦截住的，收货后按退换货规则办理退货。"
        return _answer("discretion", line, stopped, sent, *_coupon(order), *late, now=now, clauses=clauses)
    line = f"{about}已付款、还没有发货，可以取消。"
    refund = f"{about}取消后退回实付的{yuan(order.paid_fen)}。"
    return _answer("yes", line, *late, refund, *_coupon(order), now=now, clauses=clauses)


def address_policy(order: OrderView, terms: PolicyTerms | None, *, now: datetime) -> ChangeAnswer:
    about, clauses = f"订单{order.order_id}", _shipping(terms)
    ended = _ended(order, now)
    if ended:
        return _answer("no", ended, now=now, clauses=clauses)
    if order.state in ("delivered", "completed"):
        return _answer("no", f"{about}已签收，不能再修改收货地址。", now=now, clauses=clauses)
    if _shipped(order):
        line = f"{about}{_shipped_on(order, now)}，已经发货的订单不能在订单里修改地址。"
        return _answer("no", line, now=now, clauses=clauses)
    if any(shipment.state == "packed" for shipment in order.shipments):
        line = f"{about}已出库、还没有交给快递公司，地址可能无法修改。"
        return _answer("discretion", line, now=now, clauses=clauses)
    return _answer("yes", f"{about}还没有发货，可以修改收货地址。", now=now, clauses=clauses)


def _coupon(order: OrderView) -> tuple[str, ...]:
    """What was paid in coupons comes back as coupons (暂行办法 §15); the order tells only that something was off."""
    if not order.discount_fen:
        return ()
    return (f"订单{order.order_id}用了优惠券的，取消后优惠券一起退回。",)


def _answer(result: Result, *lines: str, now: datetime, clauses: tuple[Clause, ...]) -> ChangeAnswer:
    return ChangeAnswer(result=result, lines=lines, clauses=clauses, as_of=now)


def _shipping(terms: PolicyTerms | None) -> tuple[Clause, ...]:
    return shop_clause(terms.shipping_doc, terms.shipping_section) if terms else ()


def _ended(order: OrderView, now: datetime) -> str:
    """Why there is nothing left to cancel or change."""
    about = f"订单{order.order_id}"
    if order.state == "cancelled":
        on = f"于{day(order.cancelled_at, now)}" if order.cancelled_at else ""
        return f"{about}已{on}取消。"
    if order.state not in ("refunding", "refunded"):
        return ""
    whole = [refund for refund in order.refunds if refund.line is None]
    if whole and order.items:
        return refund_line(order, order.items[0], whole[-1], now)
    return f"{about}已退款。" if order.state == "refunded" else f"{about}正在退款中。"


def _shipped(order: OrderView) -> bool:
    return order.state in ("shipped", "delivered", "completed") or any(s.state != "packed" for s in order.shipments)


def _shipped_on(order: OrderView, now: datetime) -> str:
    shipped = [shipment.shipped_at for shipment in order.shipments if shipment.shipped_at]
    return f"已于{day(min(shipped), now)}发货" if shipped else "已发货"


def _late(order: OrderView, now: datetime) -> tuple[str, ...]:
    if order.promised_ship_at is None or within(now, order.promised_ship_at):
        return ()
    return (f"订单{order.order_id}约定在{moment(order.promised_ship_at, now)}前发货，现在已经超过。",)
