"""Is the difference due when a price falls after the purchase: the shop's own rule, computed from its terms.

The price compared with is the one anybody pays now, each public coupon or 满减 counted once per piece; offers the terms
exclude neither lower it nor were protected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.support.policy.answers import (
    VOID_STATES,
    PriceProtectionAnswer,
    Result,
    day,
    moment,
    named,
    refund_line,
    refunds_of,
    shop_clause,
)
from agents.support.policy.days import deadline_after, within
from agents.support.policy.return_case import EXCLUDED
from agents.support.tools.speech import yuan
from knowledge.catalog.offers import PRICE_KINDS, OfferView
from knowledge.catalog.pricing import public_price
from knowledge.catalog.views import ProductView
from knowledge.orders.views import ItemView, OrderView
from knowledge.policies.terms import PolicyTerms

_REDUCTIONS = ("threshold", "coupon")


@dataclass(frozen=True)
class _Case:
    order: OrderView
    item: ItemView
    terms: PolicyTerms
    now: datetime

    @property
    def name(self) -> str:
        return named(self.order, self.item)

    @property
    def person(self) -> str:
        return f"{self.name}能否价保需要由人工客服核实。"

    def answer(self, result: Result, *lines: str, deadline: datetime | None = None) -> PriceProtectionAnswer:
        clauses = shop_clause(self.terms.price_protection_doc, self.terms.price_protection_section)
        return PriceProtectionAnswer(
            result=result, needs_person=result == "discretion", lines=lines, clauses=clauses, as_of=self.now,
            deadline=deadline,
        )  # fmt: skip

    @property
    def again(self) -> str:
        """A price may fall more than once before the period ends."""
        times, used = self.terms.price_protection_times, _used(self)
        so_far = f"，已经用了{used}次" if used else ""
        return f"{self.name}在价保期内再降价可以再申请，每件商品一共可以申请{times}次{so_far}。" if times > 1 else ""


@dataclass(frozen=True)
class _PublicPrice:
    fen: int
    reductions: tuple[OfferView, ...] = ()


def price_protection(
    order: OrderView,
    item: ItemView,
    product: ProductView | None,
    terms: PolicyTerms | None,
    *,
    now: datetime,
    offers_when_paid: Sequence[OfferView] = (),
) -> PriceProtectionAnswer:
    """`offers_when_paid`: those of the product that ran at `order.paid_at`; without them an excluded price paid is not
    seen. `product.offers` are those running now. `terms` None: the shop has told no figures."""
    case = _Case(order, item, terms or PolicyTerms(), now)
    if terms is None:
        return case.answer("discretion", f"{case.name}适用的价保规则没有查到。", case.person)
    if order.state == "cancelled":
        return case.answer("no", f"订单{order.order_id}已取消，不适用价保。")
    if order.state == "unpaid" or order.paid_at is None:
        return case.answer("no", f"订单{order.order_id}还没有付款，不适用价保。")
    barred = _out_of_rule(case, product) or _refunded(case)
    if barred:
        return barred
    deadline = deadline_after(order.paid_at, terms.price_protection_days)
    paid_on = f"{case.name}于{day(order.paid_at, now)}付款"
    if not within(now, deadline):
        line = f"{paid_on}，{terms.price_protection_days}天的价保期已于{moment(deadline, now)}截止。"
        return case.answer("no", line, deadline=deadline)
    window = f"{paid_on}，价保期到{moment(deadline, now)}截止。"
    bought_by = _excluded_offer(case, offers_when_paid)
    if bought_by:
        return case.answer("no", f"{case.name}按「{bought_by.name}」的价格购买，不适用价保。", deadline=deadline)
    sku = product.sku(item.sku_id) if product and product.facts.on_sale else None
    if product is None or sku is None:
        return case.answer("discretion", window, f"{case.name}现在的公开售价没有查到。", case.person, deadline=deadline)
    price = _price_now(sku.price_fen, product.offers, item.sku_id, terms, now)
    return _difference(case, price, window, deadline)


def _out_of_rule(case: _Case, product: ProductView | None) -> PriceProtectionAnswer | None:
    terms = case.terms
    if terms.price_protection_days == 0:
        return case.answer("no", f"{case.name}没有价保期。")
    if product is None:
        return None
    returns = product.facts.returns
    kinds = {product.facts.category, returns.excluded, "near_expiry" if returns.near_expiry else ""} - {""}
    barred = sorted(kinds & set(terms.price_protection_excluded_categories))
    if barred:
        kind = {**EXCLUDED, "near_expiry": "临期商品"}.get(barred[0], barred[0])
        return case.answer("no", f"{case.name}属于不适用价保的商品：{kind}。")
    return None


def _refunded(case: _Case) -> PriceProtectionAnswer | None:
    refunds = refunds_of(case.order, case.item, "refund", "return_refund")
    if refunds:
        line = refund_line(case.order, case.item, refunds[-1], case.now)
        return case.answer("no", line, "已经申请退款的商品不能再申请价保。")
    if case.order.state == "refunded":
        return case.answer("no", f"订单{case.order.order_id}已退款，不能再申请价保。")
    asked = [r for r in case.order.refunds if r.kind == "price_protection" and r.line in (None, case.item.line)]
    running = [refund for refund in asked if refund.state not in VOID_STATES | {"paid_out"}]
    if running:
        return case.answer("no", refund_line(case.order, case.item, running[-1], case.now))
    used, times = _used(case), case.terms.price_protection_times
    if used >= times:
        return case.answer("no", f"{case.name}已经价保{used}次，价保期内每件商品可以申请{times}次。")
    return None


def _used(case: _Case) -> int:
    asked = [r for r in case.order.refunds if r.kind == "price_protection" and r.line in (None, case.item.line)]
    return sum(refund.state == "paid_out" for refund in asked)


def _excluded_offer(case: _Case, offers: Sequence[OfferView]) -> OfferView | None:
    """The price paid was that of an offer the terms exclude, and nobody could have it otherwise."""
    item, paid_at = case.item, case.order.paid_at
    same = [
        offer
        for offer in offers
        if paid_at and offer.runs_at(paid_at) and offer.kind in PRICE_KINDS and offer.covers(item.sku_id)
        and offer.product_id == item.product_id and offer.price_fen == item.unit_price_fen
    ]  # fmt: skip
    excluded = [offer for offer in same if _excluded(offer, case.terms)]
    return excluded[0] if excluded and len(excluded) == len(same) else None


def _excluded(offer: OfferView, terms: PolicyTerms) -> bool:
    return offer.audience != "all" or offer.kind in terms.price_protection_excludes


def _price_now(
    list_fen: int, offers: Sequence[OfferView], sku_id: str, terms: PolicyTerms, now: datetime
) -> _PublicPrice:
    counted = [offer for offer in offers if not _excluded(offer, terms) and offer.covers(sku_id)]
    price = public_price(list_fen, counted, sku_id, now).price_fen
    best: list[OfferView] = []
    for kind in _REDUCTIONS:
        reached = [o for o in counted if o.kind == kind and o.runs_at(now) and price >= (o.threshold_fen or 0)]
        best += sorted(reached, key=lambda offer: -(offer.off_fen or 0))[:1]
    return _PublicPrice(max(0, price - sum(offer.off_fen or 0 for offer in best)), tuple(best))


def _difference(case: _Case, price: _PublicPrice, window: str, deadline: datetime) -> PriceProtectionAnswer:
    item = case.item
    before = sum(
        refund.amount_fen
        for refund in refunds_of(case.order, item, "price_protection")
        if refund.state == "paid_out"
    )  # fmt: skip
    gap = item.paid_fen - before - price.fen * item.quantity
    paid = f"{case.name}{item.quantity}件实付{yuan(item.paid_fen)}"
    paid += f"，已补差{yuan(before)}" if before else ""
    told = "".join(f"、「{offer.name}」" for offer in price.reductions).removeprefix("、")
    now_text = f"现在的公开售价是每件{yuan(price.fen)}" + (f"（已减{told}）" if told else "")
    update = {"public_price_fen": price.fen}
    again = (case.again,) if case.again else ()
    if gap <= 0:
        line = f"{paid}，{now_text}，没有可以补的差价。"
        return case.answer("no", line, window, *again, deadline=deadline).model_copy(update=update)
    line = f"{paid}，{now_text}，差价共{yuan(gap)}。"
    due = case.answer("yes", line, window, *again, deadline=deadline)
    return due.model_copy(update={**update, "amount_fen": gap})
