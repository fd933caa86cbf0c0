"""Runs the tools a message calls for. Who may see what is decided inside each tool; here only what to ask of which."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from agents.support.answer_types import Question, ToolNeed
from agents.support.aspects import asked as asks_of_product
from agents.support.cards import Card
from agents.support.focus import (
    bought_recently,
    names_product,
    order_focus,
    order_ids_in,
    orders_spoken_of,
    products_in,
    products_spoken_of,
)
from agents.support.live import Live
from agents.support.tools.base import ABSENT, SIGN_IN, Fact, ToolContext, ToolResult
from agents.support.tools.orders import RUNNING, order, shipment
from agents.support.tools.policies import policy_for_order
from agents.support.tools.products import compare_products, days_in, price_history, product
from agents.support.triage_types import Utterance
from agents.support.wants import ABOUT_PRODUCTS, DATA, POLICIES, Want, order_aspect
from knowledge.catalog.names import NameIndex
from knowledge.catalog.service import CatalogService
from knowledge.index.cut import normalise
from knowledge.kit.clock import Clock
from knowledge.orders.oms import Oms
from knowledge.orders.views import OrderView
from knowledge.policies.service import PolicyTermsService

OnStep = Callable[[str], Awaitable[None]]
_ORDERS = 50  # of the shopper's newest orders that are looked through
_TOLD = 3  # orders told of in one answer
_CHOICES = 5  # orders or products offered to choose from
_STEPS = {
    Want.SHIPMENT: "shipment", Want.COMPARE: "comparing", Want.PRICE_HISTORY: "pricing", Want.PRODUCT: "product",
    Want.RETURN: "policy", Want.PRICE_PROTECTION: "pricing", Want.CANCEL: "policy", Want.ADDRESS: "policy",
}  # fmt: skip
_FOCUS = {Want.REFUND: "refund", Want.INVOICE: "invoice"}
_NEEDS = {
    "order": Want.ORDERS, "shipment": Want.SHIPMENT, "return_eligibility": Want.RETURN, "policy_for_order": Want.RETURN,
    "price_protection": Want.PRICE_PROTECTION, "invoice": Want.INVOICE, "product": Want.PRODUCT,
    "compare_products": Want.COMPARE, "price_history": Want.PRICE_HISTORY,
}  # fmt: skip


_MARK = re.compile(
    r"\d+(?:\.\d+)?\s*(?:毫升|升|ml|l|寸|公斤|千克|克|斤|厘米|瓦|小时|人|片|包|支|米)|[黑白红蓝绿黄紫粉灰棕米橙金银沙青]色"
)


@dataclass(frozen=True)
class _Asked:
    """One question with everything needed to see what it is about. `words`: the message, with the question before it
    that it answers or leans on."""

    question: Question
    text: str
    words: str
    context: ToolContext
    names: NameIndex
    orders: Sequence[OrderView] = ()


class Toolbox:
    def __init__(self, catalog: CatalogService, oms: Oms, terms: PolicyTermsService, clock: Clock) -> None:
        self._catalog = catalog
        self._oms = oms
        self._terms = terms
        self._clock = clock
        self._names: dict[str, tuple[int, NameIndex]] = {}

    async def names(self, shop_id: str) -> NameIndex:
        """Kept until the catalogue changes."""
        rows = await self._catalog.names(shop_id)
        known = self._names.get(shop_id)
        if known is None or known[0] != rows.version:
            known = (rows.version, NameIndex(rows.rows))
            self._names[shop_id] = known
        return known[1]

    async def gather(self, question: Question, text: str, query: str, wants: Sequence[Want], on_step: OnStep) -> Live:
        """Everything live that is wanted; `query` is the message as a question that stands alone. Raises:
        OmsUnavailableError."""
        names = await self.names(question.shop_id)
        context = ToolContext(question.shop_id, self._clock.now(), question.shopper)
        asked = _Asked(question, text, f"{query} {text}", context, names)
        on_order = any(order_ids_in(entry.text) for entry in question.history)
        if (set(wants) & (DATA | POLICIES) or on_order) and question.shopper is not None:
            await on_step("order")
            found = await self._oms.orders(question.shop_id, question.shopper.shopper_id, limit=_ORDERS)
            asked = replace(asked, orders=found)
        live = Live()
        for want in wants:
            if step := _STEPS.get(want):
                await on_step(step)
            live = live.plus(want, await self._run(want, asked))
        live = replace(live, topics=self._topics(asked))
        if not names_product(text, names):
            return live
        meant = live.products or products_in(text, question.history, names, several=False)
        return replace(live, titles=tuple(names.title(one) for one in meant))

    def _topics(self, asked: _Asked) -> tuple[str, ...]:
        """Titles of the one product that the talk was last about: spoken of itself, or all there is in an order."""
        for before in reversed(range(len(asked.question.history))):
            said = asked.question.history[before : before + 1]
            goods = products_spoken_of(said, asked.names) or list(self._goods(asked, said))
            if goods:
                return tuple(asked.names.title(one) for one in goods) if len(goods) == 1 else ()
        return ()

    async def need(self, question: Question, need: ToolNeed, on_step: OnStep) -> Live:
        """One call that a model asked for: it gets what the shopper may see, whatever it wrote."""
        want = _NEEDS.get(need.tool)
        if want is None:
            return Live()
        names = await self.names(question.shop_id)
        text = f"{need.query} {question.text}" if need.query else question.text
        context = ToolContext(question.shop_id, self._clock.now(), question.shopper)
        asked = _Asked(question, text, text, context, names)
        if want in DATA | POLICIES and question.shopper is not None:
            found = await self._oms.orders(question.shop_id, question.shopper.shopper_id, limit=_ORDERS)
            asked = replace(asked, orders=found)
        await on_step(_STEPS.get(want, "order"))
        return Live().plus(want, await self._run(want, asked))

    async def _run(self, want: Want, asked: _Asked) -> ToolResult:
        if want in ABOUT_PRODUCTS:
            return await self._of_products(want, asked)
        if asked.context.shopper is None:
            return SIGN_IN
        focus = order_focus(
            asked.text, asked.question.history, asked.orders, _candidates(want, asked), asked.names, asked.context.now,
            before=asked.words.removesuffix(asked.text),
        )  # fmt: skip
        if not focus.order_ids:
            return ABSENT
        if want in DATA and len(focus.order_ids) > 1:
            results = [await self._of_order(want, asked, one) for one in focus.order_ids[:_TOLD]]
            return _merged(results, short=True)
        if len(focus.order_ids) > 1:
            return ToolResult("choose", choices=_choices(asked.orders, focus.order_ids))
        return await self._of_order(want, asked, focus.order_ids[0])

    async def _of_order(self, want: Want, asked: _Asked, order_id: str) -> ToolResult:
        if want is Want.SHIPMENT:
            return await shipment(self._oms, asked.context, order_id)
        chosen = next((one for one in asked.orders if one.order_id == order_id), None)
        if want is Want.REFUND and chosen and not chosen.refunds and not order_ids_in(asked.text):
            return ABSENT  # nothing of theirs to tell: the rules on refunds may be what is asked for
        if want in DATA:
            return await order(self._oms, asked.context, order_id, _FOCUS.get(want) or order_aspect(asked.text))
        if want is Want.RETURN and chosen and chosen.state in ("unpaid", "paid"):
            want = Want.CANCEL  # nothing was sent that could come back
        bought = {item.product_id for item in chosen.items} if chosen else set()
        meant = {named.product_id for named in asked.names.leading(asked.text, among=bought)}
        subject = {Want.RETURN: "return", Want.PRICE_PROTECTION: "price_protection", Want.CANCEL: "cancel"}
        return await policy_for_order(
            self._oms, self._catalog, self._terms, asked.context, order_id,
            subject.get(want, "address"), asked.words, sorted(meant),  # type: ignore[arg-type]
        )  # fmt: skip

    async def _of_products(self, want: Want, asked: _Asked) -> ToolResult:
        history = asked.question.history
        meant = products_in(asked.text, history, asked.names, several=want is Want.COMPARE)
        if want is Want.COMPARE and len(meant) == 1:
            alike = [one.product_id for one in asked.names.find(asked.names.title(meant[0]))[1 : _CHOICES + 1]]
            apart = await self._told_apart(asked, tuple(alike))
            meant = (*meant, *apart) if len(apart) == 1 else meant
        if want is Want.COMPARE and len(meant) >= 2:
            return await compare_products(self._catalog, asked.context, meant, asked.text, leaning=asked.words)
        if not meant:
            meant = self._bought(asked)
        if not meant:
            return ABSENT
        if len(meant) > 1:
            meant = await self._told_apart(asked, meant)
        if len(meant) > 1 and not asked.names.leading(asked.text):  # asked to choose, and nothing was chosen
            return await compare_products(self._catalog, asked.context, meant, asked.text, leaning=asked.words)
        if len(meant) > 1 and not asks_of_product(asked.words):
            return ABSENT  # whatever is asked, the catalogue of none of them tells it
        if len(meant) > 1:
            titles = tuple(asked.names.title(one) for one in meant[:_CHOICES])
            return ToolResult("choose", choices=titles, subjects=meant)
        if want is Want.PRICE_HISTORY:
            return await price_history(self._catalog, asked.context, meant[0], days_in(asked.text))
        return await product(self._catalog, asked.context, meant[0], asked.text, leaning=asked.words)

    def _bought(self, asked: _Asked) -> tuple[str, ...]:
        """The one product of the order last spoken of, when the message asks of goods and names none."""
        return self._goods(asked, asked.question.history) if asks_of_product(asked.text) else ()

    def _goods(self, asked: _Asked, history: Sequence[Utterance]) -> tuple[str, ...]:
        """The product of the order last spoken of, when it holds but one."""
        orders = {one.order_id: one for one in asked.orders}
        spoken = orders_spoken_of(history, orders)
        items = orders[spoken[-1]].items if spoken else ()
        return (items[0].product_id,) if len(items) == 1 and items[0].product_id else ()

    async def _told_apart(self, asked: _Asked, meant: tuple[str, ...]) -> tuple[str, ...]:
        """Those whose facts hold the figure or colour that the message names: the 2升 one of two humidifiers."""
        marks = {normalise(found[0]) for found in _MARK.finditer(asked.text)}
        if not marks:
            return meant
        views = await self._catalog.products(asked.context.shop_id, list(meant))
        held = {
            view.product_id: normalise(" ".join([*(a.value for a in view.attributes), *(s.name for s in view.skus)]))
            for view in views
        }
        fitting = tuple(one for one in meant if all(mark in held.get(one, "") for mark in marks))
        return fitting or meant


def _candidates(want: Want, asked: _Asked) -> list[list[OrderView]]:
    """Orders in a state that fits the question, newest first; the better fit in an earlier list."""
    now = asked.context.now
    fits: dict[Want, tuple[Callable[[OrderView], bool], ...]] = {
        Want.SHIPMENT: (lambda one: one.state in ("paid", "shipped"),),
        Want.REFUND: (
            lambda one: any(refund.state in RUNNING for refund in one.refunds),
            lambda one: bool(one.refunds),
        ),
        Want.INVOICE: (lambda one: one.paid_at is not None and bought_recently(one, now),),
        Want.ORDERS: (lambda _one: True,),
        Want.RETURN: (lambda one: one.state in ("shipped", "delivered", "completed") and bought_recently(one, now),),
        Want.PRICE_PROTECTION: (lambda one: one.paid_at is not None and bought_recently(one, now),),
        Want.CANCEL: (lambda one: one.state in ("unpaid", "paid"),),
        Want.ADDRESS: (lambda one: one.state in ("unpaid", "paid", "shipped"),),
    }
    return [[one for one in asked.orders if fit(one)] for fit in fits[want]]


def _choices(orders: Sequence[OrderView], order_ids: Sequence[str]) -> tuple[str, ...]:
    """At most so many as fit into a sentence."""
    known = {one.order_id: one for one in orders}
    order_ids = order_ids[:_CHOICES]
    return tuple(
        f"{order_id}（{known[order_id].items[0].title}）" if order_id in known and known[order_id].items else order_id
        for order_id in order_ids
    )


def _merged(results: Sequence[ToolResult], *, short: bool) -> ToolResult:
    """Several orders in one answer: the first sentence of each."""
    found = [result for result in results if result.status == "found"]
    if not found:
        return results[0]
    facts: list[Fact] = []
    cards: list[Card] = []
    for result in found:
        facts += [replace(fact, say=fact.say[:1]) if short else fact for fact in result.facts]
        cards += result.cards
    return ToolResult("found", tuple(facts), tuple(cards), subjects=tuple(s for one in found for s in one.subjects))
