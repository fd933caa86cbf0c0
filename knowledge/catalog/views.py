"""A product as the shop's agents read it: the facts in force, what moves without a revision, and the offers."""

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from knowledge.catalog.facts import Attribute, ProductFacts
from knowledge.catalog.offers import OfferView
from knowledge.catalog.pricing import DayPrice, Price, public_price

__all__ = ["NameRow", "NameRows", "OfferView", "PriceHistory", "ProductView", "SkuPrices", "SkuView", "TraceView"]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class SkuView(_View):
    """`price_fen` is the list price; `stock` is None where the shop does not tell it, else as counted at `stock_at`."""

    sku_id: str
    name: str = ""
    price_fen: int
    stock: int | None = None
    stock_at: datetime | None = None


class ProductView(_View):
    """`skus` in the order of the facts; `offers` running or still to come, the shop's own and the whole shop's."""

    facts: ProductFacts
    revision: int
    skus: tuple[SkuView, ...]
    offers: tuple[OfferView, ...] = ()

    @property
    def product_id(self) -> str:
        return self.facts.product_id

    @property
    def title(self) -> str:
        return self.facts.title

    @property
    def category(self) -> str:
        return self.facts.category

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        return self.facts.attributes

    @property
    def in_stock(self) -> bool | None:
        """None when no sku is known to be there and the stock of some is not told."""
        if any(sku.stock for sku in self.skus):
            return True
        return None if any(sku.stock is None for sku in self.skus) else False

    @property
    def stock(self) -> int | None:
        """Of all skus together; None when the shop does not tell that of each."""
        counts = [sku.stock for sku in self.skus if sku.stock is not None]
        return sum(counts) if len(counts) == len(self.skus) else None

    @property
    def stock_at(self) -> datetime | None:
        """When the oldest of the counts was made."""
        return min((sku.stock_at for sku in self.skus if sku.stock_at), default=None)

    def sku(self, sku_id: str) -> SkuView | None:
        return next((sku for sku in self.skus if sku.sku_id == sku_id), None)

    def price(self, at: datetime, sku_id: str = "") -> Price:
        """What anybody pays for the sku, or for the cheapest, from now on. Raises: KeyError for no such sku."""
        prices = [
            public_price(sku.price_fen, self.offers, sku.sku_id, at)
            for sku in self.skus
            if sku_id in ("", sku.sku_id)
        ]  # fmt: skip
        if not prices:
            raise KeyError(sku_id)
        return min(prices, key=lambda price: price.price_fen)

    def public_price_fen(self, at: datetime, sku_id: str = "") -> int:
        return self.price(at, sku_id).price_fen

    def public_offer(self, at: datetime, sku_id: str = "") -> OfferView | None:
        """The offer that makes the public price."""
        return self.price(at, sku_id).offer

    def running_offers(self, at: datetime) -> tuple[OfferView, ...]:
        """Of every kind and audience, the public ones too."""
        return tuple(offer for offer in self.offers if offer.runs_at(at))


class NameRow(_View):
    product_id: str
    title: str
    aliases: tuple[str, ...] = ()
    brand: str = ""
    category: str
    on_sale: bool = True


class NameRows(_View):
    """Every product the shop ever sold, by id. Equal versions of one shop mean equal rows."""

    version: int
    rows: tuple[NameRow, ...]


class SkuPrices(_View):
    """`points` oldest first; `lowest_fen` is the least anybody could pay in these days, public offers included."""

    sku_id: str
    name: str = ""
    points: tuple[DayPrice, ...]
    lowest_fen: int | None


class PriceHistory(_View):
    """Of the skus on sale, over the last `days` days, today included and cut at `as_of`."""

    product_id: str
    title: str
    days: int
    as_of: AwareDatetime
    skus: tuple[SkuPrices, ...]

    @property
    def lowest_fen(self) -> int | None:
        return min((sku.lowest_fen for sku in self.skus if sku.lowest_fen is not None), default=None)

    @property
    def points(self) -> tuple[DayPrice, ...]:
        """Of the cheapest sku by day."""
        days: dict[date, list[DayPrice]] = {}
        for sku in self.skus:
            for point in sku.points:
                days.setdefault(point.on, []).append(point)
        return tuple(
            DayPrice(on, min(p.list_price_fen for p in held), min(p.public_price_fen for p in held))
            for on, held in sorted(days.items())
        )


class TraceStep(_View):
    on: date
    place: str = ""
    what: str = Field(min_length=1)


class TraceView(_View):
    """One physical item or batch by the code on it; `steps` in time order."""

    code: str = Field(min_length=1, max_length=64)
    product_id: str = Field(min_length=1)
    sku_id: str | None = None
    batch: str = ""
    produced_on: date | None = None
    expires_on: date | None = None
    origin: str = ""
    steps: tuple[TraceStep, ...] = ()
