"""A shop's page to try the widget on. `livecrew demo` has these routes and no other command: whoever asks gets an
identity token of a demo shopper, as a real shop's server would give one to the shopper who signed in there."""

from itertools import groupby
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel

from api.auth.identity import create_identity_key, identity_keys, sign
from api.schemas.base import ShopOut
from api.services import Services, services
from knowledge.catalog.service import CatalogService
from knowledge.catalog.views import ProductView
from knowledge.demo.shop import DEMO_SHOP_ID, DEMO_SHOP_NAME
from knowledge.kit.clock import Clock
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError
from knowledge.orders.models import Shopper

router = APIRouter(include_in_schema=False)
Wired = Annotated[Services, Depends(services)]

SIGNED_IN = ("S1001", "S1002", "S1003")
"""One shopper of each tier; the others belong to nobody who visits."""
_TTL_S = 3600
_MOST = 200
_PAGE = Path(__file__).parent.parent / "web" / "store" / "index.html"


class ShelfProduct(BaseModel):
    """`price_fen` is what anybody pays now for the cheapest sku; `several` that others cost more."""

    product_id: str
    title: str
    brand: str
    words: str
    price_fen: int
    list_price_fen: int
    several: bool
    offer_name: str
    offer_ends_at: AwareDatetime | None
    sold_out: bool


class Shelf(BaseModel):
    category: str
    products: list[ShelfProduct]


class SignedIn(BaseModel):
    shopper_id: str
    name: str
    tier: str


class Storefront(BaseModel):
    shop: ShopOut
    shelves: list[Shelf]
    shoppers: list[SignedIn]


class AskIdentity(BaseModel):
    shopper_id: str


class Identity(BaseModel):
    identity_token: str


@router.get("/store")
async def store_page() -> FileResponse:
    return FileResponse(_PAGE)


@router.get("/demo/storefront")
async def storefront(wired: Wired) -> Storefront:
    """Listed products by category with prices and running offers, and who may be played."""
    listed = await CatalogService(wired.database, wired.clock).listed(DEMO_SHOP_ID, limit=_MOST, offset=0)
    listed = sorted((one for one in listed if one.facts.on_sale), key=lambda product: product.category)
    shelves = [
        Shelf(category=category, products=[_on_shelf(product, wired.clock) for product in products])
        for category, products in groupby(listed, key=lambda product: product.category)
    ]
    async with wired.database.transaction(DEMO_SHOP_ID) as scope:
        known = [shopper for shopper_id in SIGNED_IN if (shopper := await _shopper(scope, shopper_id))]
    return Storefront(
        shop=ShopOut(id=DEMO_SHOP_ID, name=DEMO_SHOP_NAME),
        shelves=shelves,
        shoppers=[SignedIn.model_validate(one, from_attributes=True) for one in known],
    )


@router.post("/demo/identity")
async def demo_identity(body: AskIdentity, wired: Wired) -> Identity:
    """Raises: NotFoundError for everybody but the shoppers on show."""
    async with wired.database.transaction(DEMO_SHOP_ID) as scope:
        shopper = await _shopper(scope, body.shopper_id) if body.shopper_id in SIGNED_IN else None
        if shopper is None:
            raise NotFoundError("The demo shop shows no such shopper.", shopper_id=body.shopper_id)
        key = next((key for key in await identity_keys(scope) if key.retired_at is None), None)
        made = key or await create_identity_key(scope)
        token = sign(
            made.id, made.secret, shop_id=DEMO_SHOP_ID, shopper_id=shopper.shopper_id, name=shopper.name,
            now=wired.clock.now(), ttl_s=_TTL_S,
        )  # fmt: skip
    return Identity(identity_token=token)


async def _shopper(scope: Scope, shopper_id: str) -> Shopper | None:
    return await scope.session.get(Shopper, (scope.shop_id, shopper_id))


def _on_shelf(product: ProductView, clock: Clock) -> ShelfProduct:
    now = clock.now()
    price = product.price(now)
    return ShelfProduct(
        product_id=product.product_id,
        title=product.title,
        brand=product.facts.brand,
        words=_words(product),
        price_fen=price.price_fen,
        list_price_fen=price.list_price_fen,
        several=len({product.public_price_fen(now, sku.sku_id) for sku in product.skus}) > 1,
        offer_name=price.offer.name if price.offer else "",
        offer_ends_at=price.offer.ends_at if price.offer else None,
        sold_out=product.in_stock is False,
    )


def _words(product: ProductView) -> str:
    """The first selling point; its sentence names the product, which stands above it already."""
    first = next(iter(product.facts.selling_points), "")
    return first.removeprefix(product.title).lstrip("，的").rstrip("。")
