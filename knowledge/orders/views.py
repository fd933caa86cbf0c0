"""An order as its shopper may see it, which is what every OMS adapter returns; and as the shop tells it."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

OrderState = Literal["unpaid", "paid", "shipped", "delivered", "completed", "cancelled", "refunding", "refunded"]
ShipmentState = Literal["packed", "in_transit", "out_for_delivery", "signed", "exception", "returned"]
RefundKind = Literal["refund", "return_refund", "exchange", "price_protection"]
RefundState = Literal["requested", "approved", "returning", "received", "paid_out", "refused", "withdrawn"]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class ItemView(_View):
    line: int = Field(ge=1)
    product_id: str = ""
    sku_id: str = ""
    title: str
    sku_name: str = ""
    quantity: int = Field(ge=1)
    unit_price_fen: int = Field(ge=0)
    paid_fen: int = Field(ge=0)
    customised: bool = False
    confirmed_no_return: bool = False


class ShipmentStep(_View):
    """`text` is the carrier's own: untrusted."""

    at: AwareDatetime
    text: str
    place: str = ""


class ShipmentView(_View):
    tracking_no: str
    courier: str
    state: ShipmentState
    shipped_at: AwareDatetime | None = None
    signed_at: AwareDatetime | None = None
    expected_on: date | None = None
    steps: tuple[ShipmentStep, ...] = ()


class RefundView(_View):
    refund_id: str
    line: int | None = None
    kind: RefundKind
    state: RefundState
    amount_fen: int = Field(default=0, ge=0)
    reason: str = ""
    requested_at: AwareDatetime
    received_at: AwareDatetime | None = None
    paid_out_at: AwareDatetime | None = None


class _OrderFacts(_View):
    order_id: str = Field(min_length=1, max_length=64)
    state: OrderState
    channel: Literal["shelf", "live"] = "shelf"
    broadcast_id: str | None = None
    placed_at: AwareDatetime
    paid_at: AwareDatetime | None = None
    signed_at: AwareDatetime | None = None
    cancelled_at: AwareDatetime | None = None
    promised_ship_at: AwareDatetime | None = None
    paid_fen: int = Field(ge=0)
    freight_fen: int = Field(default=0, ge=0)
    discount_fen: int = Field(default=0, ge=0)
    freight_insured: bool = False
    invoice_state: Literal["none", "requested", "issued"] = "none"
    note: str = ""
    items: tuple[ItemView, ...] = ()
    shipments: tuple[ShipmentView, ...] = ()
    refunds: tuple[RefundView, ...] = ()


class OrderView(_OrderFacts):
    """`note` is the shopper's own words: untrusted. Address and phone are masked by the adapter, never whole. Items by
    line, shipments, their steps and refunds in time order."""

    masked_address: str = ""
    masked_phone: str = ""

    @property
    def last_step_at(self) -> datetime | None:
        return max((step.at for shipment in self.shipments for step in shipment.steps), default=None)


class OrderIn(_OrderFacts):
    """An order as the shop tells it, personal data whole."""

    shopper_id: str = Field(min_length=1, max_length=64)
    address: str = ""
    phone: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        lines = [item.line for item in self.items]
        if len(set(lines)) < len(lines):
            raise ValueError("an item's line comes once")
        if any(refund.line not in (None, *lines) for refund in self.refunds):
            raise ValueError("a refund's line is a line of the order")
        numbers = [shipment.tracking_no for shipment in self.shipments]
        if len(set(numbers)) < len(numbers):
            raise ValueError("a tracking number comes once")
        return self


class ShopperView(_View):
    """A shopper whose identity is proven; personal data is not in it."""

    shopper_id: str
    name: str = ""
    tier: str = ""


class ShopperIn(ShopperView):
    """A shopper as the shop tells them, personal data whole."""

    shopper_id: str = Field(min_length=1, max_length=64)
    phone: str = ""
    email: str = ""
    address: str = ""
