"""What every tool is given and what it returns: evidence, never prose of a model; rights are checked inside each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agents.support.cards import Card
from knowledge.evidence import Evidence, EvidenceKind, SourceRef
from knowledge.kit.ids import new_id
from knowledge.orders.views import ShopperView

Status = Literal["found", "absent", "sign_in", "choose"]


@dataclass(frozen=True)
class ToolContext:
    """`shopper` is who was proven to ask, and the only source of rights; None is a guest."""

    shop_id: str
    now: datetime
    shopper: ShopperView | None = None


@dataclass(frozen=True)
class Fact:
    """One piece of live evidence. `text` is whole sentences that each stand alone; `say` those of them that answer the
    question at hand, best first. `current`: they tell a price, an offer or stock of this moment."""

    kind: EvidenceKind
    doc: str
    title: str
    text: str
    say: tuple[str, ...] = ()
    current: bool = False

    def evidence(self, number: int) -> Evidence:
        source = SourceRef(doc=self.doc, title=self.title, chunk_id=new_id("evd"))
        return Evidence(number=number, kind=self.kind, text=self.text, source=source, score=1.0, live=True)


@dataclass(frozen=True)
class ToolResult:
    """`choices` name what a shopper may pick from when `status` is choose; nothing is told then."""

    status: Status
    facts: tuple[Fact, ...] = ()
    cards: tuple[Card, ...] = ()
    choices: tuple[str, ...] = ()
    discretion: bool = False
    subjects: tuple[str, ...] = ()


ABSENT = ToolResult("absent")
SIGN_IN = ToolResult("sign_in")
