"""What a shop can import of its trade: shoppers, orders with items, shipments with their steps, refunds."""

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.imports.headers import load_headers
from knowledge.imports.instants import day, instant
from knowledge.imports.kind import Check, Field, Kind
from knowledge.imports.upsert import Steps, TableWriter
from knowledge.imports.values import Parser, boolean, choice, email, identifier, integer, money, phone, text
from knowledge.orders.import_orders import ITEM_CHECKS, OrderWriter

_PACKAGE = "knowledge.orders"
_ORDER_KNOWN = Check(
    "order_id",
    "an order of the shop: import orders first",
    "select i.row_number, i.order_id as value from incoming i "
    "left join orders o on o.shop_id = :shop_id and o.order_id = i.order_id where o.order_id is null",
)


def _required(name: str, parse: Parser, sql: str = "text") -> Field:
    return Field(name, parse, sql, required=True)


def _text(name: str, limit: int, *, personal: bool = False) -> Field:
    return Field(name, text(limit), blank="", personal=personal)


def _amount(name: str) -> Field:
    return Field(name, money, "bigint", blank=0)


def _instant(name: str) -> Field:
    return Field(name, instant, "timestamptz")


def _flag(name: str) -> Field:
    return Field(name, boolean, "boolean", blank=False)


def _not_before(first: str, *later: str) -> Any:
    def rule(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name in later:
            if row.get(name) is not None and row.get(first) is not None and row[name] < row[first]:
                yield name, f"not before {first}"

    return rule


def _shoppers() -> Kind:
    return Kind(
        name="shoppers",
        area="orders",
        headers=load_headers(_PACKAGE, "shoppers"),
        fields=(
            _required("shopper_id", identifier),
            _text("name", 80, personal=True),
            _text("tier", 40),
            Field("phone", phone, blank="", personal=True),
            Field("email", email, blank="", personal=True),
            _text("address", 400, personal=True),
        ),
        key=("shopper_id",),
        writer=TableWriter("shoppers", stamped=True),
    )


def _orders() -> Kind:
    headers = load_headers(_PACKAGE, "orders")
    return Kind(
        name="orders",
        area="orders",
        headers=headers,
        fields=(
            _required("order_id", identifier),
            _required("shopper_id", identifier),
            _required("state", choice(headers.choices["state"])),
            Field("channel", choice(headers.choices["channel"]), blank="shelf"),
            Field("broadcast_id", identifier),
            _required("placed_at", instant, "timestamptz"),
            *map(_instant, ("paid_at", "signed_at", "cancelled_at", "promised_ship_at")),
            _required("paid_fen", money, "bigint"),
            _amount("freight_fen"),
            _amount("discount_fen"),
            _flag("freight_insured"),
            Field("invoice_state", choice(headers.choices["invoice_state"]), blank="none"),
            _text("address", 400, personal=True),
            Field("phone", phone, blank="", personal=True),
            _text("note", 2000, personal=True),
        ),
        key=("order_id",),
        lines=(
            Field("line", integer(1), "integer"),
            Field("product_id", identifier, blank=""),
            Field("sku_id", identifier, blank=""),
            _required("title", text(200)),
            _text("sku_name", 200),
            _required("quantity", integer(1), "integer"),
            _required("unit_price_fen", money, "bigint"),
            Field("item_paid_fen", money, "bigint"),
            _flag("customised"),
            _flag("confirmed_no_return"),
        ),
        nested="items",
        row_rule=_not_before("placed_at", "paid_at", "signed_at", "cancelled_at"),
        checks=(
            Check(
                "shopper_id",
                "a shopper of the shop: import shoppers first",
                "select i.row_number, i.shopper_id as value from incoming i left join shoppers s "
                "on s.shop_id = :shop_id and s.shopper_id = i.shopper_id where s.shopper_id is null",
            ),
            *ITEM_CHECKS,
        ),
        writer=OrderWriter(),
    )


def _shipments() -> Kind:
    headers = load_headers(_PACKAGE, "shipments")
    iso = "to_char(l.step_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24\\:MI\\:SS\"Z\"')"
    return Kind(
        name="shipments",
        area="orders",
        headers=headers,
        fields=(
            _required("order_id", identifier),
            _required("tracking_no", identifier),
            _required("courier", text(60)),
            _required("state", choice(headers.choices["state"])),
            _instant("shipped_at"),
            _instant("signed_at"),
            Field("expected_on", day, "date"),
        ),
        key=("order_id", "tracking_no"),
        lines=(
            _required("step_at", instant, "timestamptz"),
            _required("step_text", text(400)),
            _text("step_place", 200),
        ),
        lines_required=False,
        nested="steps",
        row_rule=_not_before("shipped_at", "signed_at"),
        checks=(_ORDER_KNOWN,),
        writer=TableWriter(
            "shipments",
            steps=Steps(
                {"at": ("step_at", iso), "text": ("step_text", "l.step_text"), "place": ("step_place", "l.step_place")},
                "step_at",
            ),
        ),
    )


def _refunds() -> Kind:
    headers = load_headers(_PACKAGE, "refunds")
    return Kind(
        name="refunds",
        area="orders",
        headers=headers,
        fields=(
            _required("refund_id", identifier),
            _required("order_id", identifier),
            Field("line", integer(1), "integer"),
            _required("kind", choice(headers.choices["kind"])),
            _required("state", choice(headers.choices["state"])),
            _amount("amount_fen"),
            _text("reason", 400),
            _required("requested_at", instant, "timestamptz"),
            _instant("received_at"),
            _instant("paid_out_at"),
        ),
        key=("refund_id",),
        row_rule=_not_before("requested_at", "received_at", "paid_out_at"),
        checks=(
            _ORDER_KNOWN,
            Check(
                "refund_id",
                "a refund of that order: another order has it",
                "select i.row_number, i.refund_id as value from incoming i join refunds r "
                "on r.shop_id = :shop_id and r.refund_id = i.refund_id where r.order_id <> i.order_id",
            ),
            Check(
                "line",
                "an item of that order",
                "select i.row_number, i.line::text as value from incoming i left join order_items o on "
                "o.shop_id = :shop_id and o.order_id = i.order_id and o.line = i.line "
                "where i.line is not null and o.line is null",
                ("line",),
            ),
        ),
        writer=TableWriter("refunds"),
    )


ORDER_KINDS = (_shoppers(), _orders(), _shipments(), _refunds())
