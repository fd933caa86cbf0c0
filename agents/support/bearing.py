"""What a message bears on, by meaning: the state of an order, a rule of the shop, or goods. Documents are filed under
the questions they answer and tools under tool_wordings.yaml; goods are left unnamed on the way, so that 护手霜卡哪儿了
lies near 包裹卡在中转站了 and not near the page of the hand cream."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agents.support.answer_types import Gathered
from agents.support.wants import ABOUT_PRODUCTS, DATA, POLICIES, Want

UNNAMED = "这个"
"""Stands for the goods a message names."""
_ORDER_GROUPS = {want.value: want for want in (*DATA, *POLICIES)}
_GOODS_GROUPS = frozenset({"price", "price_history", "compare", "attribute"})
_RULE_AHEAD = 0.009  # cosine by which a filed question has to be nearer than any wording of a tool
_SAID = 0.01  # what the words themselves say is worth this much nearness
_LEAST = 0.9  # below this nearness to an order's wordings nothing is read into a message


class Route(StrEnum):
    ORDER = "order"
    RULE = "rule"
    GOODS = "goods"


@dataclass(frozen=True)
class Bearing:
    """`masked`: the message with goods unnamed; `rules`: found with it among the shop's documents that are no product's
    page. Without vectors on our scale there is no route, and words alone decide."""

    masked: str = ""
    rules: Gathered = field(default_factory=lambda: Gathered(query=""))

    def route(self, *, says_order: bool, says_goods: bool) -> Route | None:
        """`says_order`, `says_goods`: whether words of the message name an order or an aspect of goods."""
        near = self.rules.near
        if not near:
            return None
        scores = {
            Route.RULE: self._rule - _RULE_AHEAD,
            Route.ORDER: max(near[group] for group in _ORDER_GROUPS if group in near) + _SAID * says_order,
            Route.GOODS: max(near[group] for group in _GOODS_GROUPS) + _SAID * says_goods,
        }
        return max(scores, key=lambda route: scores[route])

    @property
    def order_want(self) -> Want | None:
        """The tool whose wordings about an order lie nearest; None where none lies near."""
        near = {group: cosine for group, cosine in self.rules.near.items() if group in _ORDER_GROUPS}
        best = max(near, key=lambda group: near[group], default="")
        return _ORDER_GROUPS[best] if best and near[best] >= _LEAST else None

    @property
    def _rule(self) -> float:
        """Nearness of the shop's own rule that lies nearest; the law is no rule of the shop."""
        return max((hit.dense for hit in self.rules.hits if hit.article is None), default=0.0)

    def wanted(self, said: Sequence[Want], route: Route | None, *, known: bool) -> tuple[Want, ...]:
        """What to ask of the tools: as the words `said`, corrected where the message clearly bears on something else. A
        guest's order is looked for only where its state is asked; the rules answer the rest."""
        orders = [want for want in said if want not in ABOUT_PRODUCTS]
        goods = [want for want in said if want in ABOUT_PRODUCTS]
        if route is Route.GOODS:
            return tuple(goods or [Want.PRODUCT])
        if route is Route.ORDER and not orders and (near := self.order_want) and (known or near in DATA):
            return (near,)
        return tuple(said)
