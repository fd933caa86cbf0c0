"""A shop's page on another origin that embeds the widget, and the cards the desk may show."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Page

from agents.support.cards import (
    ComparedProduct,
    ComparisonCard,
    ComparisonRow,
    NamedValue,
    OrderCard,
    OrderLine,
    PolicyCard,
    PriceHistoryCard,
    PricePoint,
    ProductCard,
    Step,
)

Opener = Callable[..., Page]
LIN = {"shopper_id": "S1001", "name": "林晓月", "tier": "普通会员"}
ZHOU = {"shopper_id": "S1003", "name": "周以宁", "tier": "金卡会员"}

# A shop's style sheet at its rudest: what it says must neither hide nor change the widget.
_RUDE = """
body > * { display: none !important; letter-spacing: 9px !important; font: italic 40px serif !important; color: red; }
livecrew-desk { opacity: 0 !important; transform: scale(.1) !important; left: 0 !important; width: 40px !important; }
button, textarea, div, p { background: red !important; text-transform: uppercase !important; }
"""


def shop_page(desk_url: str) -> str:
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>一家店</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_RUDE} #own {{ display: block !important }}</style>
<script>document.cookie = "basket=1"; localStorage.setItem("shop.own", "kept");</script>
<script type="module" src="{desk_url}/web/widget.js" data-shop="shp_demo"></script></head>
<body><p id="own" class="bubble card">店铺自己的内容 <a href="#own">链接</a></p></body></html>"""


@contextmanager
def another_origin(page: list[str]) -> Iterator[str]:
    """Serves `page[0]` at whatever path, as it is when it is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page[0].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


ORDER = OrderCard(
    order_id="O20260501",
    state="shipped",
    state_text="已发货",
    placed_at="2026-05-01T04:05:00Z",
    paid_fen=31790,
    items=(
        OrderLine(title="晴野纪折叠椅高背款", sku_name="军绿", quantity=2, paid_fen=29800, product_id="P2002"),
        OrderLine(title="野营灯", quantity=1, paid_fen=1990),
    ),
    courier="顺途快递",
    tracking_no="ST7712009",
    shipment_text="运输中",
    expected_on="2026-05-05",
    steps=(
        *(Step(at=f"2026-05-0{4 - n}T02:1{n}:00Z", text=f"第{4 - n}站：已离开转运中心") for n in range(4)),
        Step(at="2026-05-01T12:00:00Z", text="已揽收"),
    ),
    refund_text="退款 ¥19.90 处理中",
)
PRODUCT = ProductCard(
    product_id="P2004",
    title="晴野纪速开帐篷",
    price_fen=35900,
    list_price_fen=39900,
    offer_name="露营季特惠",
    offer_ends_at="2026-05-09T16:00:00Z",
    stock_text="有货",
    attributes=tuple(NamedValue(name=f"参数{n}", value=f"值{n}") for n in range(1, 10)),
)
COMPARISON = ComparisonCard(
    products=(
        ComparedProduct(product_id="P2001", title="晴野纪折叠椅标准款", price_fen=12900),
        ComparedProduct(product_id="P2002", title="晴野纪折叠椅高背款", price_fen=16900),
        ComparedProduct(product_id="P2003", title="晴野纪折叠椅轻量款", price_fen=14900),
        ComparedProduct(product_id="P2009", title="晴野纪折叠椅双人款", price_fen=25900),
    ),
    rows=(
        ComparisonRow(name="重量", values=("1.1公斤", "1.6公斤", "0.9公斤", "")),
        ComparisonRow(name="承重", values=("120公斤", "150公斤", "100公斤", "220公斤")),
        ComparisonRow(name="材质", values=("铝合金支架，600D牛津布",) * 4, same=True),
    ),
)
POLICY = PolicyCard(
    title="七日无理由退货",
    result="yes",
    lines=("商品在退货期内，可以退。", "退回运费由您承担。"),
    deadline="2026-05-11T15:59:59Z",
    clauses=("七日无理由退货办法 第十条", "店铺售后说明 第二节"),
    as_of="2026-05-06T03:00:00Z",
)
PRICES = PriceHistoryCard(
    product_id="P2003",
    title="晴野纪折叠椅轻量款",
    points=(
        PricePoint(on="2026-02-05", price_fen=16900),
        PricePoint(on="2026-03-10", price_fen=15900),
        PricePoint(on="2026-04-30", price_fen=14900),
    ),
    days=90,
    lowest_fen=13900,
)


def dumped(*cards: Any) -> list[dict[str, Any]]:
    """As events carry them."""
    return [card.model_dump(mode="json") for card in cards]
