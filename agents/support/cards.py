"""What stands beside the words: facts of one order, product or policy, laid out for the eye. Cards hold facts of the
shop only, never a model's words; amounts are fen, instants ISO 8601."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Card(BaseModel):
    model_config = ConfigDict(frozen=True)


class OrderLine(_Card):
    title: str
    sku_name: str = ""
    quantity: int
    paid_fen: int
    product_id: str = ""


class Step(_Card):
    at: str
    text: str


class OrderCard(_Card):
    """`state` is a stable code, `state_text` its Chinese name; `steps` newest first."""

    kind: Literal["order"] = "order"
    order_id: str
    state: str
    state_text: str
    placed_at: str
    paid_fen: int
    items: tuple[OrderLine, ...]
    courier: str = ""
    tracking_no: str = ""
    shipment_text: str = ""
    expected_on: str = ""
    steps: tuple[Step, ...] = ()
    refund_text: str = ""


class NamedValue(_Card):
    name: str
    value: str


class ProductCard(_Card):
    """`price_fen` is what anybody pays now; `list_price_fen` is higher while a public offer runs."""

    kind: Literal["product"] = "product"
    product_id: str
    title: str
    price_fen: int
    list_price_fen: int
    offer_name: str = ""
    offer_ends_at: str = ""
    stock_text: str = ""
    attributes: tuple[NamedValue, ...] = ()


class ComparedProduct(_Card):
    product_id: str
    title: str
    price_fen: int


class ComparisonRow(_Card):
    """`values` in the order of the products; an empty one means the shop does not state it."""

    name: str
    values: tuple[str, ...]
    same: bool = False


class ComparisonCard(_Card):
    kind: Literal["comparison"] = "comparison"
    products: tuple[ComparedProduct, ...]
    rows: tuple[ComparisonRow, ...]


class PolicyCard(_Card):
    """A computed result: `lines` say it in Chinese, `clauses` where it stands, `as_of` when it was computed."""

    kind: Literal["policy"] = "policy"
    title: str
    result: Literal["yes", "no", "discretion"]
    lines: tuple[str, ...]
    deadline: str = ""
    clauses: tuple[str, ...] = ()
    as_of: str


class PricePoint(_Card):
    on: str
    price_fen: int


class PriceHistoryCard(_Card):
    """List price by day, oldest first; `lowest_fen` of the last `days` days, public offers included."""

    kind: Literal["price_history"] = "price_history"
    product_id: str
    title: str
    points: tuple[PricePoint, ...]
    days: int
    lowest_fen: int


Card = Annotated[OrderCard | ProductCard | ComparisonCard | PolicyCard | PriceHistoryCard, Field(discriminator="kind")]
