"""What a shop can import into its catalogue: products with skus, stock, offers, past list prices, trace codes."""

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.catalog.import_facts import qualifications
from knowledge.catalog.import_products import PRODUCT_CHECKS, ProductWriter
from knowledge.catalog.import_stock import StockWriter
from knowledge.catalog.offers import PRICE_KINDS
from knowledge.catalog.repository import lock_catalog
from knowledge.imports.headers import Headers, load_headers
from knowledge.imports.instants import day, end, instant
from knowledge.imports.kind import Check, Field, Kind
from knowledge.imports.refusal import BrokenRuleError
from knowledge.imports.upsert import Steps, TableWriter
from knowledge.imports.values import (
    Parser,
    boolean,
    choice,
    identifier,
    integer,
    json_of,
    money,
    sentences,
    text,
    words,
)

_PACKAGE = "knowledge.catalog"
_SKU_KNOWN = Check(
    "sku_id",
    "a sku of the catalogue",
    "select i.row_number, i.sku_id as value from incoming i "
    "left join skus s on s.shop_id = :shop_id and s.sku_id = i.sku_id where i.sku_id <> '' and s.sku_id is null",
    ("sku_id",),
)
_PRODUCT_KNOWN = Check(
    "product_id",
    "a product of the catalogue",
    "select i.row_number, i.product_id as value from incoming i "
    "left join products p on p.shop_id = :shop_id and p.product_id = i.product_id "
    "where i.product_id <> '' and p.product_id is null",
    ("product_id",),
)
_SKU_OF_PRODUCT = Check(
    "sku_id",
    "a sku of that product",
    "select i.row_number, i.sku_id as value from incoming i "
    "join skus s on s.shop_id = :shop_id and s.sku_id = i.sku_id where s.product_id is distinct from i.product_id",
    ("sku_id", "product_id"),
)


def _required(name: str, parse: Parser, sql: str = "text") -> Field:
    return Field(name, parse, sql, required=True)


def _text(name: str, limit: int) -> Field:
    return Field(name, text(limit), blank="")


def _flag(name: str) -> Field:
    return Field(name, boolean, "boolean", blank=False)


def _lists(name: str, parse: Parser) -> Field:
    return Field(name, json_of(parse), "jsonb", blank="[]")


def _audience(known: Parser) -> Parser:
    """all, new, or the shop's own name of a tier."""
    tier = text(40)

    def parse(raw: str) -> str:
        try:
            return str(known(raw))
        except BrokenRuleError:
            return str(tier(raw))

    return parse


def _on_sale(words_of: Headers) -> Parser:
    state = choice(words_of.choices["on_sale"])
    return lambda raw: state(raw) == "on_sale"


def _products() -> Kind:
    headers = load_headers(_PACKAGE, "products")
    return Kind(
        name="products",
        area="catalog",
        lock=lock_catalog,
        headers=headers,
        fields=(
            _required("product_id", identifier),
            _required("title", text(120)),
            _required("category", text(60)),
            _text("brand", 60),
            _lists("aliases", words),
            _lists("selling_points", sentences),
            _lists("scenes", words),
            _lists("after_sales", sentences),
            _lists("qualifications", qualifications),
            Field("excluded", choice(headers.choices["excluded"]), blank=""),
            _flag("hygiene"),
            _flag("sealed"),
            _flag("near_expiry"),
            _text("warranty", 400),
            _text("doc", 200),
            Field("on_sale", _on_sale(headers), "boolean", blank=True),
            Field("attributes", text(400), "json"),
        ),
        key=("product_id",),
        lines=(
            Field("sku_id", identifier),
            _text("sku_name", 120),
            Field("price_fen", money, "bigint", required=True),
            Field("stock", integer(0), "integer"),
            Field("options", text(400), "json"),
        ),
        nested="skus",
        rest="attributes",
        checks=PRODUCT_CHECKS,
        writer=ProductWriter(),
    )


def _stock() -> Kind:
    return Kind(
        name="stock",
        area="catalog",
        lock=lock_catalog,
        headers=load_headers(_PACKAGE, "stock"),
        fields=(
            _required("sku_id", identifier),
            _required("stock", integer(0), "integer"),
            Field("stock_at", instant, "timestamptz"),
        ),
        key=("sku_id",),
        writer=StockWriter(),
        checks=(_SKU_KNOWN,),
    )


def _offer_rule(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """As `OfferView` has it."""
    kind = row["kind"]
    if row["starts_at"] >= row["ends_at"]:
        yield "ends_at", "after starts_at"
    if kind in PRICE_KINDS and row.get("price_fen") is None:
        yield "price_fen", f"needed for a {kind} offer"
    if kind in PRICE_KINDS and not row.get("product_id"):
        yield "product_id", f"needed for a {kind} offer"
    if row.get("sku_id") and not row.get("product_id"):
        yield "product_id", "needed beside sku_id"
    if kind in ("coupon", "threshold") and row.get("off_fen") is None:
        yield "off_fen", f"needed for a {kind} offer"
    if kind == "threshold" and row.get("threshold_fen") is None:
        yield "threshold_fen", "needed for a threshold offer"


def _offers() -> Kind:
    headers = load_headers(_PACKAGE, "offers")
    return Kind(
        name="offers",
        area="catalog",
        lock=lock_catalog,
        headers=headers,
        fields=(
            _required("offer_id", identifier),
            _required("kind", choice(headers.choices["kind"])),
            _required("name", text(120)),
            Field("product_id", identifier),
            Field("sku_id", identifier),
            Field("price_fen", money, "bigint"),
            Field("off_fen", money, "bigint"),
            Field("threshold_fen", money, "bigint"),
            Field("audience", _audience(choice(headers.choices["audience"])), blank="all"),
            _text("terms", 1000),
            _required("starts_at", instant, "timestamptz"),
            _required("ends_at", end, "timestamptz"),
        ),
        key=("offer_id",),
        row_rule=_offer_rule,
        checks=(_PRODUCT_KNOWN, _SKU_KNOWN, _SKU_OF_PRODUCT),
        writer=TableWriter("offers"),
    )


def _price_history() -> Kind:
    return Kind(
        name="price_history",
        area="catalog",
        lock=lock_catalog,
        headers=load_headers(_PACKAGE, "price_history"),
        fields=(
            _required("sku_id", identifier),
            _required("from_at", instant, "timestamptz"),
            _required("price_fen", money, "bigint"),
        ),
        key=("sku_id", "from_at"),
        checks=(
            _SKU_KNOWN,
            Check(
                "from_at",
                "before the newest price the catalogue knows: that one is the product's own",
                "select i.row_number, i.from_at::text as value from incoming i join lateral (select p.from_at, "
                "p.price_fen from price_points p where p.shop_id = :shop_id and p.sku_id = i.sku_id "
                "order by p.from_at desc limit 1) newest on true "
                "where i.from_at >= newest.from_at and (i.from_at, i.price_fen) <> (newest.from_at, newest.price_fen)",
            ),
        ),
        writer=TableWriter("price_points", fixed=(("source", "'import'"),)),
    )


def _trace() -> Kind:
    return Kind(
        name="trace",
        area="catalog",
        lock=lock_catalog,
        headers=load_headers(_PACKAGE, "trace"),
        fields=(
            _required("code", identifier),
            _required("product_id", identifier),
            Field("sku_id", identifier),
            _text("batch", 80),
            Field("produced_on", day, "date"),
            Field("expires_on", day, "date"),
            _text("origin", 200),
        ),
        key=("code",),
        lines=(
            _required("step_on", day, "date"),
            _text("step_place", 200),
            _required("step_what", text(400)),
        ),
        lines_required=False,
        nested="steps",
        row_rule=_trace_rule,
        checks=(_PRODUCT_KNOWN, _SKU_KNOWN, _SKU_OF_PRODUCT),
        writer=TableWriter(
            "trace_records",
            steps=Steps(
                {
                    "on": ("step_on", "to_char(l.step_on, 'YYYY-MM-DD')"),
                    "place": ("step_place", "l.step_place"),
                    "what": ("step_what", "l.step_what"),
                },
                "step_on",
            ),
        ),
    )


def _trace_rule(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    produced, expires = row.get("produced_on"), row.get("expires_on")
    if produced and expires and produced > expires:
        yield "expires_on", "not before produced_on"


CATALOG_KINDS = (_products(), _stock(), _offers(), _price_history(), _trace())
