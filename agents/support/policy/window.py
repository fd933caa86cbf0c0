"""How long: the layers above the statute, and where an instant lies in the period they give."""

from dataclasses import dataclass
from datetime import date, datetime

from agents.support.policy.days import deadline_after, end_of_day, next_working_day, within
from agents.support.policy.purchase import PurchaseFacts, Rule
from agents.support.policy.result import Answer, Trail
from agents.support.policy.statutes import DS, QR, TL, WJ, XF
from knowledge.kit.clock import shanghai_date

STATUTE_DAYS = 7


@dataclass(frozen=True)
class Period:
    days: int
    deadline: datetime


def binding(facts: PurchaseFacts, day: date) -> tuple[Rule, ...]:
    return tuple(rule for rule in facts.rules if rule.in_force(day))


def promised_days(rules: tuple[Rule, ...], *, excluded: bool) -> int | None:
    """The most days any rule gives; for goods the statute excludes only rules that cover them count."""
    given = [
        r.no_reason_days for r in rules if r.no_reason_days and not r.refuses and (r.covers_excluded or not excluded)
    ]
    return max(given, default=None)


def period(facts: PurchaseFacts, rules: tuple[Rule, ...], trail: Trail) -> Period:
    """The statute's seven days or what is more favourable; what is less is struck."""
    for rule in rules:
        if rule.refuses or (rule.no_reason_days is not None and rule.no_reason_days < STATUTE_DAYS):
            _strike(rule, trail)
    promised = promised_days(rules, excluded=False) or 0
    days = max(STATUTE_DAYS, promised)
    if days > STATUTE_DAYS:
        trail.note(f"承诺{days}天，多于法定七日，按承诺履行。", (QR, 5), (XF, 16), (TL, 12))
    deadline = deadline_after(facts.signed_at, days)
    trail.note(
        f"自签收次日起算{days}日，{deadline:%Y-%m-%d} 24时前发出退货通知有效，寄回时间不论。",
        (QR, 10),
        (QR, 11),
        (XF, 25),
    )
    return Period(days, deadline)


def _strike(rule: Rule, trail: Trail) -> None:
    text = rule.text or ("不退不换" if rule.refuses else f"{rule.no_reason_days}天无理由退货")
    trail.strike(rule.layer, text, (XF, 26))
    trail.note(f"规则「{text}」低于法定标准，无效。", (XF, 26), (XF, 16), (WJ, 21), (TL, 19), (QR, 30))


def timing(facts: PurchaseFacts, given: Period, asked_at: datetime, trail: Trail) -> Answer:
    if within(asked_at, given.deadline):
        return "yes"
    if facts.flags.proxy_signed_without_consent:
        trail.note("未经同意由他人代签，实际收到的时间待核实。", (QR, 10), (DS, 51), (DS, 52))
        return "doubt"
    if facts.installed_at and within(asked_at, deadline_after(facts.installed_at, given.days)):
        trail.note("须由商家安装的商品，期间是否自安装完成起算存疑。", (QR, 10))
        return "doubt"
    if within(asked_at, _moved(facts, given)):
        trail.note("期间最后一日为法定休假日，是否顺延存疑。", (QR, 10))
        return "doubt"
    trail.note("退货通知晚于期间最后一日。", (QR, 10), (XF, 25))
    return "no"


def _moved(facts: PurchaseFacts, given: Period) -> datetime:
    """Where 民法典 §203 would put the end: the statutory period and the promised one each move on their own."""
    ends = (deadline_after(facts.signed_at, STATUTE_DAYS), given.deadline)
    return max(end_of_day(next_working_day(shanghai_date(end))) for end in ends)
