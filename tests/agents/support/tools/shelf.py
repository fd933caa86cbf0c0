"""The demo shop's products as the tools read them, without a database."""

from agents.support.tools.base import ToolContext
from agents.support.tools.comparison import comparison_rows, rows_said
from agents.support.tools.products import said_of
from knowledge.catalog.views import ProductView, SkuView
from knowledge.demo.catalogue import demo_offers, demo_products
from knowledge.orders.views import ShopperView
from tests.agents.support.tools.conftest import NOW


def view(product_id: str) -> ProductView:
    known = next(one for one in demo_products() if one.facts.product_id == product_id)
    skus = tuple(
        SkuView(sku_id=sku.sku_id, name=sku.name, price_fen=sku.price_fen, stock=known.stock.get(sku.sku_id))
        for sku in known.facts.skus
    )
    offers = [one for one in demo_offers(NOW) if one.product_id in (None, product_id) and one.ends_at > NOW]
    return ProductView(facts=known.facts, revision=1, skus=skus, offers=tuple(offers))


def said(product_id: str, question: str, shopper: ShopperView | None = None) -> str:
    return "".join(said_of(view(product_id), ToolContext("shp_demo", NOW, shopper), question))


def compared(product_ids: str, question: str) -> str:
    context = ToolContext("shp_demo", NOW)
    found = [view(product_id) for product_id in product_ids.split()]
    return "".join(rows_said(found, comparison_rows(found, context), context, question))
