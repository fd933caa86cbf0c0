"""What anybody pays, when: pure. The public price is the list price or that of the lowest public offer running.

A public offer is a sale or flash price for all. Live-room prices, coupons, thresholds and prices for new shoppers or a
tier are not public: they lower no public price. Windows are half-open, days those of Asia/Shanghai.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from knowledge.catalog.offers import OfferView
from knowledge.kit.clock import SHANGHAI, shanghai_date


class ListPrice(BaseModel):
    """The list price of a sku from an instant until its next one."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    sku_id: str = Field(min_length=1, max_length=64)
    from_at: AwareDatetime
    price_fen: int = Field(ge=0)


@dataclass(frozen=True)
class Price:
    """`offer` is the public offer that makes `price_fen` lower than `list_price_fen`, if one does."""

    price_fen: int
    list_price_fen: int
    offer: OfferView | None = None


@dataclass(frozen=True)
class DayPrice:
    """The lowest list price and the lowest public price that held at some instant of the day."""

    on: date
    list_price_fen: int
    public_price_fen: int


def public_price(list_price_fen: int, offers: Iterable[OfferView], sku_id: str, at: datetime) -> Price:
    """`offers` are those of the sku's product. Of equal prices the one that lasts longest is named."""
    running = [(offer.price_fen, offer) for offer in public_offers(offers, sku_id) if offer.runs_at(at)]
    lower = [(fen, offer) for fen, offer in running if fen is not None and fen < list_price_fen]
    if not lower:
        return Price(list_price_fen, list_price_fen)
    fen, offer = min(lower, key=lambda pair: (pair[0], -pair[1].ends_at.timestamp(), pair[1].offer_id))
    return Price(fen, list_price_fen, offer)


def public_offers(offers: Iterable[OfferView], sku_id: str) -> list[OfferView]:
    return [offer for offer in offers if offer.public and offer.price_fen is not None and offer.covers(sku_id)]


@dataclass(frozen=True)
class Payable:
    """What goods of `goods_fen` come to with a threshold reduction, one coupon or both."""

    goods_fen: int
    threshold: OfferView | None = None
    coupon: OfferView | None = None

    @property
    def fen(self) -> int:
        return self.goods_fen - sum(offer.off_fen or 0 for offer in (self.threshold, self.coupon) if offer)


def payable(goods_fen: int, reductions: Iterable[OfferView]) -> Payable | None:
    """The least to pay by the reductions that are open to the buyer and run now. They add up only where the terms of
    the threshold say so. None when it is less only if a coupon's threshold is read before the other reduction."""
    met = [
        offer for offer in reductions if (offer.off_fen or 0) < goods_fen and (offer.threshold_fen or 0) <= goods_fen
    ]
    thresholds = [None, *(offer for offer in met if offer.kind == "threshold")]
    coupons = [None, *(offer for offer in met if offer.kind == "coupon")]
    pairs = [
        Payable(goods_fen, threshold, coupon)
        for threshold in thresholds
        for coupon in coupons
        if not (threshold and coupon) or threshold.stacks_with(coupon)
    ]
    best = min(pairs, key=lambda pair: pair.fen)
    if best.threshold and best.coupon and goods_fen - (best.threshold.off_fen or 0) < (best.coupon.threshold_fen or 0):
        return None
    return best


def list_price_at(points: Sequence[ListPrice], at: datetime) -> int | None:
    """`points` of one sku, oldest first; None before the first."""
    known = [point.price_fen for point in points if point.from_at <= at]
    return known[-1] if known else None


def lowest_list_price(points: Sequence[ListPrice], since: datetime, until: datetime) -> int | None:
    """Over [since, until], both included; `points` of one sku, oldest first."""
    held = [point.price_fen for point in points if since < point.from_at <= until]
    at_start = list_price_at(points, since)
    return min(held if at_start is None else [at_start, *held], default=None)


def lowest_public_price(
    points: Sequence[ListPrice], offers: Iterable[OfferView], sku_id: str, since: datetime, until: datetime
) -> int | None:
    """The least anybody could have paid for the sku at an instant of [since, until]; None where nothing is known."""
    listed = lowest_list_price(points, since, until)
    offered = [
        offer.price_fen
        for offer in public_offers(offers, sku_id)
        if offer.starts_at <= until and offer.ends_at > since and offer.price_fen is not None
    ]
    return min(offered if listed is None else [listed, *offered], default=None)


def first_instant(days: int, until: datetime) -> datetime:
    """Where the last `days` days begin, the day of `until` being the last of them."""
    return datetime.combine(shanghai_date(until) - timedelta(days=days - 1), time(), tzinfo=SHANGHAI)


def by_day(
    points: Sequence[ListPrice], offers: Sequence[OfferView], sku_id: str, days: int, until: datetime
) -> tuple[DayPrice, ...]:
    """Oldest first, ending with the day of `until`; days before the first known list price are left out."""
    found = []
    start = first_instant(days, until)
    for _ in range(days):
        # one microsecond short of the next midnight: an instant is stored no finer
        end = min(start + timedelta(days=1) - timedelta(microseconds=1), until)
        listed = lowest_list_price(points, start, end)
        public = lowest_public_price(points, offers, sku_id, start, end)
        if listed is not None and public is not None:
            found.append(DayPrice(start.date(), listed, public))
        start += timedelta(days=1)
    return tuple(found)
