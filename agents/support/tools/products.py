"""The tools `product`, `compare_products` and `price_history`: catalogue facts as they stand at this moment."""

import re
from collections.abc import Sequence

from agents.support.aspects import asked, attributes_asked
from agents.support.cards import (
    ComparedProduct,
    ComparisonCard,
    ComparisonRow,
    NamedValue,
    PriceHistoryCard,
    PricePoint,
    ProductCard,
)
from agents.support.tools.base import ABSENT, Fact, ToolContext, ToolResult
from agents.support.tools.speech import moment, yuan
from knowledge.catalog.offers import OfferView
from knowledge.catalog.service import CatalogService
from knowledge.catalog.views import ProductView
from knowledge.kit.clock import shanghai_date

_FEW = 10  # pieces of stock from which their number is told
_ATTRIBUTES_SAID = 3
_ROWS_SAID = 3
_COMPARED = 4
HISTORY_DAYS = 30
_MOST_DAYS = 365
_DAYS = re.compile(r"(\d{1,3})\s*天")


async def product(catalog: CatalogService, context: ToolContext, product_id: str, question: str) -> ToolResult:
    found = await catalog.product(context.shop_id, product_id)
    if found is None:
        return ABSENT
    sentences = product_sentences(found, context)
    say = said_of(found, context, question)
    fact = Fact("product", found.facts.doc or f"product:{product_id}", found.title, "".join(sentences), say)
    return ToolResult("found", (fact,), (product_card(found, context),), subjects=(product_id,))


def said_of(found: ProductView, context: ToolContext, question: str) -> tuple[str, ...]:
    """The sentences that answer the question; none when the catalogue does not state what is asked."""
    question = _without_names(found, question)
    wanted = set(asked(question))
    attributes = attributes_asked(question, found.attributes)
    say: list[str] = []
    if wanted & {"price", "offer"}:
        say += [
            *price_sentences(found, context),
            *offer_sentences(found, context, upcoming="offer" in wanted or "直播" in question),
        ]
    if "stock" in wanted:
        say += stock_sentences(found)
    say += [attribute_sentence(found.title, one.name, one.value) for one in attributes[:_ATTRIBUTES_SAID]]
    if "scene" in wanted and found.facts.scenes:
        say.append(_scenes(found))
    if "license" in wanted:
        say += license_sentences(found)
    return tuple(dict.fromkeys(say))


def _without_names(found: ProductView, question: str) -> str:
    """A 保温杯 is not asked for its 保温 by its name alone."""
    for name in sorted((found.title, *found.facts.aliases), key=len, reverse=True):
        question = question.replace(name, "□")
    return question


def product_sentences(found: ProductView, context: ToolContext) -> tuple[str, ...]:
    told = [*price_sentences(found, context), *offer_sentences(found, context, upcoming=True), *stock_sentences(found)]
    told += [attribute_sentence(found.title, one.name, one.value) for one in found.attributes]
    if found.facts.scenes:
        told.append(_scenes(found))
    told += license_sentences(found)
    return tuple(dict.fromkeys(told))


def attribute_sentence(title: str, name: str, value: str) -> str:
    return f"“{title}”的{name}：{value.rstrip('。；')}。"


def _scenes(found: ProductView) -> str:
    return f"“{found.title}”标注的适用场景有{'、'.join(found.facts.scenes)}。"


def price_sentences(found: ProductView, context: ToolContext) -> list[str]:
    """What anybody pays now, list price beside it while a public offer runs; by sku where skus differ."""
    if not found.facts.on_sale:
        return [f"“{found.title}”目前已下架。"]
    prices = {sku.name: found.public_price_fen(context.now, sku.sku_id) for sku in found.skus}
    if len(set(prices.values())) > 1 and len(prices) == len(found.skus):
        each = "、".join(f"{name}{yuan(fen)}" for name, fen in prices.items())
        return [f"“{found.title}”目前的售价：{each}。"]
    price = found.price(context.now)
    if price.offer and price.list_price_fen > price.price_fen:
        return [f"“{found.title}”目前售价{yuan(price.price_fen)}，平时售价{yuan(price.list_price_fen)}。"]
    return [f"“{found.title}”目前售价{yuan(price.price_fen)}。"]


def offer_sentences(found: ProductView, context: ToolContext, *, upcoming: bool) -> list[str]:
    own = [offer for offer in found.offers if offer.product_id]
    running = [_running(found, offer) for offer in own if offer.runs_at(context.now)]
    whole = [_shop_wide(offer) for offer in found.offers if not offer.product_id and offer.runs_at(context.now)]
    ahead = [_ahead(found, offer) for offer in own if offer.starts_at > context.now] if upcoming else []
    return [*running, *ahead, *(whole if upcoming else [])]


def _reduction(offer: OfferView) -> str:
    if offer.price_fen is not None:
        return f"活动价{yuan(offer.price_fen)}"
    least = f"满{yuan(offer.threshold_fen)}" if offer.threshold_fen else ""
    return f"{least}减{yuan(offer.off_fen)}" if offer.off_fen else "有赠品"


def _audience(offer: OfferView) -> str:
    whom = {"all": "", "new": "限新客"}.get(offer.audience, f"限{offer.audience}")
    return "，".join(part for part in ("限直播间下单" if offer.kind == "live" else "", whom) if part)


def _running(found: ProductView, offer: OfferView) -> str:
    limits = f"（{_audience(offer)}）" if _audience(offer) else ""
    return f"“{found.title}”正在参加“{offer.name}”{limits}，{_reduction(offer)}，{moment(offer.ends_at)}结束。"


def _ahead(found: ProductView, offer: OfferView) -> str:
    limits = f"（{_audience(offer)}）" if _audience(offer) else ""
    return f"“{found.title}”的“{offer.name}”{limits}将于{moment(offer.starts_at)}开始，{_reduction(offer)}。"


def _shop_wide(offer: OfferView) -> str:
    limits = f"（{_audience(offer)}）" if _audience(offer) else ""
    return f"店铺正在进行“{offer.name}”{limits}，{_reduction(offer)}，{moment(offer.ends_at)}结束。"


def stock_sentences(found: ProductView) -> list[str]:
    """Nothing where the shop does not tell its stock."""
    if not found.facts.on_sale:
        return [f"“{found.title}”目前已下架。"]
    told = [sku for sku in found.skus if sku.stock is not None]
    if not told:
        return []
    if all(not sku.stock for sku in told) and len(told) == len(found.skus):
        return [f"“{found.title}”目前缺货。"]
    if len(told) == 1 and len(found.skus) == 1:
        return [f"“{found.title}”目前{_stock(told[0].stock or 0)}。"]
    return [f"“{found.title}”的库存：" + "，".join(f"{sku.name}{_stock(sku.stock or 0)}" for sku in told) + "。"]


def _stock(count: int) -> str:
    return "缺货" if not count else f"还剩{count}件" if count <= _FEW else "有货"


def license_sentences(found: ProductView) -> list[str]:
    return [
        f"“{found.title}”的{one.kind}：{' '.join(part for part in (one.name, one.number) if part)}。"
        for one in found.facts.qualifications
        if one.name or one.number
    ]


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


async def compare_products(
    catalog: CatalogService, context: ToolContext, product_ids: Sequence[str], question: str
) -> ToolResult:
    """A table of two to four products; what is said is where they differ in what was asked, else where they differ."""
    found = await catalog.products(context.shop_id, list(dict.fromkeys(product_ids))[:_COMPARED])
    if len(found) < 2:
        return ABSENT
    rows = comparison_rows(found, context)
    sentences = {row.name: _row_sentence(found, row) for row in rows}
    wanted = _rows_asked(found, rows, question)
    say = tuple(sentences[row.name] for row in wanted[:_ROWS_SAID])
    fact = Fact(
        "comparison", "catalogue", "、".join(one.title for one in found), "".join(tuple(sentences.values())), say
    )
    card = ComparisonCard(
        products=tuple(
            ComparedProduct(product_id=one.product_id, title=one.title, price_fen=one.public_price_fen(context.now))
            for one in found
        ),
        rows=tuple(rows),
    )
    return ToolResult("found", (fact,), (card,), subjects=tuple(one.product_id for one in found))


def comparison_rows(found: Sequence[ProductView], context: ToolContext) -> list[ComparisonRow]:
    """Price first, then every attribute that two of them state, in the order of the first product."""
    prices = tuple(yuan(one.public_price_fen(context.now)) for one in found)
    rows = [ComparisonRow(name="价格", values=prices, same=len(set(prices)) == 1)]
    names = dict.fromkeys(a.name for one in found for a in one.attributes if a.name not in ("价格", "售价"))
    for name in names:
        values = tuple(next((a.value for a in one.attributes if a.name == name), "") for one in found)
        if sum(map(bool, values)) > 1:
            rows.append(ComparisonRow(name=name, values=values, same=len(set(values)) == 1))
    for kind in dict.fromkeys(q.kind for one in found for q in one.facts.qualifications):
        held = [next((q for q in one.facts.qualifications if q.kind == kind), None) for one in found]
        values = tuple(" ".join(part for part in (q.name, q.number) if part) if q else "" for q in held)
        rows.append(ComparisonRow(name=kind, values=values, same=len(set(values)) == 1))
    if sum(bool(one.facts.scenes) for one in found) > 1:
        scenes = tuple("、".join(one.facts.scenes) for one in found)
        rows.append(ComparisonRow(name="适用场景", values=scenes, same=len(set(scenes)) == 1))
    return rows


def _rows_asked(found: Sequence[ProductView], rows: list[ComparisonRow], question: str) -> list[ComparisonRow]:
    attributes = [attribute for one in found for attribute in one.attributes]
    names = [one.name for one in attributes_asked(question, attributes)]
    wanted = asked(question)
    if "license" in wanted:
        names += [q.kind for one in found for q in one.facts.qualifications]
    names += ["价格"] * ("price" in wanted) + ["适用场景"] * ("scene" in wanted)
    meant = [row for row in rows if row.name in names]
    differing = [row for row in rows if not row.same and row not in meant]
    return meant or differing


def _row_sentence(found: Sequence[ProductView], row: ComparisonRow) -> str:
    if row.same:
        return f"{'和'.join(f'“{one.title}”' for one in found)}的{row.name}相同，都是{row.values[0].rstrip('。；')}。"
    each = "，".join(
        f"“{one.title}”{value.rstrip('。；')}" if value else f"“{one.title}”没有标注"
        for one, value in zip(found, row.values, strict=True)
    )
    return f"{row.name}：{each}。"


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
