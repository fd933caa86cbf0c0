"""One product: the facts in force, what moves, and how the facts came to be."""

from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from api.auth.rights import Right
from api.console.charts import price_chart
from api.console.frame import page
from api.console.pages.catalog import notes
from api.console.parts import badge, box, card, column, empty, facts, table, words
from api.console.visit import Visit
from api.console.wording import Pair, day, moment, named, yuan
from knowledge.catalog.facts import ProductFacts
from knowledge.catalog.views import ProductView
from knowledge.kit.clock import shanghai_date
from knowledge.kit.errors import NotFoundError

_DAYS = 90
_REVISIONS = 8
_FIELDS: dict[str, Pair] = {
    "title": ("标题", "Title"),
    "category": ("类目", "Category"),
    "brand": ("品牌", "Brand"),
    "aliases": ("别名", "Aliases"),
    "skus": ("SKU", "SKUs"),
    "attributes": ("属性", "Attributes"),
    "selling_points": ("卖点", "Selling points"),
    "scenes": ("场景", "Scenes"),
    "after_sales": ("售后", "After sales"),
    "qualifications": ("资质", "Licences"),
    "returns": ("退货性质", "Return class"),
    "warranty": ("质保", "Warranty"),
    "doc": ("说明文档", "Document"),
    "on_sale": ("在售", "On sale"),
}


_OFFERS: dict[str, Pair] = {
    "sale": ("特价", "Sale"),
    "live": ("直播价", "Live price"),
    "flash": ("秒杀", "Flash"),
    "coupon": ("优惠券", "Coupon"),
    "threshold": ("满减", "Off from"),
    "gift": ("赠品", "Gift"),
}


@page("/product", Right.CATALOG_READ, ("商品", "Product"))
async def product(visit: Visit) -> None:
    product_id = visit.param("id")[:64]
    async with visit.may(Right.CATALOG_READ) as services:
        service = services.catalog
        found = await service.product(visit.shop_id, product_id)
        if found is None:
            raise NotFoundError("There is no such product.", product_id=product_id)
        history = await service.price_history(visit.shop_id, product_id, days=_DAYS)
        newest = range(found.revision, max(0, found.revision - _REVISIONS), -1)
        revisions = [(n, await service.revision(visit.shop_id, product_id, n)) for n in newest]
    ui.link(visit.t("← 全部商品", "← All products"), "/catalog").classes("lc-back")
    _head(visit, found)
    _skus(visit, found)
    _offers(visit, found)
    with card(
        visit.t(f"近 {_DAYS} 天价格", f"Prices of {_DAYS} days"),
        visit.t("所有人都能买到的最低价", "The lowest anybody could pay"),
    ):
        price_chart(
            visit,
            [sku.name or sku.sku_id for sku in history.skus],
            [[(day(point.on), point.public_price_fen / 100) for point in sku.points] for sku in history.skus],
        )
    _attributes(visit, found.facts)
    _qualifications(visit, found.facts)
    _revisions(visit, revisions)


def _head(visit: Visit, found: ProductView) -> None:
    with card():
        words(found.title, "lc-page-name")
        with box("lc-badges"):
            for note in notes(visit, found):
                badge(note["text"], note["tone"])
        product_facts = found.facts
        facts([
            (visit.t("编号", "Id"), found.product_id),
            (visit.t("类目", "Category"), found.category),
            (visit.t("品牌", "Brand"), product_facts.brand),
            (visit.t("别名", "Aliases"), "、".join(product_facts.aliases)),
            (visit.t("卖点", "Selling points"), "\n".join(product_facts.selling_points)),
            (visit.t("场景", "Scenes"), "、".join(product_facts.scenes)),
            (visit.t("售后", "After sales"), "\n".join(product_facts.after_sales)),
            (visit.t("质保", "Warranty"), product_facts.warranty),
            (visit.t("版本", "Revision"), f"r{found.revision}"),
        ])  # fmt: skip
        if product_facts.doc:
            address = "/document?" + urlencode({"doc": product_facts.doc})
            ui.link(visit.t("打开商品说明文档", "Open the product's document"), address).classes("lc-link")


def _skus(visit: Visit, found: ProductView) -> None:
    rows = [
        {
            "sku_id": sku.sku_id,
            "name": sku.name or "—",
            "list": yuan(sku.price_fen),
            "price": yuan(found.public_price_fen(visit.now(), sku.sku_id)),
            "stock": "—" if sku.stock is None else f"{sku.stock:,}",
            "stock_at": moment(sku.stock_at),
        }
        for sku in found.skus
    ]
    columns = [
        column("name", visit.t("规格", "Option")),
        column("sku_id", "SKU"),
        column("list", visit.t("标价", "List price"), align="right"),
        column("price", visit.t("现价", "Price now"), align="right"),
        column("stock", visit.t("库存", "Stock"), align="right"),
        column("stock_at", visit.t("库存时间", "Counted at")),
    ]
    with card(visit.t("规格与库存", "Options and stock")):
        table(columns, rows, key="sku_id")


def _offers(visit: Visit, found: ProductView) -> None:
    with card(visit.t("活动", "Offers"), visit.t("进行中和将开始的", "Running or still to come")):
        if not found.offers:
            return empty(visit.t("没有活动", "No offers"))
        rows = [
            {
                "id": offer.offer_id,
                "name": offer.name,
                "kind": named(_OFFERS, offer.kind, english=visit.english),
                "value": yuan(offer.price_fen) if offer.price_fen is not None else f"-{yuan(offer.off_fen)}",
                "window": f"{moment(offer.starts_at)} – {moment(offer.ends_at)}",
                "state": {"text": visit.t("进行中", "Running"), "tone": "good"}
                if offer.runs_at(visit.now())
                else {"text": visit.t("未开始", "To come"), "tone": "wait"},
            }
            for offer in found.offers
        ]
        columns = [
            column("name", visit.t("名称", "Name"), classes="lc-cell-wrap"),
            column("kind", visit.t("类型", "Kind")),
            column("value", visit.t("价格/优惠", "Price or off"), align="right"),
            column("window", visit.t("时间", "Window")),
            column("state", visit.t("状态", "State")),
        ]
        table(columns, rows, key="id", badges="state")


def _attributes(visit: Visit, product_facts: ProductFacts) -> None:
    with card(visit.t("属性", "Attributes")):
        facts([(one.name, one.value) for one in product_facts.attributes])


def _qualifications(visit: Visit, product_facts: ProductFacts) -> None:
    today = shanghai_date(visit.now())
    with card(visit.t("资质", "Licences")):
        if not product_facts.qualifications:
            return empty(visit.t("没有登记资质", "None on record"))
        for one in product_facts.qualifications:
            with box("lc-row"):
                with box("lc-row-words grow"):
                    words(" ".join(filter(None, (one.kind, one.name))), "lc-row-name")
                    words(one.number, "lc-hint")
                if one.valid_to is None:
                    badge(visit.t("长期", "No end"), "quiet")
                else:
                    left = (one.valid_to - today).days
                    tone = "bad" if left < 0 else "wait" if left <= 30 else "good"
                    badge(visit.t(f"有效至 {day(one.valid_to)}", f"valid to {day(one.valid_to)}"), tone)


def _revisions(visit: Visit, revisions: list[tuple[int, ProductFacts]]) -> None:
    with card(
        visit.t("改动记录", "Revisions"), visit.t("每次改动都留存，不会覆盖", "Each change is kept, none overwritten")
    ):
        for (number, now), (_, before) in pairwise(revisions):
            with ui.expansion(f"r{number}").classes("lc-more"):
                for name, old, new in changed(before, now):
                    words(_FIELDS.get(name, (name, name))[visit.english], "lc-label")
                    words(old or "—", "lc-diff old")
                    words(new or "—", "lc-diff new")
        first = revisions[-1][0]
        words(visit.t("最初版本 r1" if first == 1 else f"更早的版本未列出（r{first} 之前）",
                      "First revision r1" if first == 1 else f"Earlier ones are not listed (before r{first})"),
              "lc-hint")  # fmt: skip


def changed(before: ProductFacts, now: ProductFacts) -> list[tuple[str, str, str]]:
    """(field, old, new) where they differ; of lists only the entries that do."""
    old, new = before.model_dump(mode="json"), now.model_dump(mode="json")
    found = []
    for name in new:
        if old[name] == new[name]:
            continue
        if isinstance(new[name], list):
            gone = [one for one in old[name] if one not in new[name]]
            came = [one for one in new[name] if one not in old[name]]
            found.append((name, _lines(gone), _lines(came)))
        else:
            found.append((name, _line(old[name]), _line(new[name])))
    return found


def _lines(values: list[Any]) -> str:
    return "\n".join(map(_line, values))


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return " · ".join(f"{key}={one}" for key, one in value.items() if one not in (None, "", {}, False))
    return str(value)
