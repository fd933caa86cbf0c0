"""What the engine says, with the way it came there."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agents.support.policy.statutes import in_force, rule_version

Answer = Literal["yes", "no", "doubt"]
Article = tuple[str, int]
"""(statute, article number)."""
Freight = Literal["buyer", "seller"]
Compensation = Literal["none", "x3_min500", "special_law", "discretion"]


class Step(BaseModel):
    """One thing looked at: what was found, in Chinese, and the clause it stands on."""

    model_config = ConfigDict(frozen=True)

    text: str
    doc: str
    article: int


class VoidRule(BaseModel):
    """A shop rule below the statutory floor: it does not bind, and the merchant ought to know."""

    model_config = ConfigDict(frozen=True)

    layer: str
    text: str
    because: Article


class PolicyResult(BaseModel):
    """`eligible` None: discretion, a person decides. `deadline` None: there is no such period. `return_freight` None:
    no return, or not determined. A negative `refund_fen` is what the buyer owes; None: not to be computed. `as_of`
    is the day whose rules were applied."""

    model_config = ConfigDict(frozen=True)

    eligible: bool | None
    deadline: datetime | None
    return_freight: Freight | None
    compensation: Compensation = "none"
    compensation_fen: int | None = None
    refund_fen: int | None = None
    returns_in_kind: tuple[Literal["coupon", "points"], ...] = ()
    path: tuple[Step, ...]
    void_rules: tuple[VoidRule, ...] = ()
    as_of: date
    rule_version: str

    @property
    def articles(self) -> tuple[Article, ...]:
        return tuple(dict.fromkeys((step.doc, step.article) for step in self.path))


class Trail:
    """Collects the steps; clauses of a statute not yet in force on the day are left out."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.steps: list[Step] = []
        self.void: list[VoidRule] = []

    def note(self, text: str, *articles: Article) -> None:
        self.steps += [Step(text=text, doc=doc, article=n) for doc, n in articles if in_force(doc, self.day)]

    def strike(self, layer: str, text: str, because: Article) -> None:
        self.void.append(VoidRule(layer=layer, text=text, because=because))

    def result(
        self,
        eligible: bool | None,
        deadline: datetime | None,
        freight: Freight | None,
        *,
        compensation: Compensation = "none",
        compensation_fen: int | None = None,
        refund_fen: int | None = None,
        in_kind: tuple[Literal["coupon", "points"], ...] = (),
    ) -> PolicyResult:
        return PolicyResult(
            eligible=eligible,
            deadline=deadline,
            return_freight=freight,
            compensation=compensation,
            compensation_fen=compensation_fen,
            refund_fen=refund_fen,
            returns_in_kind=in_kind,
            path=tuple(self.steps),
            void_rules=tuple(self.void),
            as_of=self.day,
            rule_version=rule_version(self.day),
        )
