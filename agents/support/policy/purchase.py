"""What the engine is told about one purchase. Money is fen; a fact is established unless its name says otherwise."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Reason = Literal["no_reason", "defective", "wrong_item", "not_as_described", "fraud"]
Channel = Literal["online", "tv", "phone", "offline"]
Buyer = Literal["person", "business", "reseller"]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Flags(_Facts):
    """`opened_package` is outer packaging only, `opened_hygiene` the necessary one-time seal; `confirm_*` name a
    confirmation that is none. `defective`, `wrong_item`, `not_as_described` and `fraud` are proved."""

    customized: bool = False
    perishable: bool = False
    digital_opened: bool = False
    digital_downloaded: bool = False
    newspaper: bool = False
    marked_no_return: bool = False
    buyer_confirmed_no_return: bool = False
    confirm_default_ticked: bool = False
    confirm_account_level: bool = False
    expiring_or_flawed_disclosed: bool = False
    opened_package: bool = False
    opened_hygiene: bool = False
    activated: bool = False
    data_residue: bool = False
    unauthorized_repair: bool = False
    serial_tampered: bool = False
    appearance_damage: bool = False
    tags_removed: bool = False
    soiled: bool = False
    washed: bool = False
    tried_on: bool = False
    reasonable_test: bool = False
    assembled: bool = False
    accessories_missing: bool = False
    defective: bool = False
    wrong_item: bool = False
    not_as_described: bool = False
    fraud: bool = False
    buyer_swap: bool = False
    proxy_signed_without_consent: bool = False
    abuse_suspected: bool = False

    @property
    def confirmed(self) -> bool:
        """A confirmation for this one purchase, not ticked beforehand (暂行办法 §20, 实施条例 §19)."""
        return self.buyer_confirmed_no_return and not (self.confirm_default_ticked or self.confirm_account_level)


class Rule(_Facts):
    """One rule above the statute. What refuses returns or gives less than the statute is void. `covers_excluded`:
    its days hold for goods the statute excludes, too. `effective_to` is the last day in force."""

    layer: Literal["platform", "shop", "promise"]
    no_reason_days: int | None = Field(default=None, ge=0)
    quality_days: int | None = Field(default=None, ge=0)
    return_freight: Literal["seller"] | None = None
    refuses: bool = False
    covers_excluded: bool = False
    text: str = ""
    version: str = ""
    effective_from: date | None = None
    effective_to: date | None = None

    def in_force(self, day: date) -> bool:
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )


class Part(_Facts):
    """One good of a partial return; `list_fen` is its own price at the time of purchase."""

    name: str = ""
    list_fen: int = Field(ge=0)
    returned: bool


class Tier(_Facts):
    min_fen: int = Field(ge=0)
    off_fen: int = Field(ge=0)


class Promo(_Facts):
    """满减 by the highest tier reached, or a bundle at one price."""

    type: Literal["threshold", "bundle"]
    tiers: tuple[Tier, ...] = ()
    bundle_fen: int | None = None


class PurchaseFacts(_Facts):
    """`paid_fen` is what was paid for the goods after all reductions, outbound freight apart; `gift_price_fen` None:
    no price was marked beforehand. `buyer`: a business may buy for its own use, a reseller does not."""

    signed_at: AwareDatetime
    paid_fen: int = Field(ge=0)
    freight_paid_fen: int = Field(default=0, ge=0)
    category: str
    channel: Channel = "online"
    buyer: Buyer = "person"
    flags: Flags = Flags()
    rules: tuple[Rule, ...] = ()
    gift: bool = False
    gift_returned: bool = False
    gift_price_fen: int | None = Field(default=None, ge=0)
    items: tuple[Part, ...] = ()
    promo: Promo | None = None
    coupon_fen: int = Field(default=0, ge=0)
    points_fen: int = Field(default=0, ge=0)
    free_ship_threshold_fen: int | None = Field(default=None, ge=0)
    base_ship_fee_fen: int = Field(default=0, ge=0)
    installed_at: AwareDatetime | None = None
