"""The tool `policy_for_order`: what the statute and the shop's rules give this shopper for this order, computed."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Literal

from agents.support.cards import Card, PolicyCard
from agents.support.floor_text import pattern_in
from agents.support.policy.answers import ChangeAnswer, Clause, PriceProtectionAnswer, ReturnAnswer
from agents.support.policy.cancel_change import address_policy, cancel_policy
from agents.support.policy.order_return import return_policy
from agents.support.policy.price_protection import price_protection
from agents.support.policy.refund_amount import refund_of
from agents.support.tools.base import Fact, ToolContext, ToolResult
from agents.support.tools.orders import order_card, own_order
from agents.support.tools.policy_items import pieces_back
from agents.support.tools.policy_said import settled, told
from agents.support.tools.speech import moment, yuan
from knowledge.catalog.facts import ProductFacts
from knowledge.catalog.service import CatalogService
from knowledge.kit.clock import shanghai_date
from knowledge.orders.oms import Oms
from knowledge.orders.views import ItemView, OrderView
from knowledge.policies.service import PolicyTermsService
from knowledge.policies.terms import PolicyTerms

Subject = Literal["return", "price_protection", "cancel", "address"]
_TITLES = {"return": "退换货", "price_protection": "价格保护", "cancel": "取消订单", "address": "修改地址"}
_ITEMS = 3  # items of one order that are computed for one question
_pattern = partial(pattern_in, "personal.yaml")
ReturnReason = Literal["no_reason", "defective", "wrong_item", "not_as_described", "fraud", "exchange"]
_Answer = ReturnAnswer | PriceProtectionAnswer | ChangeAnswer


async def policy_for_order(
    oms: Oms,
    catalog: CatalogService,
    terms: PolicyTermsService,
    context: ToolContext,
    order_id: str,
    subject: Subject,
    question: str,
    product_ids: Sequence[str] = (),
) -> ToolResult:
    """One result an item asked about: those that the question sends back, else those of `product_ids`, else all. What
    it asks for is said first; `discretion` only where a person has to settle just that. The terms are those in force
    when the order was placed. Raises: OmsUnavailableError."""
    order = await own_order(oms, context, order_id)
    if isinstance(order, ToolResult):
        return order
    versioned = await terms.in_force(context.shop_id, shanghai_date(order.placed_at))
    rules = versioned.terms if versioned else None
    paid_at = order.paid_at or order.placed_at
    extra: tuple[str, ...] = ()
    if subject in ("cancel", "address"):
        ask = cancel_policy if subject == "cancel" else address_policy
        answers: list[_Answer] = [ask(order, rules, now=context.now)]
    else:
        back = pieces_back(question, order.items, product_ids)
        items = [item for item in order.items if item.line in back]
        answers = []
        for item in items[:_ITEMS]:
            product = await catalog.product(context.shop_id, item.product_id) if item.product_id else None
            if subject == "price_protection":
                then = await catalog.offers_at(context.shop_id, item.product_id, paid_at) if product else ()
                answers.append(price_protection(order, item, product, rules, now=context.now, offers_when_paid=then))
            else:
                answers.append(_returned(order, item, product.facts if product else None, rules, context, question))
        if subject == "return":
            extra = await _amounts(catalog, context, order, back, paid_at, answers)
    say = tuple(dict.fromkeys(line for answer in answers for line in answer.lines))
    version = versioned.version if versioned else 0
    fact = Fact("policy_result", f"policy:{order.order_id}", f"订单 {order.order_id} 的{_TITLES[subject]}计算结果",
                "".join(dict.fromkeys((*say, *extra))), told(question, say, extra))  # fmt: skip
    cards: tuple[Card, ...] = (_card(subject, order, answers, version), order_card(order))
    return ToolResult(
        "found", (fact,), cards, subjects=(order.order_id,),
        discretion=all(answer.needs_person for answer in answers) and not settled(question, (*say, *extra)),
    )  # fmt: skip


async def _amounts(
    catalog: CatalogService,
    context: ToolContext,
    order: OrderView,
    back: Mapping[int, int],
    paid_at: datetime,
    answers: Sequence[_Answer],
) -> tuple[str, ...]:
    """What comes back, where it may come back at all; else only what was paid."""
    items = [item for item in order.items if item.line in back]
    paid = tuple(f"订单{order.order_id}的「{item.title}」实付{yuan(item.paid_fen)}。" for item in items[:_ITEMS])
    if not items or any(answer.result == "no" for answer in answers):
        return paid
    offers = await catalog.offers_at(context.shop_id, items[0].product_id, paid_at) if items[0].product_id else ()
    return (refund_of(order, back, offers).line, *(paid if len(items) > 1 else ()))


def _returned(
    order: OrderView,
    item: ItemView,
    product: ProductFacts | None,
    rules: PolicyTerms | None,
    context: ToolContext,
    question: str,
) -> ReturnAnswer:
    reason, opened = reason_of(question), opened_in(question)
    return return_policy(order, item, product, rules, reason=reason, now=context.now, opened=opened)


def reason_of(question: str) -> ReturnReason:
    """What the shopper gives as the ground; without one it is no reason."""
    reasons: tuple[tuple[str, ReturnReason], ...] = (
        ("wrong_item", "wrong_item"),
        ("not_as_described", "not_as_described"),
        ("defective", "defective"),
        ("exchange", "exchange"),
    )
    found = next((reason for name, reason in reasons if _pattern(name).search(question)), None)
    return found or ("defective" if pattern_in("policy_asks.yaml", "defect").search(question) else "no_reason")


def opened_in(question: str) -> bool | None:
    if _pattern("unopened").search(question):
        return False
    return True if _pattern("opened").search(question) else None


def _card(subject: Subject, order: OrderView, answers: Sequence[_Answer], version: int) -> PolicyCard:
    results = {answer.result for answer in answers}
    result = next(iter(results)) if len(results) == 1 else "discretion" if "discretion" in results else "yes"
    timed = (answer for answer in answers if isinstance(answer, ReturnAnswer | PriceProtectionAnswer))
    deadlines = [answer.deadline for answer in timed if answer.deadline is not None]
    clauses = dict.fromkeys(_clause(one) for answer in answers for one in answer.clauses)
    return PolicyCard(
        title=f"{_TITLES[subject]} · 订单 {order.order_id}",
        result=result,
        lines=tuple(line for answer in answers for line in answer.lines),
        deadline=moment(min(deadlines)) if deadlines else "",
        clauses=(*clauses, *((f"店铺规则数值第{version}版",) if version else ())),
        as_of=answers[0].as_of.isoformat(),
    )


def _clause(clause: Clause) -> str:
    place = f"第{clause.article}条" if clause.article else clause.section
    doc = re.sub(r"^policy-", "", clause.doc)
    return f"{doc} {place}".strip()
