"""The demo shop's shoppers and their orders, dated from the clock. All of it is fictional."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from knowledge.demo.amounts import Amounts, Line, amounts
from knowledge.demo.background import background_rows
from knowledge.demo.catalogue import DemoPrices, demo_policy_terms, demo_products
from knowledge.demo.moments import moment
from knowledge.demo.parcels import LARGE, parcel, warehouse
from knowledge.documents.parse_yaml import load_mapping
from knowledge.kit.clock import SHANGHAI
from knowledge.orders.views import ItemView, OrderIn, RefundView, ShipmentView, ShopperIn

_REMOTE = ("新疆", "西藏", "青海", "宁夏", "甘肃", "内蒙古", "海南")
_INSURED = frozenset({"家居", "户外", "通勤", "母婴"})
_CUSTOMISED_DAYS = 5
_FRESH_CUT_OFF = time(16)


@dataclass(frozen=True)
class DemoCase:
    """An order of a demo shopper and what it is there to show."""

    order_id: str
    shopper_id: str
    shows: str


@cache
def demo_shoppers() -> tuple[ShopperIn, ...]:
    return tuple(
        ShopperIn.model_validate({k: v for k, v in row.items() if k != "city"}) for row in _shopper_rows().values()
    )


@cache
def demo_cases() -> tuple[DemoCase, ...]:
    """The orders of the demo shoppers, one of each tier, as listed in README.md."""
    return tuple(DemoCase(row["order_id"], shopper_id, row["shows"]) for shopper_id, row in _written_rows())


def demo_orders(now: datetime) -> list[OrderIn]:
    """The same orders under the same ids on every day; only their dates follow `now`."""
    prices = DemoPrices(now)
    rows = [*_written_rows(), *_generated_rows()]
    return [_order(row, _shopper_rows()[shopper_id], prices, now) for shopper_id, row in rows]


@cache
def _shopper_rows() -> dict[str, dict[str, str]]:
    return {row["shopper_id"]: row for row in _data("shoppers.yaml")["shoppers"]}


@cache
def _written_rows() -> tuple[tuple[str, dict[str, Any]], ...]:
    sheets = [_data(f"orders/{name}.yaml") for name in ("ordinary", "silver", "gold")]
    return tuple((sheet["shopper_id"], row) for sheet in sheets for row in sheet["orders"])


@cache
def _generated_rows() -> tuple[tuple[str, dict[str, Any]], ...]:
    written = {shopper_id for shopper_id, _ in _written_rows()}
    others = [(row["shopper_id"], row["tier"]) for key, row in _shopper_rows().items() if key not in written]
    remote = {key for key, row in _shopper_rows().items() if row["address"].startswith(_REMOTE)}
    local = {
        sku.sku_id for p in demo_products() for sku in p.facts.skus if warehouse(p.facts) != "嘉兴"
    }  # fmt: skip
    skus = [sku.sku_id for p in demo_products() for sku in p.facts.skus if "定制" not in sku.options]
    return tuple(background_rows(others, skus, remote=remote, local=local, count=200 - len(_written_rows())))


def _data(name: str) -> dict[str, Any]:
    return load_mapping(name, (files("knowledge.demo") / name).read_text(encoding="utf-8"))


def _order(row: Mapping[str, Any], shopper: Mapping[str, str], prices: DemoPrices, now: datetime) -> OrderIn:
    placed = moment(row["placed"], now)
    live = row.get("channel") == "live"
    wanted = [item if isinstance(item, dict) else {"sku": item} for item in row["items"]]
    units = [prices.at(item["sku"], placed, live=live) for item in wanted]
    due = _due(row, wanted, units, shopper, prices)
    paid_at = _paid_at(row, placed)
    items = tuple(_items(wanted, units, due, prices, paid=paid_at is not None))
    shipments = tuple(_shipments(row, wanted, shopper["city"], prices, now))
    signed = [shipment.signed_at for shipment in shipments]
    return OrderIn(
        order_id=row["order_id"],
        shopper_id=shopper["shopper_id"],
        state=row["state"],
        channel="live" if live else "shelf",
        broadcast_id=row.get("broadcast"),
        placed_at=placed,
        paid_at=paid_at,
        signed_at=max((at for at in signed if at), default=None) if all(signed) else None,
        cancelled_at=moment(row["cancelled"], now) if "cancelled" in row else None,
        promised_ship_at=_promised(paid_at, items, prices) if paid_at else None,
        paid_fen=due.total_fen if paid_at else 0,
        freight_fen=due.freight_fen,
        discount_fen=due.discount_fen,
        freight_insured=any(_insured(item, prices) for item in items),
        invoice_state=row.get("invoice", "none"),
        address=shopper["address"],
        phone=shopper["phone"],
        note=row.get("note", ""),
        items=items,
        shipments=shipments,
        refunds=tuple(_refunds(row, items, due, now)),
    )


def _paid_at(row: Mapping[str, Any], placed: datetime) -> datetime | None:
    never = row["state"] == "unpaid" or (row["state"] == "cancelled" and not row.get("paid_before"))
    return None if never else placed + timedelta(minutes=2)


def _due(
    row: Mapping[str, Any],
    wanted: list[dict[str, Any]],
    units: list[int],
    shopper: Mapping[str, str],
    prices: DemoPrices,
) -> Amounts:
    lines = []
    for item, unit in zip(wanted, units, strict=True):
        facts = prices.product(item["sku"])
        fresh = facts.returns.excluded == "perishable"
        lines.append(Line(unit * item.get("quantity", 1), fresh, fresh or facts.product_id in LARGE))
    off = prices.coupon(row["coupon"]).off_fen if "coupon" in row else 0
    remote = shopper["address"].startswith(_REMOTE)
    return amounts(lines, coupon_fen=off or 0, tier=shopper["tier"], remote=remote)


def _items(
    wanted: list[dict[str, Any]], units: list[int], due: Amounts, prices: DemoPrices, *, paid: bool
) -> Iterator[ItemView]:
    for line, (item, unit) in enumerate(zip(wanted, units, strict=True), start=1):
        facts = prices.product(item["sku"])
        sku = next(sku for sku in facts.skus if sku.sku_id == item["sku"])
        yield ItemView(
            line=line,
            product_id=facts.product_id,
            sku_id=sku.sku_id,
            title=facts.title,
            sku_name=sku.name,
            quantity=item.get("quantity", 1),
            unit_price_fen=unit,
            paid_fen=due.lines_fen[line - 1] if paid else 0,
            customised="定制" in sku.options,
            confirmed_no_return=item.get("confirmed", facts.returns.excluded == "perishable"),
        )


def _promised(paid_at: datetime, items: tuple[ItemView, ...], prices: DemoPrices) -> datetime:
    """发货时效 and 生鲜发货 of policies/shipping.md; of several goods the one that takes longest."""
    return max(_ship_by(paid_at, item, prices) for item in items)


def _ship_by(paid_at: datetime, item: ItemView, prices: DemoPrices) -> datetime:
    if item.customised:
        return paid_at + timedelta(days=_CUSTOMISED_DAYS)
    if warehouse(prices.product(item.sku_id)) == "昆山":
        local = paid_at.astimezone(SHANGHAI)
        days = 1 if local.time() < _FRESH_CUT_OFF else 2
        return datetime.combine(local.date() + timedelta(days=days), time(), tzinfo=SHANGHAI).astimezone(UTC)
    return paid_at + timedelta(hours=demo_policy_terms().ship_within_hours)


def _insured(item: ItemView, prices: DemoPrices) -> bool:
    facts = prices.product(item.sku_id)
    return facts.category in _INSURED and facts.product_id not in LARGE and not item.customised


def _shipments(
    row: Mapping[str, Any], wanted: list[dict[str, Any]], city: str, prices: DemoPrices, now: datetime
) -> Iterator[ShipmentView]:
    told = row.get("parcels", {})
    for origin in dict.fromkeys(warehouse(prices.product(item["sku"])) for item in wanted):
        report = told.get(origin, row)
        if "shipped" in report or "packed" in report:
            yield parcel(report, origin, city, row["order_id"], now)


def _refunds(row: Mapping[str, Any], items: tuple[ItemView, ...], due: Amounts, now: datetime) -> Iterator[RefundView]:
    for number, told in enumerate(row.get("refunds", ()), start=1):
        line = told.get("line")
        whole = due.total_fen if told["kind"] == "refund" else sum(due.lines_fen)
        yield RefundView(
            refund_id=f"RF{row['order_id'].removeprefix('LC')}{number}",
            line=line,
            kind=told["kind"],
            state=told["state"],
            amount_fen=told.get("amount", items[line - 1].paid_fen if line else whole),
            reason=told["reason"],
            requested_at=moment(told["requested"], now),
            received_at=moment(told["received"], now) if "received" in told else None,
            paid_out_at=moment(told["paid"], now) if "paid" in told else None,
        )
