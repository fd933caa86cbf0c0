"""Ordinary orders of the other shoppers: spread by fixed arithmetic, never by chance."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

_PATTERNS = (
    "completed", "completed", "delivered", "completed", "shipped", "completed", "paid", "completed", "completed",
    "refunded", "completed", "out_for_delivery", "completed", "cancelled", "completed", "refunding", "completed",
)  # fmt: skip
_ORDERS_A_ROUND = {"普通会员": 1, "银卡会员": 2, "金卡会员": 4}
_GOODS_AN_ORDER = {"普通会员": 1, "银卡会员": 2, "金卡会员": 4}
_REASONS = ("颜色和想的不一样", "买多了", "尺寸不合适", "不想要了")


def background_rows(
    shoppers: Sequence[tuple[str, str]],
    skus: Sequence[str],
    *,
    remote: Collection[str],
    local: Collection[str],
    count: int,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows as in orders/*.yaml of `shoppers` (id, tier); what is `local` is not sold to those who live `remote`."""
    turns = [pair for pair in shoppers for _ in range(_ORDERS_A_ROUND[pair[1]])]
    for number in range(count):
        shopper_id, tier = turns[number * 13 % len(turns)]
        offered = [sku for sku in skus if shopper_id not in remote or sku not in local]
        goods = [offered[(number * 37 + index * 53) % len(offered)] for index in range(_GOODS_AN_ORDER[tier])]
        yield shopper_id, _row(number, list(dict.fromkeys(goods)))


def _row(number: int, goods: list[str]) -> dict[str, Any]:
    pattern = _PATTERNS[number % len(_PATTERNS)]
    clock = f"{8 + number * 5 % 14:02d}:{number * 13 % 60:02d}"
    row: dict[str, Any] = {
        "order_id": f"LC{2610100000 + (number * 7919 + 17) % 100000}",
        "state": "shipped" if pattern == "out_for_delivery" else pattern,
        "items": goods,
    }
    return row | _DATES[pattern](number, clock)


def _completed(number: int, clock: str) -> dict[str, Any]:
    return _delivered_before(20 + number * 17 % 320, clock)


def _delivered(number: int, clock: str) -> dict[str, Any]:
    return _delivered_before(1 + number % 6, clock)


def _delivered_before(days: int, clock: str) -> dict[str, Any]:
    return {"placed": f"-{days + 4} {clock}", "shipped": f"-{days + 3} 23:10", "signed": f"-{days} 12:{days % 60:02d}"}


def _shipped(number: int, clock: str) -> dict[str, Any]:
    return {"placed": f"-3 {clock}", "shipped": "-2 23:10", "last": f"-{2 + number % 9}h"}


def _out_for_delivery(number: int, clock: str) -> dict[str, Any]:
    return {"parcel": "out_for_delivery", "placed": f"-4 {clock}", "shipped": "-3 23:10", "last": f"-{1 + number % 3}h"}


def _paid(_: int, clock: str) -> dict[str, Any]:
    return {"placed": f"-1 {clock}"}


def _cancelled(number: int, clock: str) -> dict[str, Any]:
    """Closed after the 30 minutes in which an order is to be paid."""
    day, hour, minute = 2 + number % 30, clock[:2], number * 13 % 30
    return {"placed": f"-{day} {hour}:{minute:02d}", "cancelled": f"-{day} {hour}:{minute + 30}"}


def _refunding(number: int, clock: str) -> dict[str, Any]:
    days = 3 + number % 4
    case = {"kind": "return_refund", "state": "requested", "reason": _REASONS[number % 4], "requested": "-1 18:20"}
    return _delivered_before(days, clock) | {"refunds": [case]}


def _refunded(number: int, clock: str) -> dict[str, Any]:
    days = 20 + number * 7 % 60
    case: Mapping[str, str] = {
        "kind": "return_refund",
        "state": "paid_out",
        "reason": _REASONS[number % 4],
        "requested": f"-{days - 3} 18:20",
        "received": f"-{days - 7} 15:00",
        "paid": f"-{days - 9} 10:30",
    }
    return _delivered_before(days, clock) | {"refunds": [case]}


_DATES = {
    "completed": _completed,
    "delivered": _delivered,
    "shipped": _shipped,
    "out_for_delivery": _out_for_delivery,
    "paid": _paid,
    "cancelled": _cancelled,
    "refunding": _refunding,
    "refunded": _refunded,
}
