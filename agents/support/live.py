"""What the tools brought back for one question, and the words the offline writer makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.support.cards import Card, PolicyCard
from agents.support.tools.base import Fact, Status, ToolResult
from agents.support.wants import Want
from knowledge.evidence import Evidence

_CARDS = 3
_SAID = 4  # live sentences of one answer


@dataclass(frozen=True)
class Live:
    """`products` the tools told of; `titles` of the products that the message itself points at, `topics` of those that
    were last spoken of; `outcomes` what each want came to, in order."""

    facts: tuple[Fact, ...] = ()
    cards: tuple[Card, ...] = ()
    outcomes: tuple[tuple[Want, Status], ...] = ()
    choices: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    discretion: bool = False

    def plus(self, want: Want, result: ToolResult) -> "Live":
        about_products = want in (Want.PRODUCT, Want.COMPARE, Want.PRICE_HISTORY)
        cards = [card for card in result.cards if card not in self.cards]
        return replace(
            self,
            facts=(*self.facts, *result.facts),
            cards=(*self.cards, *cards)[:_CARDS],
            outcomes=(*self.outcomes, (want, result.status)),
            choices=self.choices or result.choices,
            products=result.subjects if about_products else self.products,
            discretion=self.discretion or result.discretion,
        )

    def with_more(self, other: "Live", *, said: int) -> "Live":
        """Both, as of one message; of the other at most `said` sentences a fact."""
        known = {fact.text: fact for fact in self.facts}
        fresh = tuple(replace(fact, say=fact.say[:said]) for fact in other.facts if fact.text not in known)
        again = {fact.text: fact.say[:said] for fact in other.facts if fact.text in known}
        kept = tuple(
            replace(fact, say=tuple(dict.fromkeys([*fact.say, *again.get(fact.text, ())]))) for fact in self.facts
        )
        cards = (*self.cards, *(card for card in other.cards if card not in self.cards))
        return replace(
            self,
            facts=(*kept, *fresh),
            cards=cards[:_CARDS],
            outcomes=(*self.outcomes, *other.outcomes),
            products=tuple(dict.fromkeys([*self.products, *other.products])),
        )

    def with_status(self, status: Status) -> tuple[Want, ...]:
        return tuple(want for want, came in self.outcomes if came == status)

    @property
    def tells_now(self) -> bool:
        """Whether prices, offers or stock were asked for and are told: no document knows them better."""
        return any(fact.current for fact in self.facts)

    def silent(self) -> "Live":
        """The same, kept as evidence, with nothing left to say: no card may pronounce on what was not asked."""
        cards = tuple(card for card in self.cards if not isinstance(card, PolicyCard))
        return replace(self, facts=tuple(replace(fact, say=()) for fact in self.facts), cards=cards)

    @property
    def says(self) -> bool:
        """Whether the tools answer the question by themselves."""
        return any(fact.say for fact in self.facts)


def numbered(facts: Sequence[Fact], start: int = 1) -> tuple[Evidence, ...]:
    return tuple(fact.evidence(number) for number, fact in enumerate(facts, start=start))


def spoken(facts: Sequence[Fact], start: int = 1) -> str:
    """Each fact's own sentences with its marker; where several facts speak, each keeps its first ones."""
    speaking = [(number, fact) for number, fact in enumerate(facts, start=start) if fact.say]
    each = max(1, _SAID // max(1, len(speaking)))
    return "".join(f"{sentence}[{number}]" for number, fact in speaking for sentence in fact.say[:each])
