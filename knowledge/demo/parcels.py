"""Parcels as the demo shop's carriers report them; the warehouses and carriers are those of policies/shipping.md."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from knowledge.catalog.facts import ProductFacts
from knowledge.demo.moments import between, moment
from knowledge.kit.clock import shanghai_date
from knowledge.orders.views import ShipmentState, ShipmentStep, ShipmentView

LARGE = frozenset({"P1011", "P1012"})

_CARRIERS = {"昆山": ("顺丰冷链", "SF"), "安吉": ("德邦", "DPK"), "嘉兴": ("中通", "ZT")}
_OTHER_CARRIER = ("圆通", "YT")
_DAYS_UNDER_WAY = {"昆山": 2, "安吉": 6, "嘉兴": 4}
_LAST_STEP: dict[ShipmentState, str] = {
    "packed": "仓库已打包，等待快递揽收",
    "in_transit": "到达转运中心",
    "out_for_delivery": "快递员正在派送，请保持电话畅通",
    "signed": "已签收",
    "exception": "派送异常，正在核实",
    "returned": "包裹已退回仓库",
}


def warehouse(facts: ProductFacts) -> str:
    if facts.returns.excluded == "perishable":
        return "昆山"
    return "安吉" if facts.product_id in LARGE else "嘉兴"


def parcel(row: Mapping[str, Any], origin: str, city: str, order_id: str, now: datetime) -> ShipmentView:
    """`row` names `shipped` and either `signed` or `last`, the instant of the newest step; `parcel` the state. A parcel
    that waits for its carrier has `packed` alone."""
    packed = "packed" in row
    shipped = moment(row["packed" if packed else "shipped"], now)
    signed = moment(row["signed"], now) if "signed" in row else None
    state: ShipmentState = "signed" if signed else "packed" if packed else row.get("parcel", "in_transit")
    number = int(order_id.removeprefix("LC"))
    courier, prefix = _OTHER_CARRIER if origin == "嘉兴" and number % 2 else _CARRIERS[origin]
    end = signed or (shipped if packed else moment(row["last"], now))
    return ShipmentView(
        tracking_no=f"{prefix}{(number * 7919 + len(origin + prefix)) % 10**12:012d}",
        courier=courier,
        state=state,
        shipped_at=None if packed else shipped,
        signed_at=signed,
        expected_on=shanghai_date(shipped + timedelta(days=_DAYS_UNDER_WAY[origin])),
        steps=_steps(state, origin, city, shipped, end, row.get("step", "")),
    )


def _steps(
    state: ShipmentState, origin: str, city: str, shipped: datetime, end: datetime, said: str
) -> tuple[ShipmentStep, ...]:
    if state == "packed":
        return (ShipmentStep(at=end, text=_LAST_STEP[state], place=origin),)
    steps = [
        ShipmentStep(at=shipped, text="快件已揽收", place=origin),
        ShipmentStep(at=between(shipped, end, 0.2), text=f"离开{origin}转运中心，发往{city}", place=origin),
    ]
    if state in ("signed", "out_for_delivery", "exception", "returned"):
        steps.append(ShipmentStep(at=between(shipped, end, 0.7), text=f"到达{city}转运中心", place=city))
    if state == "signed":
        steps.append(ShipmentStep(at=between(shipped, end, 0.95), text="快递员正在派送", place=city))
    place = origin if state == "returned" else city
    steps.append(ShipmentStep(at=end, text=said or _LAST_STEP[state], place=place))
    return tuple(steps)
