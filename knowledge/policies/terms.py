"""The figures of the shop's own rules, as numbers a program can compute with. The words stay in the documents."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PolicyTerms(BaseModel):
    """`*_days` count from the day after the event, to the end of the last day, in Asia/Shanghai. `*_doc` and
    `*_section` name the document and section where a shopper can read the rule."""

    model_config = ConfigDict(frozen=True)

    no_reason_days: int = Field(default=7, ge=0, le=365)
    no_reason_freight: Literal["buyer", "seller"] = "buyer"
    no_return_categories: tuple[str, ...] = ()
    quality_days: int = Field(default=7, ge=0, le=365)
    exchange_days: int = Field(default=7, ge=0, le=365)
    price_protection_days: int = Field(default=0, ge=0, le=365)
    price_protection_excludes: tuple[str, ...] = ("live", "flash", "new", "coupon")
    """Offer kinds (and audiences) whose price is no public price: they neither lower it nor were protected."""
    price_protection_excluded_categories: tuple[str, ...] = ()
    price_protection_times: int = Field(default=1, ge=0)
    ship_within_hours: int = Field(default=72, ge=1)
    return_doc: str = ""
    return_section: str = ""
    quality_section: str = ""
    price_protection_doc: str = ""
    price_protection_section: str = ""
    shipping_doc: str = ""
    shipping_section: str = ""


class VersionedTerms(BaseModel):
    """Both days included; without `effective_to` until a newer version."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    version: int
    terms: PolicyTerms
    effective_from: date
    effective_to: date | None = None
