"""Offers, coupons and what goods come to with them, said so that each sentence names its goods, its threshold and
whom it is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from agents.support.floor_text import pattern_in
from agents.support.tools.base import ToolContext
from agents.support.tools.speech import moment, yuan
from knowledge.catalog.offers import OfferView
from knowledge.catalog.pricing import Payable, payable
from knowledge.catalog.views import ProductView
from knowledge.index.cut import normalise

_pattern = partial(pattern_in, "offers.yaml")
_COUNTS = {"两": 2, "二": 2, "俩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_FOR_ALL = frozenset({"all", "new"})


def asks_for(name: str, question: str) -> bool:
    return bool(_pattern(name).search(normalise(question)))


@dataclass(frozen=True)
class Basket:
    """Goods at their public price of now: `label` says which, how many and for how much."""

    label: str
    fen: int
    found: Sequence[ProductView]

    def reductions(self, context: ToolContext) -> list[OfferView]:
        """Coupons and thresholds that hold for all of the goods now, whoever may use them."""
        return [
            offer
            for offer in self.found[0].offers
            if offer.kind in ("coupon", "threshold")
            and offer.runs_at(context.now)
            and not offer.sku_id
            and (not offer.product_id or len(self.found) == 1)
            and not any(offer.leaves_out(one.category) for one in self.found)
        ]


def basket_of(found: Sequence[ProductView], context: ToolContext, count: int = 1) -> Basket | None:
    """None where a product costs differently by sku: which one is bought decides what it comes to."""
    fens = [single_price(one, context) for one in found]
    prices = [fen for fen in fens if fen is not None]
    if len(prices) < len(found) or not all(one.facts.on_sale for one in found):
        return None
    fen = sum(prices) * count
    goods = "、".join(f"“{one.title}”" for one in found)
    if len(found) > 1:
        return Basket(f"{goods}各{count}件按目前售价共{yuan(fen)}", fen, found)
    label = f"{goods}目前售价{yuan(fen)}" if count == 1 else f"{goods}{count}件按目前售价共{yuan(fen)}"
    return Basket(label, fen, found)


def single_price(found: ProductView, context: ToolContext) -> int | None:
    prices = {found.public_price_fen(context.now, sku.sku_id) for sku in found.skus}
    return prices.pop() if len(prices) == 1 else None


def count_in(found: ProductView, question: str) -> int:
    """How many are asked for: 1 unless said; 0 where the measure may mean what a package holds."""
    named = _pattern("quantity").search(normalise(question))
    if named is None:
        return 1
    sizes = [one.value for one in found.attributes if one.name in ("规格", "净含量", "数量")]
    if any(named["unit"] in size for size in [*sizes, *(sku.name for sku in found.skus)]):
        return 0
    return int(named["count"]) if named["count"].isdigit() else _COUNTS[named["count"]]


def payable_sentences(basket: Basket, context: ToolContext, question: str) -> list[str]:
    """The least to pay by what the question may mean: coupons where it asks for them or for the last price, the
    shopper's own where it names them."""
    folded = normalise(question)
    fitting = [offer for offer in basket.reductions(context) if _meant(offer, context, folded)]
    named = {offer.name for offer in fitting if offer.kind == "coupon" and offer.name in folded}
    if named:
        fitting = [offer for offer in fitting if offer.kind != "coupon" or offer.name in named]
    elif "券" not in folded and ("满减" in folded or not asks_for("payable", question)):
        fitting = [offer for offer in fitting if offer.kind == "threshold"]
    best = payable(basket.fen, fitting)
    if best is None or (named and best.coupon is None and _reached(basket, fitting, "coupon")):
        return []  # whether the coupon asked for adds up with what takes off more, no terms say
    said = [_payable(basket, best)] if best.threshold or best.coupon else []
    short = [] if best.threshold and (best.coupon or not named) else _short_of(basket, fitting)
    return [*said, *([_listed(basket, short, "还不到门槛的有")] if short else [])]


def _meant(offer: OfferView, context: ToolContext, folded: str) -> bool:
    if offer.audience == "all":
        return True
    if offer.audience == "new":
        return any(word in folded for word in ("新人", "首单", "第一次", "头一回", "新客"))
    own = context.shopper is not None and context.shopper.tier == offer.audience
    return own and (offer.name in folded or offer.audience[:2] in folded)


def _payable(basket: Basket, best: Payable) -> str:
    parts = [f"“{best.threshold.name}”减{yuan(best.threshold.off_fen or 0)}"] if best.threshold else []
    if best.coupon:
        again = "再" if best.threshold else ""
        least = f"（满{yuan(best.coupon.threshold_fen)}可用）" if best.coupon.threshold_fen else ""
        parts.append(f"{again}用1张“{best.coupon.name}”{least}减{yuan(best.coupon.off_fen or 0)}")
    return f"{basket.label}，{'，'.join(parts)}，到手{yuan(best.fen)}。"


def reduction_sentences(basket: Basket, context: ToolContext, *, coupons: bool) -> list[str]:
    """What applies at this price, then what it does not reach. Those of a tier are for who is proven to be of it; a
    guest who asks for coupons is told them under the tier's name."""
    shown = [offer for offer in basket.reductions(context) if _shown(offer, context, coupons=coupons)]
    met = [offer for offer in shown if (offer.threshold_fen or 0) <= basket.fen]
    short = [offer for offer in shown if offer not in met]
    told = [_listed(basket, met, "够门槛的优惠有")] if met else []
    return [*told, *([_listed(basket, short, "还不到门槛的有")] if short else [])]


def _shown(offer: OfferView, context: ToolContext, *, coupons: bool) -> bool:
    if offer.audience in _FOR_ALL:
        return offer.audience == "all" or coupons
    return (context.shopper is None and coupons) or (
        context.shopper is not None and context.shopper.tier == offer.audience
    )


def _reached(basket: Basket, offers: Sequence[OfferView], kind: str) -> bool:
    return any(offer.kind == kind and (offer.threshold_fen or 0) <= basket.fen for offer in offers)


def _short_of(basket: Basket, offers: Sequence[OfferView]) -> list[OfferView]:
    """Of each name the nearest one that the goods do not reach."""
    short = sorted((one for one in offers if (one.threshold_fen or 0) > basket.fen), key=lambda o: o.threshold_fen or 0)
    return list({offer.name: offer for offer in reversed(short)}.values())[::-1]


def _listed(basket: Basket, offers: Sequence[OfferView], what: str) -> str:
    offers = sorted(offers, key=lambda one: (one.audience != "all", one.kind != "coupon", one.threshold_fen or 0))
    each = "、".join(f"“{one.name}”{_limits(one)}{reduction(one)}" for one in offers)
    return f"{basket.label}，{what}：{each}。"


def own_offer_sentences(found: ProductView, context: ToolContext, *, upcoming: bool) -> list[str]:
    """Prices and gifts of the product itself that the shopper may have."""
    own = [
        offer
        for offer in found.offers
        if offer.product_id
        and offer.kind not in ("coupon", "threshold")
        and (offer.audience in _FOR_ALL or (context.shopper is not None and context.shopper.tier == offer.audience))
    ]
    running = [
        f"{_goods(found, offer)}正在参加“{offer.name}”{_limits(offer)}，{_until_end(offer)}"
        for offer in own
        if offer.runs_at(context.now)
    ]
    ahead = [
        f"{_goods(found, offer)}的“{offer.name}”{_limits(offer)}将于{moment(offer.starts_at)}开始，{_until_end(offer)}"
        for offer in own
        if offer.starts_at > context.now
    ]
    return [*running, *(ahead if upcoming else [])]


def shop_offer_ends(basket: Basket, context: ToolContext, question: str) -> list[str]:
    """Until when the shop's own reductions run, for whoever asks."""
    folded = normalise(question)
    shown = [
        offer
        for offer in basket.reductions(context)
        if offer.audience == "all" and (offer.name in folded or (offer.kind == "threshold" and "券" not in folded))
    ]
    return [f"店铺的“{offer.name}”{_until_end(offer)}" for offer in shown]


def _until_end(offer: OfferView) -> str:
    return f"{reduction(offer)}，{moment(offer.ends_at)}结束。"


def _goods(found: ProductView, offer: OfferView) -> str:
    sku = found.sku(offer.sku_id) if offer.sku_id else None
    return f"“{found.title}”{sku.name}" if sku else f"“{found.title}”"


def reduction(offer: OfferView) -> str:
    if offer.price_fen is not None:
        return f"活动价{yuan(offer.price_fen)}"
    if offer.off_fen is None:
        return offer.terms.rstrip("。") or "有赠品"
    least = f"满{yuan(offer.threshold_fen)}" if offer.threshold_fen else ""
    return f"{least}减{yuan(offer.off_fen)}"


def _limits(offer: OfferView) -> str:
    whom = {"all": "", "new": "限新客"}.get(offer.audience, f"限{offer.audience}")
    limits = "，".join(part for part in ("限直播间下单" if offer.kind == "live" else "", whom) if part)
    return f"（{limits}）" if limits else ""
