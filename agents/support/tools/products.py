"""The tools `product` and `price_history`: catalogue facts as they stand at this moment."""

import re

from agents.support.aspects import asked, echoed, question_meant, told_of
from agents.support.cards import NamedValue, PriceHistoryCard, PricePoint, ProductCard
from agents.support.tools.base import ABSENT, Fact, ToolContext, ToolResult
from agents.support.tools.comparison import compare_products
from agents.support.tools.product_offers import (
    asks_for,
    basket_of,
    count_in,
    own_offer_sentences,
    payable_sentences,
    reduction_sentences,
    shop_offer_ends,
)
from agents.support.tools.product_speech import (
    attribute_sentence,
    license_sentences,
    names_in,
    points_of,
    price_sentences,
    scene_sentences,
    skus_named,
    stock_sentences,
    warranty_sentences,
)
from agents.support.tools.speech import yuan
from knowledge.catalog.service import CatalogService
from knowledge.catalog.views import ProductView
from knowledge.kit.clock import shanghai_date

__all__ = ["HISTORY_DAYS", "compare_products", "days_in", "price_history", "product", "said_of"]

_STATEMENTS_SAID = 3
HISTORY_DAYS = 30
_MOST_DAYS = 365
_DAYS = re.compile(r"(\d{1,3})\s*天")
_CURRENT = frozenset({"price", "offer", "stock"})
_OF_MONEY = frozenset({"price", "offer"})
_HAS_IT = re.compile(r"有(?:没有|木有|没)?|还有|现在有|换成?|选|要")


async def product(
    catalog: CatalogService, context: ToolContext, product_id: str, question: str, *, leaning: str = ""
) -> ToolResult:
    """`leaning` is the question with what was asked before it, for a message that asks nothing by itself."""
    found = await catalog.product(context.shop_id, product_id)
    if found is None:
        return ABSENT
    meant = question_meant(without_names(found, question), leaning, names_in(found))
    say = said_of(found, context, meant)
    text = "".join(dict.fromkeys([*product_sentences(found, context), *say]))
    current = bool(say) and bool(_CURRENT & set(asked(without_names(found, meant))))
    fact = Fact("product", found.facts.doc or f"product:{product_id}", found.title, text, say, current)
    return ToolResult("found", (fact,), (product_card(found, context),), subjects=(product_id,))


def said_of(found: ProductView, context: ToolContext, question: str) -> tuple[str, ...]:
    """The sentences that answer the question; none when the catalogue does not state what is asked."""
    question = without_names(found, question)
    wanted = set(asked(question))
    say: list[str] = []
    if wanted & _OF_MONEY:
        say += _money(found, context, question, wanted)
    say += _stock(found, question, wanted)
    say += _statements(found, question, wanted)
    return tuple(dict.fromkeys(say))


def without_names(found: ProductView, question: str) -> str:
    """A 保温杯 is not asked for its 保温 by its name alone."""
    for name in sorted((found.title, *found.facts.aliases), key=len, reverse=True):
        question = question.replace(name, "□")
    return question


def _money(found: ProductView, context: ToolContext, question: str, wanted: set[str]) -> list[str]:
    """How coupons add up, come back and are found is a rule of the shop: for the documents."""
    sums, until = asks_for("payable", question), asks_for("until", question)
    if asks_for("rule", question) and not sums:
        return price_sentences(found, context, skus_named(found, question)) if "price" in wanted else []
    count = count_in(found, question)
    if not count:
        return []
    basket = basket_of([found], context, max(count, 1))
    if (sums or asks_for("together", question) or count > 1) and basket:
        told = payable_sentences(basket, context, question)
        return [*(told or [f"{basket.label}。"]), *own_offer_sentences(found, context, upcoming=False)]
    own = own_offer_sentences(found, context, upcoming="offer" in wanted or "直播" in question)
    prices = price_sentences(found, context, skus_named(found, question))
    if until and basket:
        ends = own or shop_offer_ends(basket, context, question)
        return [*ends, *prices]
    if "offer" not in wanted or basket is None:
        return [*prices, *own]
    coupons = asks_for("coupon", question)
    reductions = reduction_sentences(basket, context, coupons=coupons)
    return [*reductions, *own] if coupons and reductions else [*prices, *own, *reductions]


def _stock(found: ProductView, question: str, wanted: set[str]) -> list[str]:
    """A colour or size asked for by name is asked whether it is there."""
    named = skus_named(found, question)
    if "stock" in wanted or (named and not wanted - {"color"} and _HAS_IT.search(question)):
        return stock_sentences(found, named)
    return []


def _statements(found: ProductView, question: str, wanted: set[str]) -> list[str]:
    points = points_of(found)
    told = told_of(question, found.attributes, points)
    say: list[str] = []
    if "scene" in wanted:
        say += scene_sentences(found) if _fits_scene(found, question) else []
    if "warranty" in wanted:
        say += warranty_sentences(found)
    if "license" in wanted:
        say += license_sentences(found)
    if not told and not wanted:
        told = echoed(question, found.attributes, points, [found.title])
    statements = [attribute_sentence(found.title, one.name, one.value) for one in told.attributes] + [*told.sentences]
    return [*say, *statements[:_STATEMENTS_SAID]]


def _fits_scene(found: ProductView, question: str) -> bool:
    return "场景" in question or "场合" in question or any(scene in question for scene in found.facts.scenes)


def product_sentences(found: ProductView, context: ToolContext) -> tuple[str, ...]:
    """All that the catalogue states of it, for a writer to choose from."""
    told = [*price_sentences(found, context), *own_offer_sentences(found, context, upcoming=True)]
    if basket := basket_of([found], context):
        told += reduction_sentences(basket, context, coupons=context.shopper is not None)
    told += stock_sentences(found)
    told += [attribute_sentence(found.title, one.name, one.value) for one in found.attributes]
    told += [*points_of(found), *scene_sentences(found), *warranty_sentences(found), *license_sentences(found)]
    return tuple(dict.fromkeys(told))


def product_card(found: ProductView, context: ToolContext) -> ProductCard:
    price = found.price(context.now)
    stock = {True: "有货", False: "缺货", None: ""}[found.in_stock]
    return ProductCard(
        product_id=found.product_id,
        title=found.title,
        price_fen=price.price_fen,
        list_price_fen=price.list_price_fen,
        offer_name=price.offer.name if price.offer else "",
        offer_ends_at=price.offer.ends_at.isoformat() if price.offer else "",
        stock_text=stock if found.facts.on_sale else "已下架",
        attributes=tuple(NamedValue(name=one.name, value=one.value) for one in found.attributes[:8]),
    )


def days_in(question: str) -> int:
    """The days a question on prices looks back on; 30 when it names none."""
    named = _DAYS.search(question)
    return min(max(int(named[1]), 1), _MOST_DAYS) if named else HISTORY_DAYS


async def price_history(
    catalog: CatalogService, context: ToolContext, product_id: str, days: int = HISTORY_DAYS
) -> ToolResult:
    found = await catalog.product(context.shop_id, product_id)
    if found is None:
        return ABSENT
    history = await catalog.price_history(context.shop_id, product_id, days=days)
    if history.lowest_fen is None:
        return ABSENT
    sentences = [f"“{found.title}”近{days}天的公开售价最低是{yuan(history.lowest_fen)}。"]
    sentences += price_sentences(found, context)
    if before := next(
        (p for p in reversed(history.points) if p.public_price_fen != found.public_price_fen(context.now)), None
    ):
        changed = f"{before.on.month}月{before.on.day}日"
        sentences.append(f"“{found.title}”在{changed}的公开售价是{yuan(before.public_price_fen)}。")
    dropped = [point for point in history.points if point.public_price_fen == history.lowest_fen]
    if dropped and dropped[-1].on != shanghai_date(context.now):
        last = dropped[-1].on
        sentences.append(f"“{found.title}”最近一次售价{yuan(history.lowest_fen)}是在{last.month}月{last.day}日。")
    fact = Fact("price_history", found.facts.doc or f"product:{product_id}", f"{found.title} 价格走势",
                "".join(sentences), tuple(sentences[:3]))  # fmt: skip
    card = PriceHistoryCard(
        product_id=product_id,
        title=found.title,
        points=tuple(PricePoint(on=p.on.isoformat(), price_fen=p.public_price_fen) for p in history.points),
        days=days,
        lowest_fen=history.lowest_fen,
    )
    return ToolResult("found", (fact,), (card,), subjects=(product_id,))
