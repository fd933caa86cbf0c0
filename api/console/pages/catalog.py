"""Products: search, pages, and what needs somebody's eye."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from api.auth.rights import Right
from api.console.frame import page
from api.console.guard import PATH
from api.console.parts import box, column, empty, field, main_button, pager, quiet_button, table
from api.console.visit import Visit
from api.console.wording import yuan
from knowledge.catalog.views import ProductView
from knowledge.kit.clock import shanghai_date

_SIZE = 50
_SOON = timedelta(days=30)


@page("/catalog", Right.CATALOG_READ, ("商品", "Catalogue"), wide=True)
async def catalog(visit: Visit) -> None:
    search, category = visit.param("search")[:100], visit.param("category")[:60]
    number = max(1, int(visit.param("page", "1")) if visit.param("page", "1").isdigit() else 1)
    async with visit.may(Right.CATALOG_READ) as services:
        service = services.catalog
        total = await service.counted(visit.shop_id, search=search, category=category)
        found = await service.listed(
            visit.shop_id, search=search, category=category, limit=_SIZE, offset=(number - 1) * _SIZE
        )

    def address(page_number: int) -> str:
        asked = {"search": words_in.value or "", "category": category_in.value or "", "page": page_number}
        return "/catalog?" + urlencode({name: value for name, value in asked.items() if value})

    with box("lc-bar"):
        words_in = field(visit.t("名称、别名、品牌或编号", "Title, alias, brand or id"), search).classes("grow")
        category_in = field(visit.t("类目", "Category"), category)
        quiet_button(visit.t("搜索", "Search"), lambda: visit.go(address(1)), icon="search")
        for one in (words_in, category_in):
            one.on("keydown.enter", lambda: visit.go(address(1)))
        if visit.has(Right.IMPORTS_WRITE):
            main_button(visit.t("导入商品", "Import"), lambda: visit.go("/imports"), icon="upload_file")
    with box("lc-card tight"):
        if not found:
            return empty(
                visit.t("没有商品", "No products"),
                visit.t("从表格导入商品后会显示在这里", "Import a sheet to fill this"),
            )
        table(_columns(visit), [_row(visit, one) for one in found], key="product_id", link="title", badges="notes")
        pager(visit, page=number, size=_SIZE, total=total, address=address)


def _columns(visit: Visit) -> list[dict[str, Any]]:
    return [
        column("title", visit.t("商品", "Product"), classes="lc-cell-wrap"),
        column("product_id", visit.t("编号", "Id")),
        column("category", visit.t("类目", "Category")),
        column("price", visit.t("现价", "Price"), align="right"),
        column("stock", visit.t("库存", "Stock"), align="right"),
        column("skus", "SKU", align="right"),
        column("notes", visit.t("提醒", "Notes")),
    ]


def _row(visit: Visit, one: ProductView) -> dict[str, Any]:
    price = one.price(visit.now()) if one.skus else None
    return {
        "product_id": one.product_id,
        "href": f"{PATH}/product?{urlencode({'id': one.product_id})}",
        "title": one.title,
        "category": one.category,
        "price": yuan(price.price_fen) if price else "—",
        "stock": "—" if one.stock is None else f"{one.stock:,}",
        "skus": len(one.skus),
        "notes": notes(visit, one),
    }


def notes(visit: Visit, one: ProductView) -> list[dict[str, str]]:
    """What to look at, most urgent first."""
    today = shanghai_date(visit.now())
    found = []
    ends = [item.valid_to for item in one.facts.qualifications if item.valid_to]
    if any(end < today for end in ends):
        found.append({"text": visit.t("资质已过期", "Licence expired"), "tone": "bad"})
    elif any(end <= today + _SOON for end in ends):
        found.append({"text": visit.t("资质将到期", "Licence ends soon"), "tone": "wait"})
    if one.in_stock is False:
        found.append({"text": visit.t("无货", "Out of stock"), "tone": "bad"})
    if not one.facts.on_sale:
        found.append({"text": visit.t("已下架", "Off sale"), "tone": "quiet"})
    if one.skus and one.public_offer(visit.now()):
        found.append({"text": visit.t("活动中", "On offer"), "tone": "good"})
    return found
