"""How much comes back when some goods of an order are returned: 暂行办法 §13, §17, freight apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.support.tools.speech import yuan
from knowledge.catalog.offers import OfferView
from knowledge.orders.views import ItemView, OrderView


@dataclass(frozen=True)
class Refund:
    """`fen` None: what remains depends on how the reductions are shared, which the order does not tell."""

    fen: int | None
    line: str


def refund_of(order: OrderView, back: Mapping[int, int], offers: Sequence[OfferView] = ()) -> Refund:
    """`back`: line → pieces that come back. `offers`: those that ran when the order was paid."""
    about = f"订单{order.order_id}"
    whole = all(back.get(item.line, 0) >= item.quantity for item in order.items)
    paid = sum(item.paid_fen for item in order.items)
    if whole:
        what = f"「{order.items[0].title}」" if len(order.items) == 1 else "的商品全部"
        return Refund(paid, f"{about}{what}退货的，退回实付的商品价款{yuan(paid)}。")
    total = sum(item.unit_price_fen * item.quantity for item in order.items)
    kept = total - sum(item.unit_price_fen * _pieces(item, back) for item in order.items)
    share = sum(item.paid_fen * _pieces(item, back) // item.quantity for item in order.items)
    what = "、".join(_said(item, back[item.line]) for item in order.items if _pieces(item, back))
    reduced, tier = total - paid, _tier(total, offers)
    if reduced and tier == reduced:
        alone = kept - _tier(kept, offers)
        if alone > paid:
            return Refund(None, f"{about}只退{what}的，留下的商品重新结算满减后超过实付金额，没有可退的商品价款。")
        line = f"{about}只退{what}的，留下的商品按还能满足的满减档位重新结算是{yuan(alone)}"
        return Refund(paid - alone, f"{line}，退回商品价款{yuan(paid - alone)}。")
    if reduced and tier:
        line = f"{about}只退{what}的，这部分分摊优惠后实付{yuan(share)}"
        return Refund(None, f"{line}，留下的商品按还能满足的满减档位重新结算，差额在退款里多退少补。")
    shared = "按分摊优惠后的实付金额" if reduced else ""
    return Refund(share, f"{about}只退{what}的，{shared}退回商品价款{yuan(share)}。")


def _pieces(item: ItemView, back: Mapping[int, int]) -> int:
    return min(item.quantity, back.get(item.line, 0))


def _said(item: ItemView, pieces: int) -> str:
    return f"「{item.title}」" + (f"{pieces}件" if item.quantity > 1 else "")


def _tier(amount_fen: int, offers: Sequence[OfferView]) -> int:
    """What the highest 满减 of the whole shop that the amount reaches takes off."""
    reached = [
        offer.off_fen or 0
        for offer in offers
        if offer.kind == "threshold" and offer.audience == "all" and offer.product_id is None
        and amount_fen >= (offer.threshold_fen or 0)
    ]  # fmt: skip
    return max(reached, default=0)
