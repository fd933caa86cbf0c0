"""May this item of this order be returned or exchanged: live order facts onto the engine, in sentences for the shopper.

What the shop cannot know from its records (is the seal broken, is the fault real) is said as a condition in the
sentence; what would need judgement is discretion."""

from collections.abc import Sequence
from datetime import datetime

from agents.support.policy.answers import (
    Clause,
    Result,
    ReturnAnswer,
    day,
    moment,
    refund_line,
    refunds_of,
    statute_clauses,
)
from agents.support.policy.days import deadline_after, within
from agents.support.policy.engine import decide
from agents.support.policy.purchase import Rule
from agents.support.policy.result import PolicyResult
from agents.support.policy.return_case import (
    EXCLUDED,
    FAULTS,
    ReturnCase,
    ReturnReason,
    engine_facts,
    freight_line,
    intact_line,
    kind_line,
    quality_line,
    title,
    waived_if_opened,
    warranty_line,
)
from agents.support.policy.statutes import QR, XF
from knowledge.catalog.facts import ProductFacts
from knowledge.kit.clock import shanghai_date
from knowledge.orders.views import ItemView, OrderView
from knowledge.policies.terms import PolicyTerms


def return_policy(
    order: OrderView,
    item: ItemView,
    product: ProductFacts | None,
    terms: PolicyTerms | None,
    *,
    reason: ReturnReason,
    now: datetime,
    opened: bool | None = None,
    promises: Sequence[Rule] = (),
) -> ReturnAnswer:
    """`terms` None: the statute alone. `product` None: its kind is unknown. `opened`: the shopper says the seal is
    broken, or is not; None: not said. `promises`: made for this very order, such as what the host said on air."""
    valid = tuple(promise for promise in promises if promise.in_force(shanghai_date(now)))
    case = ReturnCase(order, item, product, terms or PolicyTerms(), now, opened, valid)
    early = _not_received(case) or _already(case)
    if early:
        return early
    signed_at = case.signed_at
    if signed_at is None:
        return _answer(case, "discretion", f"{case.name}没有查到签收时间。", _person(case), clauses=case.shop())
    if reason == "exchange":
        return _exchange(case, signed_at, known=terms is not None)
    computed = decide(engine_facts(case, reason, signed_at), "defective" if reason == "fraud" else reason, now)
    if reason == "no_reason":
        return _no_reason(case, signed_at, computed)
    return _fault(case, signed_at, reason, computed)


def _person(case: ReturnCase) -> str:
    return f"{case.name}能否退换需要由人工客服核实。"


def _answer(
    case: ReturnCase,
    result: Result,
    *lines: str,
    clauses: tuple[Clause, ...],
    computed: PolicyResult | None = None,
) -> ReturnAnswer:
    return ReturnAnswer(
        result=result,
        needs_person=result == "discretion",
        lines=tuple(line for line in lines if line),
        clauses=clauses,
        as_of=case.now,
        deadline=computed.deadline if computed else None,
        freight=computed.return_freight if computed and result == "yes" else None,
        computed=computed,
    )


def _not_received(case: ReturnCase) -> ReturnAnswer | None:
    order = case.order
    about = f"订单{order.order_id}"
    if order.state == "unpaid":
        return _answer(case, "no", f"{about}还没有付款，没有可以退货的商品。", clauses=())
    if order.state == "cancelled":
        on = f"于{day(order.cancelled_at, case.now)}" if order.cancelled_at else ""
        return _answer(case, "no", f"{about}已{on}取消，没有可以退货的商品。", clauses=())
    if order.state == "paid":
        return _answer(case, "no", f"{about}还没有发货，现在不能申请退货。", clauses=())
    if order.state == "shipped" and case.signed_at is None:
        return _under_way(case)
    return None


def _under_way(case: ReturnCase) -> ReturnAnswer:
    about = f"{case.name}已发货，还没有签收"
    clauses = (*case.shop(), *statute_clauses((QR, 10), (XF, 25)))
    kind = kind_line(case)
    if kind and (case.item.confirmed_no_return or not case.returns.excluded):
        return _answer(case, "no", kind, f"{about}。", clauses=_kind_clauses(case))
    if kind or case.product is None:
        return _answer(case, "discretion", kind, f"{about}。", _person(case), clauses=clauses)
    days = case.no_reason_days
    line = f"{about}，{title(days)}的期限从签收次日起计算，共{days}天。"
    if _unopened_only(case):
        line = f"{about}，没有拆封的可以在签收次日起{days}天内申请{title(days)}。"
    return _answer(case, "yes", line, intact_line(case), freight_line(case), clauses=clauses)


def _already(case: ReturnCase) -> ReturnAnswer | None:
    running = refunds_of(case.order, case.item, "refund", "return_refund")
    running = running or tuple(r for r in refunds_of(case.order, case.item, "exchange") if r.state != "paid_out")
    if running:
        line = refund_line(case.order, case.item, running[-1], case.now)
        return _answer(case, "no", line, clauses=case.shop())
    if case.order.state == "refunded" and not case.order.refunds:
        return _answer(case, "no", f"订单{case.order.order_id}已退款。", clauses=case.shop())
    return None


def _no_reason(case: ReturnCase, signed_at: datetime, computed: PolicyResult) -> ReturnAnswer:
    signed = f"{case.name}于{day(signed_at, case.now)}签收"
    right = title(case.no_reason_days)
    clauses = (*case.shop(), *statute_clauses((QR, 10), (XF, 25)))
    quality = quality_line(case, signed_at)
    kind = kind_line(case)
    if computed.eligible is False:
        deadline = computed.deadline
        if deadline is None or (kind and within(case.now, deadline)):
            return _answer(case, "no", kind, quality, clauses=_kind_clauses(case), computed=computed)
        line = f"{signed}，{right}的期限已于{moment(deadline, case.now)}截止。"
        return _answer(case, "no", line, quality, clauses=clauses, computed=computed)
    deadline = computed.deadline or deadline_after(signed_at, case.no_reason_days)
    if within(case.now, deadline) and _unopened_only(case):
        return _if_unopened(case, signed_at, deadline, computed)
    if computed.eligible is None or case.product is None:
        why = kind or _doubt(case, signed, right, deadline)
        return _answer(case, "discretion", why, _person(case), quality, clauses=clauses, computed=computed)
    line = f"{signed}，{right}可以在{moment(deadline, case.now)}前申请。"
    return _answer(case, "yes", line, intact_line(case), freight_line(case), clauses=clauses, computed=computed)


def _unopened_only(case: ReturnCase) -> bool:
    """Goods that may come back as long as the seal holds, and nobody said whether it does."""
    if case.product is None or case.returns.near_expiry:
        return False
    if case.returns.excluded == "digital":
        return case.opened is not True
    return not case.returns.excluded and waived_if_opened(case)


def _if_unopened(case: ReturnCase, signed_at: datetime, deadline: datetime, computed: PolicyResult) -> ReturnAnswer:
    """The engine doubts a confirmation on unopened goods; the shop's own reads `once opened`."""
    why = "数字化商品拆封或下载后" if case.returns.excluded else "下单时已单独确认，拆封后"
    until = moment(deadline, case.now)
    line = f"{case.name}于{day(signed_at, case.now)}签收，{why}不支持七天无理由退货，没有拆封的可以在{until}前申请。"
    update = {"eligible": True, "deadline": deadline, "return_freight": case.freight}
    settled = computed.model_copy(update=update)
    lines = (line, freight_line(case), quality_line(case, signed_at))
    return _answer(case, "yes", *lines, clauses=_kind_clauses(case), computed=settled)


def _kind_clauses(case: ReturnCase) -> tuple[Clause, ...]:
    article = 6 if case.returns.excluded else 7 if case.item.confirmed_no_return else 9
    return (*case.shop(), *statute_clauses((QR, article), (XF, 25)))


def _doubt(case: ReturnCase, signed: str, right: str, deadline: datetime) -> str:
    if not within(case.now, deadline):
        return f"{signed}，{right}的最后一天{day(deadline, case.now)}是法定休假日，是否顺延要看具体情况。"
    return f"{signed}，{right}的期限到{moment(deadline, case.now)}，商品是否属于可以退货的品类没有查到。"


def _fault(case: ReturnCase, signed_at: datetime, reason: ReturnReason, computed: PolicyResult) -> ReturnAnswer:
    section = case.terms.quality_section
    clauses = (*case.shop(section), *statute_clauses((XF, 24)))
    signed = f"{case.name}于{day(signed_at, case.now)}签收"
    if reason == "fraud":
        clauses = (*clauses, *statute_clauses((XF, 55)))
        return _answer(case, "discretion", f"{signed}。", _person(case), clauses=clauses, computed=computed)
    what = FAULTS[reason]
    if computed.eligible and computed.deadline:
        line = f"{signed}，{what}的，可以在{moment(computed.deadline, case.now)}前申请退货或换货。"
        freight = f"{what}的，退货和换货的运费由店铺承担。"
        return _answer(case, "yes", line, freight, clauses=clauses, computed=computed)
    ended = moment(deadline_after(signed_at, case.quality_days), case.now)
    line = f"{signed}，{what}的，退货期限为签收次日起{case.quality_days}天，已于{ended}截止。"
    warranty = warranty_line(case) if reason == "defective" else ""
    if warranty:
        return _answer(case, "no", line, warranty, clauses=clauses, computed=computed)
    return _answer(case, "discretion", line, _person(case), clauses=clauses, computed=computed)


def _exchange(case: ReturnCase, signed_at: datetime, *, known: bool) -> ReturnAnswer:
    """Another colour or size is the shop's own rule; no statute gives it."""
    signed, clauses = f"{case.name}于{day(signed_at, case.now)}签收", case.shop()
    if not known:
        return _answer(case, "discretion", f"{signed}。", _person(case), clauses=clauses)
    deadline = deadline_after(signed_at, case.terms.exchange_days)
    if case.returns.excluded:
        kind = EXCLUDED[case.returns.excluded]
        return _answer(
            case, "discretion", f"{case.name}是{kind}。", _person(case), quality_line(case, signed_at), clauses=clauses
        )
    if within(case.now, deadline):
        line = f"{signed}，商品完好的，可以在{moment(deadline, case.now)}前申请换货。"
        return _answer(case, "yes", line, clauses=clauses).model_copy(update={"deadline": deadline})
    line = f"{signed}，换货的期限已于{moment(deadline, case.now)}截止。"
    late = _answer(case, "no", line, quality_line(case, signed_at), clauses=clauses)
    return late.model_copy(update={"deadline": deadline})
