"""What a message bears on, by meaning: the state of an order, a rule of the shop, or goods. Documents are filed under
the questions they answer and tools under tool_wordings.yaml; goods are left unnamed on the way, so that 护手霜卡哪儿了
lies near 包裹卡在中转站了 and not near the page of the hand cream."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from agents.support.answer_types import Gathered
from agents.support.aspects import asked
from agents.support.floor_text import pattern_in
from agents.support.slots import slots_of
from agents.support.wants import ABOUT_PRODUCTS, DATA, POLICIES, Want

_pattern = partial(pattern_in, "personal.yaml")
UNNAMED = "这个"
"""Stands for the goods a message names."""
_ORDER_GROUPS = {want.value: want for want in (*DATA, *POLICIES)}
_GOODS_GROUPS = frozenset({"price", "price_history", "compare", "attribute"})
_RULE_AHEAD = 0.009  # cosine by which a filed question has to be nearer than any wording of a tool
_SAID = 0.01  # what the words themselves say is worth this much nearness
_LEANT = 0.02  # and what the question before wanted, this much
_MISREAD = 0.03  # how much farther what words made of a message may lie than what is nearest to it
_CLEAR = 0.93  # nearness from which a guest is taken to ask of an order of their own
_LEAST = 0.9  # below this nearness to an order's wordings nothing is read into a message


class Route(StrEnum):
    ORDER = "order"
    RULE = "rule"
    GOODS = "goods"


def routes_said(text: str, wants: Collection[Want], *, names_goods: bool) -> tuple[Route, ...]:
    """What words alone point at: `wants` read from them, an aspect of goods — twice where they are named too —, a case
    supposed or a rule asked for."""
    said = [Route.ORDER] if set(wants) - ABOUT_PRODUCTS else []
    if asked(text):
        said += [Route.GOODS] * (1 + names_goods)
    elsewhere = "region" in slots_of(text) and not _pattern("mine").search(text)
    if elsewhere or any(_pattern(name).search(text) for name in ("supposed", "general", "why")):
        said.append(Route.RULE)
    return tuple(said)


@dataclass(frozen=True)
class Bearing:
    """`masked`: the message with goods unnamed; `rules`: found with it among the shop's documents that are no product's
    page, which are all of them where `no_goods`. Without vectors on our scale there is no route: words alone decide."""

    masked: str = ""
    rules: Gathered = field(default_factory=lambda: Gathered(query=""))
    no_goods: bool = False

    def route(self, said: Sequence[Route], lean: Collection[Want] = ()) -> Route | None:
        """`said`: what the words of the message themselves point at, each time they do; `lean`: what the question
        before it wanted, when the message is too short to stand alone."""
        if not self.rules.near:
            return None
        orders = self._orders(lean)
        near = {
            Route.RULE: self._rule - _RULE_AHEAD,
            Route.ORDER: max(orders.values()),
            Route.GOODS: max(self.rules.near[group] for group in _GOODS_GROUPS),
        }
        return max(near, key=lambda route: near[route] + _SAID * said.count(route))

    def order_want(self, lean: Collection[Want] = ()) -> Want | None:
        """The tool whose wordings about an order lie nearest; None where none lies near."""
        near = self._orders(lean)
        best = max(near, key=lambda want: near[want], default=None)
        return best if best and near[best] >= _LEAST else None

    def _farther(self, read: Sequence[Want], lean: Collection[Want]) -> float:
        """By how much what words made of the message lies farther than what is nearest."""
        near = self._orders(lean)
        return max(near.values()) - max((near[want] for want in read if want in near), default=0.0)

    def _orders(self, lean: Collection[Want]) -> dict[Want, float]:
        return {
            want: self.rules.near[group] + _LEANT * (want in lean)
            for group, want in _ORDER_GROUPS.items()
            if group in self.rules.near
        }

    @property
    def nearest(self) -> float:
        """How near the message lies to whatever it lies nearest to."""
        return max([self._rule - _RULE_AHEAD, *self.rules.near.values()])

    @property
    def _rule(self) -> float:
        """Nearness of the shop's own rule that lies nearest; the law is no rule of the shop."""
        return max((hit.dense for hit in self.rules.hits if hit.article is None), default=0.0)

    def wanted(
        self, said: Sequence[Want], route: Route | None, *, known: bool, lean: Collection[Want] = ()
    ) -> tuple[Want, ...]:
        """What to ask of the tools: as the words `said`, corrected where the message clearly bears on something else. A
        guest's order is looked for only where its state is clearly asked; the rules answer the rest."""
        orders = [want for want in said if want not in ABOUT_PRODUCTS]
        goods = [want for want in said if want in ABOUT_PRODUCTS]
        if route is Route.GOODS:
            return tuple(goods or [Want.PRODUCT])
        near = self.order_want(lean)
        if route is not Route.ORDER or near is None:
            return tuple(said)
        if orders:
            enough = _MISREAD if near not in lean else 0.0
            return (near,) if near not in orders and self._farther(orders, lean) >= enough else tuple(said)
        clear = near in DATA and self.rules.near[near.value] >= max(_CLEAR, self._rule)
        return (near,) if known or clear else tuple(said)
