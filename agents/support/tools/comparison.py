"""The tool `compare_products`: a table of two to four products, and where they differ in what is asked."""

import re
from collections.abc import Sequence

from agents.support.aspects import asked, echoed, question_meant, told_of
from agents.support.cards import ComparedProduct, ComparisonCard, ComparisonRow
from agents.support.tools.base import ABSENT, Fact, ToolContext, ToolResult
from agents.support.tools.product_offers import (
    asks_for,
    basket_of,
    own_offer_sentences,
    payable_sentences,
    reduction_sentences,
)
from agents.support.tools.product_speech import names_in, points_of, warranty_sentences
from agents.support.tools.speech import yuan
from knowledge.catalog.facts import Attribute
from knowledge.catalog.service import CatalogService
from knowledge.catalog.views import ProductView

_COMPARED = 4
_ROWS_SAID = 4
_FIRST = ("价格", "重量")
_LAST = ("材质", "尺寸", "保质期", "用法", "保养", "规格", "净含量", "颜色", "包装清单")
"""Rows that tell least of which product to take, in the order in which they are told last."""
_OPEN = re.compile(
    r"区别|不同|不一样|差别|差异|差在哪|比一?下|比一比|对比|比较|相比|怎么选|咋选|选哪|买哪|哪[个款种](?:更?好|合适|适合|值得)"
    r"|更?推荐|(?<!会)(?:怎么样|咋样)|介绍|vs|pk|difference|compare",
    re.IGNORECASE,
)


async def compare_products(
    catalog: CatalogService, context: ToolContext, product_ids: Sequence[str], question: str, *, leaning: str = ""
) -> ToolResult:
    """What is said is the rows asked for; where nothing in particular is asked, those that differ and matter; nothing
    when no row tells what is asked."""
    found = await catalog.products(context.shop_id, list(dict.fromkeys(product_ids))[:_COMPARED])
    if len(found) < 2:
        return ABSENT
    rows = comparison_rows(found, context)
    names = " ".join(names_in(one) for one in found)
    say = rows_said(found, rows, context, question_meant(_without_names(found, question), leaning, names))
    text = "".join(dict.fromkeys([*(_row_sentence(found, row) for row in rows), *say]))
    fact = Fact("comparison", "catalogue", "、".join(one.title for one in found), text, say)
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
    prices = tuple(_price(one, context) for one in found)
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


def _price(found: ProductView, context: ToolContext) -> str:
    prices = {found.public_price_fen(context.now, sku.sku_id) for sku in found.skus}
    return yuan(min(prices)) + ("起" if len(prices) > 1 else "")


def rows_said(
    found: Sequence[ProductView], rows: Sequence[ComparisonRow], context: ToolContext, question: str
) -> tuple[str, ...]:
    question = _without_names(found, question)
    wanted = set(asked(question))
    if asks_for("rule", question) and not asks_for("payable", question):
        wanted.discard("offer")
    if wanted & {"price", "offer"} and (asks_for("together", question) or asks_for("payable", question)):
        return tuple(_total(found, context, question))
    names, sentences = _asked_for(found, question, wanted)
    if "offer" in wanted:
        sentences = [*_offers(found, context, question), *sentences]
    meant = sorted((row for row in rows if row.name in names), key=lambda row: row.same)
    if not meant and not sentences and not wanted and _OPEN.search(question):
        held = {qualification.kind for one in found for qualification in one.facts.qualifications}
        meant = sorted((row for row in rows if not row.same and row.name not in held), key=_rank)
    said = [*(_row_sentence(found, row) for row in meant[:_ROWS_SAID]), *sentences[:_ROWS_SAID]]
    return tuple(dict.fromkeys(said))


def _without_names(found: Sequence[ProductView], question: str) -> str:
    for name in sorted((name for one in found for name in (one.title, *one.facts.aliases)), key=len, reverse=True):
        question = question.replace(name, "□")
    return question


def _total(found: Sequence[ProductView], context: ToolContext, question: str) -> list[str]:
    basket = basket_of(found, context)
    if basket is None:
        return []
    return payable_sentences(basket, context, question) or [f"{basket.label}。"]


def _offers(found: Sequence[ProductView], context: ToolContext, question: str) -> list[str]:
    own = [sentence for one in found for sentence in own_offer_sentences(one, context, upcoming=True)]
    basket = basket_of(found, context)
    return [*own, *(reduction_sentences(basket, context, coupons=asks_for("coupon", question)) if basket else [])]


def _asked_for(found: Sequence[ProductView], question: str, wanted: set[str]) -> tuple[list[str], list[str]]:
    """Names of the rows that tell what is asked, and the products' own sentences where no row does."""
    attributes = [attribute for one in found for attribute in one.attributes]
    points = [point for one in found for point in points_of(one)]
    names: list[str] = ["价格"] * ("price" in wanted)
    if "license" in wanted:
        names += [q.kind for one in found for q in one.facts.qualifications]
    scenes = [Attribute(name="适用场景", value="、".join(one.facts.scenes)) for one in found if one.facts.scenes]
    told = told_of(question, [*attributes, *scenes], points)
    if not told and not wanted:
        told = echoed(question, [*attributes, *scenes], points, [one.title for one in found])
    names += [one.name for one in told.attributes]
    sentences = list(told.sentences)
    if "warranty" in wanted:
        sentences += [sentence for one in found for sentence in warranty_sentences(one)]
    rows = {name for name in names if sum(any(a.name == name for a in one.attributes) for one in found) > 1}
    lone = [
        f"“{one.title}”的{a.name}：{a.value.rstrip('。；')}。"
        for one in found
        for a in one.attributes
        if a in told.attributes and a.name not in rows
    ]
    return names, [*lone, *sentences]


def _rank(row: ComparisonRow) -> tuple[int, int]:
    if row.name in _FIRST:
        return 0, _FIRST.index(row.name)
    return (2, _LAST.index(row.name)) if row.name in _LAST else (1, 0)


def _row_sentence(found: Sequence[ProductView], row: ComparisonRow) -> str:
    if row.same:
        return f"{'和'.join(f'“{one.title}”' for one in found)}的{row.name}相同，都是{row.values[0].rstrip('。；')}。"
    each = "，".join(
        f"“{one.title}”{value.rstrip('。；')}" if value else f"“{one.title}”没有标注"
        for one, value in zip(found, row.values, strict=True)
    )
    return f"{row.name}：{each}。"
