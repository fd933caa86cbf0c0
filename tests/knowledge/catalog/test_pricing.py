"""The pure rules against the definition: look at every instant at which anything can change."""

from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge.catalog.offers import OfferView
from knowledge.catalog.pricing import (
    ListPrice,
    by_day,
    first_instant,
    list_price_at,
    lowest_public_price,
    payable,
    public_price,
)
from knowledge.kit.clock import SHANGHAI, shanghai_date
from tests.knowledge.catalog.factories import DAY, NOON, offer

HOUR = timedelta(hours=1)
HOURS: dict[date, list[datetime]] = defaultdict(list)
for _n in range(-700, 201):
    HOURS[shanghai_date(NOON + _n * HOUR)].append(NOON + _n * HOUR)
hours = st.integers(-200, 200)
fens = st.integers(0, 30)


@st.composite
def histories(draw: st.DrawFn) -> list[ListPrice]:
    moments = sorted(draw(st.sets(hours, max_size=5)))
    return [ListPrice(sku_id="S", from_at=NOON + hour * HOUR, price_fen=draw(fens)) for hour in moments]


@st.composite
def offers(draw: st.DrawFn) -> list[OfferView]:
    found = []
    for n in range(draw(st.integers(0, 5))):
        start = draw(hours)
        found.append(
            offer(
                f"O{n}",
                kind=draw(st.sampled_from(["sale", "flash", "live"])),
                audience=draw(st.sampled_from(["all", "all", "new", "金卡"])),
                sku_id=draw(st.sampled_from([None, "S", "T"])),
                price_fen=draw(fens),
                starts_at=NOON + start * HOUR,
                ends_at=NOON + (start + draw(st.integers(1, 100))) * HOUR,
            )
        )
    return found


def paid_at(points: list[ListPrice], held: list[OfferView], at: datetime) -> list[int]:
    """What anybody could pay at the instant, by the definition."""
    listed = [point.price_fen for point in points if point.from_at <= at][-1:]
    offered = [
        one.price_fen
        for one in held
        if one.kind in ("sale", "flash") and one.audience == "all" and one.sku_id in (None, "S")
        and one.starts_at <= at < one.ends_at and one.price_fen is not None
    ]  # fmt: skip
    return listed + offered


@given(histories(), offers(), hours)
def test_the_public_price_is_the_least_anybody_pays(points: list[ListPrice], held: list[OfferView], hour: int) -> None:
    at = NOON + hour * HOUR
    listed = list_price_at(points, at)
    if listed is None:
        return
    price = public_price(listed, held, "S", at)
    assert price.price_fen == min(paid_at(points, held, at))
    assert price.list_price_fen == listed
    assert (price.offer is None) == (price.price_fen == listed)
    if price.offer:
        assert price.offer.public
        assert price.offer.runs_at(at)


@given(histories(), offers(), hours, st.integers(0, 150))
def test_the_lowest_price_is_the_lowest_of_every_instant(
    points: list[ListPrice], held: list[OfferView], start: int, length: int
) -> None:
    instants = [NOON + hour * HOUR for hour in range(start, start + length + 1)]
    seen = [fen for at in instants for fen in paid_at(points, held, at)]
    assert lowest_public_price(points, held, "S", instants[0], instants[-1]) == min(seen, default=None)


@given(histories(), offers(), hours, st.integers(1, 12))
def test_a_history_tells_each_day_by_itself(
    points: list[ListPrice], held: list[OfferView], hour: int, days: int
) -> None:
    until = NOON + hour * HOUR
    told = by_day(points, held, "S", days, until)
    known = [point.from_at for point in points if point.from_at <= until]
    assert [day.on for day in told] == sorted({day.on for day in told})
    for day in told:
        instants = [at for at in HOURS[day.on] if at <= until]
        listed = [list_price_at(points, at) for at in instants]
        assert day.list_price_fen == min(fen for fen in listed if fen is not None)
        assert day.public_price_fen == min(fen for at in instants for fen in paid_at(points, held, at))
    if known:
        first = max(shanghai_date(known[0]), shanghai_date(first_instant(days, until)))
        assert len(told) == (shanghai_date(until) - first).days + 1
    else:
        assert told == ()


def test_windows_are_half_open() -> None:
    one = offer(price_fen=50, starts_at=NOON, ends_at=NOON + HOUR)
    tick = timedelta(microseconds=1)
    prices = [
        public_price(100, [one], "S", at).price_fen for at in (NOON - tick, NOON, NOON + HOUR - tick, NOON + HOUR)
    ]
    assert prices == [100, 50, 50, 100]
    points = [ListPrice(sku_id="S", from_at=NOON - DAY, price_fen=100)]
    assert lowest_public_price(points, [one], "S", NOON + HOUR, NOON + DAY) == 100
    assert lowest_public_price(points, [one], "S", NOON - DAY, NOON - tick) == 100
    assert lowest_public_price(points, [one], "S", NOON - DAY, NOON) == 50


def test_a_price_that_changes_at_midnight_is_not_of_the_day_before() -> None:
    midnight = datetime(2026, 5, 20, tzinfo=SHANGHAI)
    points = [
        ListPrice(sku_id="S", from_at=midnight - DAY, price_fen=100),
        ListPrice(sku_id="S", from_at=midnight, price_fen=60),
    ]
    assert [(day.on.day, day.list_price_fen) for day in by_day(points, [], "S", 2, midnight)] == [(19, 100), (20, 60)]
    assert first_instant(1, midnight) == midnight
    assert first_instant(1, midnight - HOUR) == midnight - DAY


def test_of_equal_offers_the_one_that_lasts_is_named() -> None:
    held = [offer("b", ends_at=NOON + HOUR), offer("c", ends_at=NOON + DAY), offer("a", ends_at=NOON + DAY)]
    named = public_price(9900, held, "S", NOON).offer
    assert named is not None
    assert named.offer_id == "a"


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": NOON - DAY},
        {"price_fen": None},
        {"product_id": None},
        {"kind": "coupon", "price_fen": None},
        {"kind": "threshold", "off_fen": 5, "price_fen": None},
        {"kind": "gift", "product_id": None, "sku_id": "S"},
        {"price_fen": -1},
    ],
)
def test_an_offer_that_says_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        offer(**wrong)


def _reduction(offer_id: str, kind: str, least: int, off: int, terms: str = "") -> OfferView:
    return offer(offer_id=offer_id, kind=kind, name={"coupon": "店铺券"}.get(kind, "满减"), product_id=None,
                 price_fen=None, off_fen=off, threshold_fen=least, terms=terms)  # fmt: skip


COUPON = _reduction("C", "coupon", 299, 30)
STACKS = "可以和1张店铺券叠加使用，生鲜商品不参加"


@pytest.mark.parametrize(
    ("goods", "terms", "fen"),
    [
        (198, STACKS, 198),
        (199, STACKS, 179),
        (298, STACKS, 278),
        (299, STACKS, None),
        (318, STACKS, None),
        (319, STACKS, 269),
        (319, "", 289),
        (319, "不能和店铺券叠加使用", 289),
        (319, "可以和会员券叠加使用", 289),
        (319, "可与优惠券同享", 269),
    ],
)
def test_reductions_add_up_where_the_terms_say_so(goods: int, terms: str, fen: int | None) -> None:
    best = payable(goods, [_reduction("T", "threshold", 199, 20, terms), COUPON])
    assert (best.fen if best else None) == fen


def test_of_two_steps_the_higher_one_met_is_taken_once() -> None:
    best = payable(400, [_reduction("T1", "threshold", 199, 20), _reduction("T2", "threshold", 399, 50)])
    assert best is not None
    assert best.fen == 350


def test_goods_that_take_no_part_are_named_in_the_terms() -> None:
    assert _reduction("T", "threshold", 199, 20, STACKS).leaves_out("生鲜")
    assert not _reduction("T", "threshold", 199, 20, STACKS).leaves_out("美妆")
