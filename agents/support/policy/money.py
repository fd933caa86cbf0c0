"""How much: 暂行办法 §12, §13, §15, §17, §18; 消费者权益保护法 §24, §55."""

from typing import Literal

from agents.support.policy.purchase import Part, PurchaseFacts
from agents.support.policy.result import Compensation, Trail
from agents.support.policy.statutes import QR, XF

_LEAST_FEN = 50_000
_FOOD = {"food", "fresh_food", "health_food"}


def no_reason_refund(facts: PurchaseFacts, trail: Trail) -> int:
    """Goods only; negative when the kept goods cost more alone than all was paid for (少补)."""
    refund = facts.paid_fen
    trail.note("返还实际支付的商品价款，发货运费不在其内。", (QR, 13), (QR, 14), (QR, 17))
    kept = [part for part in facts.items if not part.returned]
    if kept:
        cost = _cost(kept, facts)
        refund -= cost
        trail.note(f"部分退货：留下的商品按购买时价格计{cost}分，多退少补。", (QR, 17))
    refund -= _freight_lost(facts, kept, trail)
    if facts.gift:
        refund -= _gift_price(facts, trail)
    return refund


def _cost(kept: list[Part], facts: PurchaseFacts) -> int:
    """What the kept goods cost at purchase under the tiers they still reach; a broken bundle is at single prices."""
    total = sum(part.list_fen for part in kept)
    if facts.promo is None or facts.promo.type == "bundle":
        return total
    return total - max((tier.off_fen for tier in facts.promo.tiers if total >= tier.min_fen), default=0)


def _freight_lost(facts: PurchaseFacts, kept: list[Part], trail: Trail) -> int:
    threshold = facts.free_ship_threshold_fen
    if threshold is None or facts.freight_paid_fen or _cost(kept, facts) >= threshold:
        return 0
    trail.note(f"退货后不足免运费门槛，可以扣除运费{facts.base_ship_fee_fen}分。", (QR, 18))
    return facts.base_ship_fee_fen


def _gift_price(facts: PurchaseFacts, trail: Trail) -> int:
    if facts.gift_returned:
        trail.note("赠品一并退回。", (QR, 12))
        return 0
    if facts.gift_price_fen is None:
        trail.note("赠品未退回，但没有事先标明价格，不能扣款。", (QR, 12))
        return 0
    trail.note(f"赠品未退回，按事先标明的价格支付{facts.gift_price_fen}分。", (QR, 12))
    return facts.gift_price_fen


def fault_refund(facts: PurchaseFacts) -> int:
    """The seller's fault: the whole order with its outbound freight; a part by its share of what was paid."""
    kept = [part for part in facts.items if not part.returned]
    total = sum(part.list_fen for part in facts.items)
    if not kept or not total:
        return facts.paid_fen + facts.freight_paid_fen
    returned = total - sum(part.list_fen for part in kept)
    return facts.paid_fen * returned // total


def in_kind(facts: PurchaseFacts, trail: Trail) -> tuple[Literal["coupon", "points"], ...]:
    used: tuple[Literal["coupon", "points"], ...] = ()
    used += ("coupon",) if facts.coupon_fen else ()
    used += ("points",) if facts.points_fen else ()
    if used:
        trail.note("以积分、优惠券支付的部分，以相应形式返还。", (QR, 15), (QR, 14))
    return used


def fraud_compensation(facts: PurchaseFacts, trail: Trail) -> tuple[Compensation, int | None]:
    if facts.category in _FOOD:
        trail.note("食品另有法律规定惩罚性赔偿的倍数，依其规定。", (XF, 55))
        return "special_law", None
    fen = max(3 * facts.paid_fen, _LEAST_FEN)
    trail.note(f"按实付价款的三倍、不少于五百元增加赔偿，计{fen}分。", (XF, 55))
    return "x3_min500", fen
