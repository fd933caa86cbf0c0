import pytest

from agents.support.policy.answers import PriceProtectionAnswer
from agents.support.policy.price_protection import price_protection
from knowledge.catalog.facts import ReturnFacts
from knowledge.catalog.offers import OfferView
from knowledge.catalog.views import ProductView
from knowledge.orders.views import ItemView, OrderView
from knowledge.policies.terms import PolicyTerms
from tests.agents.support.policy.policy_kit import TERMS, at, item, offer, order, product, refund


def ask(
    live: OrderView,
    sold: ProductView | None,
    *,
    of: ItemView | None = None,
    now: str = "2026-11-13 10:00:00",
    terms: PolicyTerms | None = TERMS,
    when_paid: tuple[OfferView, ...] = (),
) -> PriceProtectionAnswer:
    return price_protection(live, of or item(), sold, terms, now=at(now), offers_when_paid=when_paid)


def test_the_difference_of_the_whole_line() -> None:
    answer = ask(order(), product(16900), of=item(quantity=2, paid_fen=39800))
    assert (answer.result, answer.amount_fen, answer.public_price_fen) == ("yes", 6000, 16900)
    assert answer.lines == (
        "订单LC1001的「晴野纪折叠椅」2件实付398元，现在的公开售价是每件169元，差价共60元。",
        "订单LC1001的「晴野纪折叠椅」于11月6日付款，价保期到11月21日23:59:59截止。",
        "订单LC1001的「晴野纪折叠椅」在价保期内再降价可以再申请，每件商品一共可以申请3次。",
    )
    assert answer.clauses[0].doc == "price-protection"


@pytest.mark.parametrize(("now", "result"), [("2026-11-21 23:59:59", "yes"), ("2026-11-22 00:00:00", "no")])
def test_the_last_second_of_the_last_day(now: str, result: str) -> None:
    assert ask(order(), product(16900), now=now).result == result


@pytest.mark.parametrize("price_fen", [19900, 19901])
def test_no_difference_no_money(price_fen: int) -> None:
    answer = ask(order(), product(price_fen))
    assert (answer.result, answer.amount_fen) == ("no", None)


def test_the_paid_price_counts_after_reductions() -> None:
    answer = ask(order(), product(18900), of=item(paid_fen=18500))
    assert answer.result == "no"


@pytest.mark.parametrize("kind", ["live", "flash"])
def test_excluded_offers_neither_lower_the_price_nor_were_protected(kind: str) -> None:
    special = offer(kind, 15000)
    assert ask(order(), product(19900, (special,))).result == "no"
    bought = ask(order(), product(14000), of=item(unit_price_fen=15000, paid_fen=15000), when_paid=(special,))
    assert bought.result == "no"
    assert f"「{kind}价」" in bought.lines[0]


def test_the_same_price_for_all_was_protected() -> None:
    both = (offer("live", 15000), offer("sale", 15000))
    assert ask(order(), product(14000), of=item(unit_price_fen=15000, paid_fen=15000), when_paid=both).result == "yes"


def test_public_sales_and_reductions_lower_the_price() -> None:
    public = (offer("sale", 18000), offer("threshold", 1000, threshold_fen=15000), offer("coupon", 500))
    answer = ask(order(), product(19900, public))
    assert (answer.public_price_fen, answer.amount_fen) == (16500, 3400)
    assert "（已减「threshold价」、「coupon价」）" in answer.lines[0]
    too_high = (offer("threshold", 1000, threshold_fen=20000), offer("sale", 18000, audience="new"))
    assert ask(order(), product(19900, too_high)).result == "no"


def test_times_used_and_what_was_paid_before() -> None:
    before = refund("price_protection", "paid_out", amount_fen=1000)
    answer = ask(order(refunds=(before,)), product(16900))
    assert answer.amount_fen == 2000
    assert "已补差10元" in answer.lines[0]
    assert ask(order(refunds=(before,) * 3), product(16900)).result == "no"
    assert ask(order(refunds=(refund("price_protection", "requested"),)), product(16900)).result == "no"
    assert ask(order(refunds=(refund("price_protection", "refused"),)), product(16900)).result == "yes"


@pytest.mark.parametrize("state", ["requested", "paid_out"])
def test_what_is_refunded_is_not_protected(state: str) -> None:
    answer = ask(order(refunds=(refund("return_refund", state, amount_fen=19900),)), product(16900))
    assert answer.result == "no"


@pytest.mark.parametrize("state", ["unpaid", "cancelled", "refunded"])
def test_orders_that_are_not_or_no_longer_paid(state: str) -> None:
    assert ask(order(state), product(16900)).result == "no"


def test_excluded_goods_and_shops_without_the_rule() -> None:
    fresh = product(16900, category="生鲜")
    dated = product(16900, returns=ReturnFacts(near_expiry=True))
    strict = TERMS.model_copy(update={"price_protection_excluded_categories": ("near_expiry",)})
    assert ask(order(), fresh).result == "no"
    assert ask(order(), dated, terms=strict).result == "no"
    assert ask(order(), product(16900), terms=PolicyTerms()).result == "no"


def test_what_is_not_known_is_a_persons() -> None:
    assert ask(order(), None).result == "discretion"
    assert ask(order(), product(16900), terms=None).result == "discretion"
    assert ask(order(), product(16900), of=item(sku_id="gone")).result == "discretion"
    assert ask(order(), product(16900, on_sale=False)).result == "discretion"


def test_every_line_stands_alone() -> None:
    for answer in (ask(order(), product(16900)), ask(order(), None), ask(order(), product(19900))):
        assert all(line.endswith("。") and "LC1001" in line for line in answer.lines)
