"""The sentences of a product's own facts. Each stands alone and names the product."""

import re
from collections.abc import Sequence

from agents.support.tools.base import ToolContext
from agents.support.tools.speech import yuan
from knowledge.catalog.facts import SkuFacts
from knowledge.catalog.views import ProductView, SkuView
from knowledge.index.cut import normalise

_FEW = 10  # pieces of stock from which their number is told
_SENTENCE = re.compile(r"[^。]+。?")
_PLAIN = re.compile(r"色$|(?:床|码|款)+$")
_HUES = "红橙黄绿青蓝紫黑白灰粉棕米"


def attribute_sentence(title: str, name: str, value: str) -> str:
    return f"“{title}”的{name}：{value.rstrip('。；')}。"


def names_in(found: ProductView) -> str:
    """All that the product and its variants are called, as one text to look words up in."""
    return " ".join([found.title, *found.facts.aliases, *(sku.name for sku in found.skus)])


def scene_sentences(found: ProductView) -> list[str]:
    return [f"“{found.title}”标注的适用场景有{'、'.join(found.facts.scenes)}。"] if found.facts.scenes else []


def points_of(found: ProductView) -> tuple[str, ...]:
    """The shop's own sentences on what the product is and does."""
    return _sentences(found, found.facts.selling_points)


def warranty_sentences(found: ProductView) -> list[str]:
    written = [one for one in _sentences(found, found.facts.after_sales) if "质保" in one or "保修" in one]
    if written or not found.facts.warranty:
        return written
    return [attribute_sentence(found.title, "质保", found.facts.warranty)]


def _sentences(found: ProductView, texts: Sequence[str]) -> tuple[str, ...]:
    """Those that name the product: others lean on what stands around them."""
    written = [one for text in texts for one in _SENTENCE.findall(text)]
    return tuple(f"{one.rstrip('。')}。" for one in written if found.title in one)


def price_sentences(found: ProductView, context: ToolContext, skus: Sequence[SkuView] = ()) -> list[str]:
    """What anybody pays now, list price beside it while a public offer runs; by sku where skus differ."""
    if not found.facts.on_sale:
        return [f"“{found.title}”目前已下架。"]
    prices = {sku.name: found.public_price_fen(context.now, sku.sku_id) for sku in found.skus}
    if len(set(prices.values())) > 1 and len(prices) == len(found.skus):
        each = "、".join(f"{sku.name}{yuan(prices[sku.name])}" for sku in skus or found.skus)
        return [f"“{found.title}”目前的售价：{each}。"]
    price = found.price(context.now)
    if price.offer and price.list_price_fen > price.price_fen:
        return [f"“{found.title}”目前售价{yuan(price.price_fen)}，平时售价{yuan(price.list_price_fen)}。"]
    return [f"“{found.title}”目前售价{yuan(price.price_fen)}。"]


def stock_sentences(found: ProductView, skus: Sequence[SkuView] = ()) -> list[str]:
    """Of the skus meant, or of all; nothing where the shop does not tell its stock."""
    if not found.facts.on_sale:
        return [f"“{found.title}”目前已下架。"]
    told = [sku for sku in skus or found.skus if sku.stock is not None]
    if not told:
        return []
    if not skus and all(not sku.stock for sku in told) and len(told) == len(found.skus):
        return [f"“{found.title}”目前缺货。"]
    if len(told) == 1:
        name = told[0].name if len(found.skus) > 1 else ""
        return [f"“{found.title}”{name}目前{_stock(told[0].stock or 0)}。"]
    return [f"“{found.title}”的库存：" + "，".join(f"{sku.name}{_stock(sku.stock or 0)}" for sku in told) + "。"]


def _stock(count: int) -> str:
    return "缺货" if not count else f"还剩{count}件" if count <= _FEW else "有货"


def skus_named(found: ProductView, question: str) -> tuple[SkuView, ...]:
    """The skus of the options that the question names, in whole or as shoppers shorten them: 豆沙, 1.8, 绿的."""
    folded = normalise(question)
    left = list(found.facts.skus)
    for option in dict.fromkeys(name for sku in found.facts.skus for name in sku.options):
        named = [sku for sku in left if option in sku.options and _meant(sku, option, left, folded)]
        left = named or left
    if len(left) == len(found.facts.skus):
        return ()
    return tuple(view for sku in left if (view := found.sku(sku.sku_id)))


def _meant(sku: SkuFacts, option: str, among: Sequence[SkuFacts], folded: str) -> bool:
    value = normalise(sku.options[option])
    if value in folded or _named(_PLAIN.sub("", value), folded):
        return True
    figure = re.match(r"\d+\.\d+|\d{2,}", value)
    if figure and re.search(rf"(?<![\d.]){re.escape(figure[0])}(?![\d.])", folded):
        return True
    hue = next((letter for letter in reversed(value) if letter in _HUES), "")
    alike = {one.options.get(option, "") for one in among if hue and hue in one.options.get(option, "")}
    return bool(hue) and len(alike) == 1 and bool(re.search(rf"{hue}(?:色|的|款|那)", folded))


def _named(plain: str, folded: str) -> bool:
    return len(plain) > 1 and plain in folded


def license_sentences(found: ProductView) -> list[str]:
    return [
        f"“{found.title}”的{one.kind}：{' '.join(part for part in (one.name, one.number) if part)}。"
        for one in found.facts.qualifications
        if one.name or one.number
    ]
