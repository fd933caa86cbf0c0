"""One item of one order with what the shop knows of it, and the sentences that are true of it whatever the result."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agents.support.policy.answers import Clause, moment, named, shop_clause
from agents.support.policy.days import deadline_after, within
from agents.support.policy.purchase import Flags, PurchaseFacts, Rule
from agents.support.policy.result import Freight
from agents.support.policy.window import STATUTE_DAYS, promised_days
from knowledge.catalog.facts import ProductFacts, ReturnFacts
from knowledge.orders.views import ItemView, OrderView
from knowledge.policies.terms import PolicyTerms

ReturnReason = Literal["no_reason", "defective", "wrong_item", "not_as_described", "fraud", "exchange"]

EXCLUDED = {
    "customised": "定制商品",
    "perishable": "鲜活易腐的生鲜商品",
    "digital": "数字化商品",
    "newspaper": "报纸、期刊类商品",
}
_NO_WARRANTY = re.compile("不设|没有质保|无质保")
FAULTS = {"defective": "有质量问题", "wrong_item": "发错", "not_as_described": "与页面描述不符"}


@dataclass(frozen=True)
class ReturnCase:
    order: OrderView
    item: ItemView
    product: ProductFacts | None
    terms: PolicyTerms
    now: datetime
    opened: bool | None
    promises: tuple[Rule, ...] = ()

    @property
    def name(self) -> str:
        return named(self.order, self.item)

    @property
    def returns(self) -> ReturnFacts:
        facts = self.product.returns if self.product else ReturnFacts()
        return facts.model_copy(update={"excluded": "customised"}) if self.item.customised else facts

    @property
    def signed_at(self) -> datetime | None:
        """The order's own, else when the last parcel was signed for; a parcel still under way leaves it open."""
        if self.order.signed_at:
            return self.order.signed_at
        signed = [shipment.signed_at for shipment in self.order.shipments]
        return max((at for at in signed if at), default=None) if all(signed) else None

    @property
    def no_reason_days(self) -> int:
        promised = promised_days(self.promises, excluded=bool(self.returns.excluded)) or 0
        return max(STATUTE_DAYS, self.terms.no_reason_days, promised)

    @property
    def freight(self) -> Freight:
        """Who bears the way back where no reason is given."""
        promised = any(promise.return_freight for promise in self.promises)
        return "seller" if promised else self.terms.no_reason_freight

    @property
    def quality_days(self) -> int:
        return max(STATUTE_DAYS, self.terms.quality_days)

    def shop(self, section: str = "") -> tuple[Clause, ...]:
        return shop_clause(self.terms.return_doc, section or self.terms.return_section)


def engine_facts(case: ReturnCase, reason: ReturnReason, signed_at: datetime) -> PurchaseFacts:
    """The fault is taken as found, since the sentences say it as a condition."""
    returns, flags = case.returns, Flags()
    update: dict[str, bool] = {
        "customized": returns.excluded == "customised",
        "perishable": returns.excluded == "perishable",
        "digital_opened": returns.excluded == "digital" and case.opened is True,
        "newspaper": returns.excluded == "newspaper",
        "buyer_confirmed_no_return": case.item.confirmed_no_return,
        "expiring_or_flawed_disclosed": returns.near_expiry,
        "opened_hygiene": case.opened is True,
        reason: reason in FAULTS,
    }
    known = {name: value for name, value in update.items() if name in Flags.model_fields}
    rule = Rule(
        layer="shop",
        no_reason_days=case.terms.no_reason_days,
        quality_days=case.terms.quality_days,
        return_freight="seller" if case.terms.no_reason_freight == "seller" else None,
    )
    return PurchaseFacts(
        signed_at=signed_at,
        paid_fen=case.item.paid_fen,
        category="cosmetics" if returns.sealed else "mother_baby" if returns.hygiene else "home",
        flags=flags.model_copy(update=known),
        rules=(rule, *case.promises),
    )


def title(days: int) -> str:
    return "七天无理由退货" if days == STATUTE_DAYS else f"{days}天无理由退货"


def waived_if_opened(case: ReturnCase) -> bool:
    """Confirmed for goods that opening spoils, and not said to be opened: what is unopened may still come back."""
    by_nature = case.returns.hygiene or case.returns.sealed
    return by_nature and case.item.confirmed_no_return and case.opened is not True


def kind_line(case: ReturnCase) -> str:
    """What about the goods themselves stands against it, where something does."""
    returns, confirmed = case.returns, case.item.confirmed_no_return
    if returns.excluded and not (returns.excluded == "digital" and case.opened is not True):
        kind = EXCLUDED[returns.excluded]
        if confirmed:
            return f"{case.name}是{kind}，下单时已经您单独确认，不支持七天无理由退货。"
        return f"{case.name}是{kind}，订单里没有您单独确认不支持七天无理由退货的记录。"
    if returns.near_expiry and confirmed:
        return f"{case.name}是临期或有瑕疵的商品，下单时已经您单独确认，不支持七天无理由退货。"
    if returns.hygiene and confirmed and case.opened:
        return f"{case.name}拆封后影响卫生，下单时已经您单独确认，拆封后不支持七天无理由退货。"
    if returns.sealed and case.opened:
        return f"{case.name}的一次性密封包装拆开后算不完好，不支持七天无理由退货。"
    return ""


def intact_line(case: ReturnCase) -> str:
    if case.returns.sealed:
        return f"{case.name}退回时要完好，一次性密封包装不能损坏。"
    return "七天无理由退回的商品要完好，为查验打开包装不影响退货。"


def freight_line(case: ReturnCase) -> str:
    right = title(case.no_reason_days)
    if case.freight == "seller":
        return f"{right}的寄回运费由店铺承担。"
    insured = f"，订单{case.order.order_id}{'有' if case.order.freight_insured else '没有'}运费险"
    return f"{right}的寄回运费由您承担{insured}。"


def quality_line(case: ReturnCase, signed_at: datetime) -> str:
    deadline = deadline_after(signed_at, case.quality_days)
    if not within(case.now, deadline):
        return ""
    return f"{case.name}有质量问题的，可以在{moment(deadline, case.now)}前申请退货或换货，运费由店铺承担。"


def warranty_line(case: ReturnCase) -> str:
    """What the goods' own warranty gives after the days to return them are over."""
    warranty = case.product.warranty.rstrip("。") if case.product else ""
    if not warranty or _NO_WARRANTY.search(warranty):
        return ""
    return f"「{case.item.title}」的质保：{warranty}，质保期内的质量问题按质保规则维修。"
