"""What a revision of a product states: typed facts, each addressable, none of them ever changed in place."""

import hashlib
from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class Attribute(BaseModel):
    """`value` as the shop writes it (`1.1公斤`); `number` in `unit` where it is a measure that can be compared."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1, max_length=40)
    value: str = Field(min_length=1, max_length=400)
    number: float | None = None
    unit: str = ""


class Qualification(BaseModel):
    """资质: a licence, filing or test report. `valid_to` is the last day it holds."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(min_length=1, max_length=40)
    number: str = ""
    name: str = ""
    valid_to: date | None = None


class SkuFacts(BaseModel):
    model_config = ConfigDict(frozen=True)

    sku_id: str = Field(min_length=1, max_length=64)
    name: str = ""
    price_fen: int = Field(ge=0)
    options: dict[str, str] = Field(default_factory=dict)


class ReturnFacts(BaseModel):
    """How the law sees this kind of goods (七日无理由退货暂行办法 §6–9): `excluded` names a §6 class, `hygiene` that
    opening affects safety or quality (§7), `sealed` that a broken one-time seal makes it not intact (§9)."""

    model_config = ConfigDict(frozen=True)

    excluded: str = Field(default="", pattern="^(|customised|perishable|digital|newspaper)$")
    hygiene: bool = False
    sealed: bool = False
    near_expiry: bool = False


class ProductFacts(BaseModel):
    """`doc` is the key of the product's own document in the knowledge base; `aliases` are other names shoppers use."""

    model_config = ConfigDict(frozen=True)

    product_id: str = Field(min_length=1, max_length=64)
    title: str = Field(min_length=1, max_length=120)
    category: str = Field(min_length=1, max_length=60)
    brand: str = ""
    aliases: tuple[str, ...] = ()
    skus: tuple[SkuFacts, ...] = Field(min_length=1)
    attributes: tuple[Attribute, ...] = ()
    selling_points: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    after_sales: tuple[str, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    returns: ReturnFacts = ReturnFacts()
    warranty: str = ""
    doc: str = ""
    on_sale: bool = True

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def lowest_fen(self) -> int:
        return min(sku.price_fen for sku in self.skus)
