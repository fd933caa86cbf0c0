"""May it be returned, until when, who pays, how much: computed from facts and statute, with the clause path.

Four layers: statute < platform rule < shop rule < promise for this order. The valid one most favourable to the shopper
wins; one below the statute is void. Where lawyers could differ the result is None, discretion: a person decides."""

from datetime import datetime

from agents.support.policy import goods, money
from agents.support.policy.days import deadline_after, within
from agents.support.policy.purchase import PurchaseFacts, Reason, Rule
from agents.support.policy.result import Answer, Freight, PolicyResult, Trail
from agents.support.policy.statutes import DS, QR, TL, XF
from agents.support.policy.window import STATUTE_DAYS, Period, binding, period, promised_days, timing
from knowledge.kit.clock import shanghai_date

_FAULT_STEPS = {
    "defective": ("商品不符合质量要求", ((XF, 24), (QR, 35), (XF, 48))),
    "wrong_item": ("发错商品", ((XF, 24), (QR, 35), (XF, 48), (XF, 52), (DS, 74))),
    "not_as_described": ("商品与描述不符", ((XF, 24), (QR, 35), (XF, 23), (XF, 20), (XF, 48), (XF, 52), (DS, 74))),
    "fraud": ("经营者有欺诈行为", ((XF, 24), (XF, 55), (XF, 52), (TL, 49))),
}


def decide(facts: PurchaseFacts, reason: Reason, asked_at: datetime) -> PolicyResult:
    """`asked_at` is when the notice was sent, in any zone."""
    trail = Trail(shanghai_date(asked_at))
    if facts.flags.buyer_swap:
        trail.note("买家掉包已查实，不受理退货，也不适用增加赔偿。", (TL, 49), (TL, 19), (XF, 55), (QR, 4))
        return trail.result(False, None, None)
    if reason == "no_reason":
        return _no_reason(facts, asked_at, trail)
    if facts.buyer != "person":
        trail.note("经营者之间的买卖是否受消费者保护须判断，可依合同主张。", (XF, 2))
        return trail.result(None, None, None)
    return _fault(facts, reason, asked_at, trail)


def _no_reason(facts: PurchaseFacts, asked_at: datetime, trail: Trail) -> PolicyResult:
    rules = binding(facts, trail.day)
    outside = _outside_scope(facts, trail)
    barred = outside or goods.excluded(facts, trail)
    if barred == "no":
        barred = goods.waived(facts, trail)
    promised = promised_days(rules, excluded=True)
    if barred != "no" and promised and facts.buyer == "person":
        trail.note(f"商家承诺此商品{promised}天无理由退货，按承诺履行。", (QR, 5), (XF, 16), (TL, 12))
        given = Period(promised, deadline_after(facts.signed_at, promised))
        barred = "no"
    elif barred == "yes" or outside:
        return trail.result(None if barred == "doubt" else False, None, None)
    else:
        given = period(facts, rules, trail)
    answer = _least(barred, timing(facts, given, asked_at, trail), goods.intact(facts, trail))
    if answer != "no" and facts.flags.abuse_suspected:
        trail.note("疑似滥用退货规则，是否诚信须判断。", (TL, 19), (QR, 4))
        answer = "doubt"
    if answer != "yes":
        return trail.result(None if answer == "doubt" else False, given.deadline, None)
    freight = _freight(rules, trail)
    refund = money.no_reason_refund(facts, trail)
    kinds = money.in_kind(facts, trail)
    return trail.result(True, given.deadline, freight, refund_fen=refund, in_kind=kinds)


def _outside_scope(facts: PurchaseFacts, trail: Trail) -> Answer | None:
    """`yes`: certainly outside; `doubt`: perhaps; None: inside."""
    if facts.buyer == "reseller":
        trail.note("为转售而购买，不是消费者，不适用七日无理由退货。", (QR, 2), (XF, 2), (XF, 25))
        return "yes"
    if facts.buyer == "business":
        trail.note("单位购买是否属于生活消费须判断。", (QR, 2), (XF, 2), (XF, 25))
        return "doubt"
    if facts.channel == "offline":
        trail.note("线下购买不适用七日无理由退货。", (XF, 25), (QR, 2))
        return "yes"
    if facts.channel in ("tv", "phone"):
        trail.note("电视、电话销售依照同一办法执行。", (QR, 36), (XF, 25))
    return None


def _least(barred: Answer, *checks: Answer) -> Answer:
    if "no" in checks:
        return "no"
    return "doubt" if barred == "doubt" or "doubt" in checks else "yes"


def _freight(rules: tuple[Rule, ...], trail: Trail) -> Freight:
    if any(rule.return_freight == "seller" for rule in rules):
        trail.note("约定退货运费由卖家承担。", (QR, 18), (XF, 25))
        return "seller"
    trail.note("退货运费由买家承担，另有约定的除外。", (QR, 18), (XF, 25))
    return "buyer"


def _fault(facts: PurchaseFacts, reason: Reason, asked_at: datetime, trail: Trail) -> PolicyResult:
    flags = facts.flags
    if flags.fraud:
        return _fraud(facts, trail)
    words, articles = _FAULT_STEPS[reason]
    if not (flags.defective or flags.wrong_item or flags.not_as_described):
        return _alleged(facts, reason, asked_at, trail)
    deadline = deadline_after(facts.signed_at, _quality_days(binding(facts, trail.day), trail))
    trail.note(f"{words}，退货、更换、修理的运费由卖家承担。", *articles)
    if within(asked_at, deadline):
        trail.note("在可以退货的期限内提出。", (XF, 24))
        return trail.result(True, deadline, "seller", refund_fen=money.fault_refund(facts))
    if reason == "fraud":
        return _with_discretion(_late(facts, asked_at, deadline, trail))
    return _late(facts, asked_at, deadline, trail)


def _quality_days(rules: tuple[Rule, ...], trail: Trail) -> int:
    for rule in rules:
        if rule.quality_days is not None and rule.quality_days < STATUTE_DAYS:
            trail.strike(rule.layer, rule.text or f"质量问题{rule.quality_days}天内退货", (XF, 26))
    days = max(STATUTE_DAYS, *(rule.quality_days or 0 for rule in rules), 0)
    if days > STATUTE_DAYS:
        trail.note(f"约定质量问题{days}天内可退，按约定履行。", (XF, 24), (XF, 16), (TL, 12))
    return days


def _late(facts: PurchaseFacts, asked_at: datetime, deadline: datetime, trail: Trail) -> PolicyResult:
    """Past the seven days for faults: a longer promise may still give the return, else it is a matter of judgement."""
    longer = _no_reason(facts, asked_at, Trail(trail.day))
    if longer.eligible:
        trail.note("仍在承诺的无理由退货期内。", (QR, 5), (XF, 16), (TL, 12))
        return trail.result(True, longer.deadline, "seller", refund_fen=money.fault_refund(facts))
    trail.note("超过七日，退货须看是否符合法定解除合同条件；更换、修理仍可要求。", (XF, 24))
    return trail.result(None, deadline, "seller")


def _fraud(facts: PurchaseFacts, trail: Trail) -> PolicyResult:
    words, articles = _FAULT_STEPS["fraud"]
    trail.note(f"{words}（已查实），可以退货，运费由卖家承担。", *articles)
    compensation, fen = money.fraud_compensation(facts, trail)
    refund = money.fault_refund(facts)
    return trail.result(True, None, "seller", compensation=compensation, compensation_fen=fen, refund_fen=refund)


def _alleged(facts: PurchaseFacts, reason: Reason, asked_at: datetime, trail: Trail) -> PolicyResult:
    """Not proved: what needs no reason may still be had; who pays the freight is then open."""
    words, articles = _FAULT_STEPS[reason]
    trail.note(f"{words}尚未查实。", *articles)
    plain = _no_reason(facts, asked_at, trail)
    eligible = True if plain.eligible else None
    result = trail.result(eligible, plain.deadline if eligible else None, None, refund_fen=plain.refund_fen)
    return _with_discretion(result) if reason == "fraud" else result


def _with_discretion(result: PolicyResult) -> PolicyResult:
    return result.model_copy(update={"compensation": "discretion"})
