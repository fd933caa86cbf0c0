"""The cards beside an answer, for an operator's eye: names and values, comparisons as a table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nicegui import ui

from api.console.masking import masked
from api.console.parts import box, column, facts, table, words
from api.console.visit import Visit
from api.console.wording import Pair, moment, named, yuan

_NAMES: dict[str, Pair] = {
    "title": ("名称", "Title"),
    "order_id": ("订单号", "Order"), "state_text": ("状态", "State"), "placed_at": ("下单时间", "Placed"),
    "paid_fen": ("实付", "Paid"), "courier": ("快递", "Courier"), "tracking_no": ("运单号", "Tracking"),
    "shipment_text": ("物流", "Shipment"), "expected_on": ("预计", "Expected"), "refund_text": ("退款", "Refund"),
    "price_fen": ("价格", "Price"), "list_price_fen": ("标价", "List price"), "offer_name": ("活动", "Offer"),
    "stock_text": ("库存", "Stock"), "result": ("结论", "Result"), "deadline": ("截止", "Deadline"),
    "as_of": ("计算时间", "As of"), "lowest_fen": ("期间最低", "Lowest"),
}  # fmt: skip


def card_view(visit: Visit, card: Mapping[str, Any], *, plain: bool) -> None:
    """Whatever a card holds is shown: a kind this version does not know loses nothing."""
    with box("lc-mini-card"):
        known = [key for key in _NAMES if key in card]  # the database keeps no order of keys
        pairs = [
            (_NAMES.get(key, (key, key))[visit.english], _value(visit, key, value, plain=plain))
            for key, value in ((key, card[key]) for key in (*known, *(card.keys() - _NAMES.keys())))
            if isinstance(value, str | int) and key not in ("kind", "state", "product_id")
        ]
        facts(pairs)
        for line in card.get("lines") or ():
            words(str(line))
        for item in card.get("items") or ():
            words(f"{item.get('title', '')} {item.get('sku_name', '')} × {item.get('quantity', 1)}", "lc-hint")
        for step in (card.get("steps") or ())[:3]:
            words(f"{_moment(str(step.get('at', '')))}  {step.get('text', '')}", "lc-hint")
        for clause in card.get("clauses") or ():
            words(f"{visit.t('依据', 'By')}：{clause}", "lc-hint")
        if card.get("kind") == "comparison":
            _comparison(visit, card)


_RESULTS: dict[str, Pair] = {
    "yes": ("可以", "Yes"),
    "no": ("不可以", "No"),
    "discretion": ("需人工确认", "A person decides"),
}


def _value(visit: Visit, key: str, value: str | int, *, plain: bool) -> str:
    if key.endswith("_fen"):
        return yuan(int(value))
    if key == "result":
        return named(_RESULTS, str(value), english=visit.english)
    if key in ("placed_at", "as_of") and isinstance(value, str):
        return _moment(value)
    return str(value) if plain else masked(str(value))


def _moment(value: str) -> str:
    try:
        return moment(datetime.fromisoformat(value))
    except ValueError:
        return value


def _comparison(visit: Visit, card: Mapping[str, Any]) -> ui.table:
    products = card.get("products") or ()
    columns = [column("name", visit.t("项目", "Item"))]
    columns += [column(f"p{n}", one["title"], classes="lc-cell-wrap") for n, one in enumerate(products)]
    rows = [
        {"name": row["name"]} | {f"p{n}": value or "—" for n, value in enumerate(row["values"])}
        for row in card.get("rows") or ()
    ]
    return table(columns, rows, key="name")
