"""What the shop's desk is told: a computed answer with sentences that stand alone and may be quoted as they are."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agents.support.policy.result import Freight, PolicyResult
from agents.support.tools.speech import REFUND_KINDS, REFUND_STATES, yuan
from knowledge.kit.clock import SHANGHAI
from knowledge.orders.views import ItemView, OrderView, RefundView

Result = Literal["yes", "no", "discretion"]

VOID_STATES = {"refused", "withdrawn"}


class Clause(BaseModel):
    """A section of the shop's own document, or an article of a statute."""

    model_config = ConfigDict(frozen=True)

    doc: str
    section: str = ""
    article: int | None = None


class _PolicyAnswer(BaseModel):
    """`lines`: most important first, each true of the shop's facts at `as_of`, no promise of anything to be done.
    `needs_person`: no condition told in them settles it; a person has to look."""

    model_config = ConfigDict(frozen=True)

    result: Result
    needs_person: bool = False
    lines: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()
    as_of: datetime


class ReturnAnswer(_PolicyAnswer):
    """`computed` is the engine's result with its clause path, where the order had come far enough to compute one."""

    deadline: datetime | None = None
    freight: Freight | None = None
    computed: PolicyResult | None = None


class PriceProtectionAnswer(_PolicyAnswer):
    """`amount_fen` is the difference for the whole line, less what was protected before; None unless
    the answer is yes."""

    deadline: datetime | None = None
    public_price_fen: int | None = None
    amount_fen: int | None = None


class ChangeAnswer(_PolicyAnswer):
    """May the order be cancelled, or its address changed, in the state it is in?"""


def shop_clause(doc: str, section: str) -> tuple[Clause, ...]:
    return (Clause(doc=doc, section=section),) if doc else ()


def statute_clauses(*articles: tuple[str, int]) -> tuple[Clause, ...]:
    return tuple(Clause(doc=doc, article=number) for doc, number in articles)


def named(order: OrderView, item: ItemView) -> str:
    return f"订单{order.order_id}的「{item.title}」"


def day(at: datetime, now: datetime) -> str:
    """`11月20日`; with the year where it is not this one."""
    local, today = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    year = "" if local.year == today.year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日"


def moment(at: datetime, now: datetime) -> str:
    return f"{day(at, now)}{at.astimezone(SHANGHAI):%H:%M:%S}"


def refunds_of(order: OrderView, item: ItemView, *kinds: str) -> tuple[RefundView, ...]:
    """Requests for this line or the whole order that still count, oldest first."""
    found = [
        refund
        for refund in order.refunds
        if refund.kind in kinds and refund.state not in VOID_STATES and refund.line in (None, item.line)
    ]
    return tuple(sorted(found, key=lambda refund: refund.requested_at))


def refund_line(order: OrderView, item: ItemView, refund: RefundView, now: datetime) -> str:
    kind, about = REFUND_KINDS[refund.kind], named(order, item)
    if refund.state == "paid_out" and refund.kind != "exchange":
        on = f"于{day(refund.paid_out_at, now)}" if refund.paid_out_at else ""
        return f"{about}已{on}{kind}{yuan(refund.amount_fen)}。"
    state = "已完成" if refund.state == "paid_out" else REFUND_STATES[refund.state]
    return f"{about}已于{day(refund.requested_at, now)}申请{kind}，目前{state}。"
