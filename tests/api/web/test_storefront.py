"""The demo shop's page with the whole service behind it, and what of it exists outside the demo: nothing."""

import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image
from playwright.async_api import async_playwright, expect

from api.app import create_app
from api.routes.storefront import SIGNED_IN
from api.services import Services
from api.settings import ApiSettings
from knowledge.catalog.service import CatalogService
from knowledge.demo.seed import seed_facts
from knowledge.demo.shop import DEMO_SHOP_ID, DEMO_SHOP_NAME
from knowledge.kit.errors import ConfigurationError
from tests.api.browsing import FLAGS, found_chromium
from tests.api.conftest import SETTINGS
from tests.support.desk import new_shop
from tests.support.serving import serving

ORIGIN = "https://shop.example"


@pytest.fixture(scope="module")
async def demo(running: Services) -> AsyncIterator[httpx.AsyncClient]:
    await new_shop(running.database, DEMO_SHOP_ID)
    await seed_facts(running.database, running.clock)
    settings = SETTINGS.model_copy(update={"widget_origins": f"{ORIGIN}, https://other.example"})
    async with serving(running, settings, demo=True) as client:
        yield client


async def test_the_shelves_hold_what_is_on_sale_at_the_price_anybody_pays(
    demo: httpx.AsyncClient, running: Services
) -> None:
    told = (await demo.get("/demo/storefront")).json()
    assert told["shop"] == {"id": DEMO_SHOP_ID, "name": DEMO_SHOP_NAME}
    shown = {one["product_id"]: one for shelf in told["shelves"] for one in shelf["products"]}
    listed = await CatalogService(running.database, running.clock).listed(DEMO_SHOP_ID, limit=200)
    on_sale = {one.product_id: one for one in listed if one.facts.on_sale}
    assert shown.keys() == on_sale.keys()
    now = running.clock.now()
    assert {key: one["price_fen"] for key, one in shown.items()} == {
        key: one.public_price_fen(now) for key, one in on_sale.items()
    }
    assert any(one["offer_name"] and one["price_fen"] < one["list_price_fen"] for one in shown.values())
    assert len(told["shelves"]) == len({one.category for one in on_sale.values()})
    assert [one["shopper_id"] for one in told["shoppers"]] == list(SIGNED_IN)
    assert len({one["tier"] for one in told["shoppers"]}) == 3


async def test_an_identity_is_that_of_a_shopper_on_show_and_of_nobody_else(demo: httpx.AsyncClient) -> None:
    token = (await demo.post("/demo/identity", json={"shopper_id": "S1003"})).json()["identity_token"]
    opened = await demo.post("/v1/conversations", json={"shop_id": DEMO_SHOP_ID, "identity_token": token})
    assert opened.status_code == 201
    assert opened.json()["shopper"]["tier"] == "金卡会员"
    for stranger in ("S1004", "", "S1003\x00"):
        refused = await demo.post("/demo/identity", json={"shopper_id": stranger})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_outside_the_demo_there_is_no_storefront_and_no_identity_for_the_asking(
    client: httpx.AsyncClient, demo: httpx.AsyncClient
) -> None:
    assert (await demo.get("/store")).status_code == 200
    assert (await client.get("/store")).status_code == 404
    assert (await client.get("/demo/storefront")).status_code == 404
    assert (await client.post("/demo/identity", json={"shopper_id": "S1001"})).status_code == 404
    assert not [path for path in create_app(SETTINGS, running_nothing).openapi()["paths"] if "demo" in path]


def running_nothing() -> None:
    raise AssertionError("lifespan is not run here")


@pytest.mark.parametrize(
    ("path", "origin", "allowed"),
    [
        ("/v1/conversations", ORIGIN, True),
        ("/v1/conversations/cnv_1/rating", "https://other.example", True),
        ("/v1/conversations", "https://shop.example.evil.example", False),
        ("/v1/documents", ORIGIN, False),
        ("/demo/identity", ORIGIN, False),
    ],
)
async def test_other_origins_reach_the_shoppers_routes_when_they_are_listed(
    demo: httpx.AsyncClient, path: str, origin: str, allowed: bool
) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    told = (await demo.options(path, headers=asked)).headers
    assert told.get("access-control-allow-origin") == (origin if allowed else None)
    assert "access-control-allow-credentials" not in told


async def test_modules_are_asked_for_anew_and_open_to_listed_origins(demo: httpx.AsyncClient) -> None:
    got = await demo.get("/web/widget.js", headers={"Origin": ORIGIN})
    assert got.headers["cache-control"] == "no-cache"
    assert got.headers["access-control-allow-origin"] == ORIGIN
    again = await demo.get("/web/widget.js", headers={"If-None-Match": got.headers["etag"]})
    assert again.status_code == 304
    refused = await demo.post("/v1/conversations", json={"shop_id": "shp_none"}, headers={"Origin": ORIGIN})
    assert refused.status_code == 404
    assert refused.headers["access-control-allow-origin"] == ORIGIN  # or the page could not read why


@pytest.mark.parametrize("listed", ["shop.example", "https://shop.example/path", "https://a.example,javascript:1"])
def test_what_is_no_origin_is_named_at_start(listed: str) -> None:
    with pytest.raises(ConfigurationError, match="LIVECREW_WIDGET_ORIGINS"):
        create_app(ApiSettings(widget_origins=listed), running_nothing)


@pytest.mark.browser
async def test_a_shopper_signs_in_asks_about_an_order_sends_a_picture_and_rates(demo: httpx.AsyncClient) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "#b4552d").save(picture, "JPEG")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=found_chromium(), args=FLAGS)
        page = await browser.new_page(viewport={"width": 1180, "height": 760})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"{demo.base_url}/store")
        await expect(page.locator(".tile").first).to_be_visible()
        await page.get_by_role("button", name="问问客服：晴野纪折叠椅标准款").click()
        await expect(page.locator("#text")).to_have_value("晴野纪折叠椅标准款的规格是什么？")
        await page.press("#text", "Enter")
        await expect(page.locator(".product-card")).to_be_visible(timeout=15_000)
        await page.locator("#who").select_option("S1003")
        await expect(page.locator("#shopper")).to_have_text("周以宁 · 金卡会员")
        await page.fill("#text", "我最近的订单到哪了？")
        await page.press("#text", "Enter")
        await expect(page.locator(".order-card").first).to_be_visible(timeout=15_000)
        await page.set_input_files("#files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
        await expect(page.locator(".tray-item")).to_contain_text("已上传")
        await page.fill("#text", "收到是坏的")
        await page.press("#text", "Enter")
        await expect(page.locator(".entry.shopper[data-id]")).to_have_count(3)
        await page.reload()
        await page.click("#launcher")
        await expect(page.locator(".thumb:not(:disabled)")).to_have_count(1)
        await expect(page.locator("#shopper")).to_have_text("周以宁 · 金卡会员")
        await page.locator("#who").select_option("")
        await expect(page.locator(".entry")).to_have_count(0)
        assert not faults
        await browser.close()
