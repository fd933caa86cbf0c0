"""A price or a reduction in a window: what the shop writes down and what everybody reads."""

import re
from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

OfferKind = Literal["sale", "live", "flash", "coupon", "threshold", "gift"]

PRICE_KINDS = frozenset({"sale", "live", "flash"})
PUBLIC_KINDS = frozenset({"sale", "flash"})
"""Kinds anybody can buy at without a room, a code or a condition."""

_CLAUSE = re.compile(r"[，,；;。\n]")
_STACKS = re.compile(r"叠加|同享|同时使用|一起用|一起使用")
_NOT = re.compile(r"不(?!限)|无法|禁止")
_ANY_COUPON = re.compile(r"优惠券|任意券|(?:^|[^\u4e00-\u9fff]|\d张|[与和用])券")


class OfferView(BaseModel):
    """Runs in [starts_at, ends_at). Without `product_id` it is the whole shop's; without `sku_id` every sku's.

    sale, live and flash state a price; coupon and threshold a reduction (`off_fen`, from `threshold_fen` on); a gift
    is words in `terms`. `audience` is all, new or a tier.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    offer_id: str = Field(min_length=1, max_length=64)
    kind: OfferKind
    name: str = Field(min_length=1, max_length=120)
    product_id: str | None = None
    sku_id: str | None = None
    price_fen: int | None = Field(default=None, ge=0)
    off_fen: int | None = Field(default=None, ge=0)
    threshold_fen: int | None = Field(default=None, ge=0)
    audience: str = Field(default="all", min_length=1, max_length=40)
    terms: str = Field(default="", max_length=1000)
    starts_at: AwareDatetime
    ends_at: AwareDatetime

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.starts_at >= self.ends_at:
            raise ValueError("starts_at must be before ends_at")
        if self.sku_id and not self.product_id:
            raise ValueError("an offer of a sku names its product_id")
        if self.kind in PRICE_KINDS and (self.price_fen is None or not self.product_id):
            raise ValueError(f"a {self.kind} offer needs product_id and price_fen")
        if self.kind in ("coupon", "threshold") and self.off_fen is None:
            raise ValueError(f"a {self.kind} offer needs off_fen")
        if self.kind == "threshold" and self.threshold_fen is None:
            raise ValueError("a threshold offer needs threshold_fen")
        return self

    @property
    def public(self) -> bool:
        """Whether it makes a price that anybody pays: of a public kind, for all."""
        return self.kind in PUBLIC_KINDS and self.audience == "all"

    def runs_at(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at

    def covers(self, sku_id: str) -> bool:
        """Whether it holds for the sku, given that it is an offer of the sku's product or of the whole shop."""
        return self.sku_id is None or self.sku_id == sku_id

    def stacks_with(self, other: "OfferView") -> bool:
        """Whether the terms say that it adds up with the coupon; offers of which they say nothing do not."""
        return any(
            _STACKS.search(clause)
            and not _NOT.search(clause)
            and (other.name in clause or bool(_ANY_COUPON.search(clause)))
            for clause in _CLAUSE.split(self.terms)
        )

    def leaves_out(self, category: str) -> bool:
        """Whether the terms say that goods of the category take no part."""
        return any(category in clause and "不参加" in clause for clause in _CLAUSE.split(self.terms))
