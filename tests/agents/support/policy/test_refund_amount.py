from agents.support.policy.refund_amount import refund_of
from knowledge.catalog.offers import OfferView
from tests.agents.support.policy.policy_kit import item, offer, order

_TIERS: tuple[OfferView, ...] = tuple(
    offer("threshold", off, threshold_fen=least, product_id=None, name=f"满{least // 100}")
    for least, off in ((19900, 2000), (39900, 5000))
)


def test_all_of_it_is_what_was_paid() -> None:
    refund = refund_of(order(items=(item(paid_fen=17900),)), {1: 1}, _TIERS)
    assert (refund.fen, refund.line) == (17900, "订单LC1001「晴野纪折叠椅」退货的，退回实付的商品价款179元。")


def test_one_of_two_pieces_is_reckoned_against_the_tier_the_other_still_reaches() -> None:
    pair = order(items=(item(quantity=2, unit_price_fen=12900, paid_fen=23800),))
    refund = refund_of(pair, {1: 1}, _TIERS)
    assert refund.fen == 23800 - 12900
    assert "1件" in refund.line
    assert "满减档位重新结算是129元" in refund.line


def test_what_is_kept_may_reach_a_lower_tier() -> None:
    both = order(items=(item(unit_price_fen=25000, paid_fen=22000), item(line=2, unit_price_fen=17000, paid_fen=15000)))
    assert refund_of(both, {2: 1}, _TIERS).fen == 37000 - (25000 - 2000)


def test_without_a_tier_the_share_of_the_coupon_counts() -> None:
    both = order(items=(item(unit_price_fen=9000, paid_fen=8500), item(line=2, unit_price_fen=9000, paid_fen=8500)))
    refund = refund_of(both, {2: 1}, _TIERS)
    assert refund.fen == 8500
    assert "分摊优惠后" in refund.line


def test_tier_and_coupon_together_are_told_without_a_sum() -> None:
    both = order(items=(item(paid_fen=18000), item(line=2, title="露营灯", unit_price_fen=7900, paid_fen=6400)))
    refund = refund_of(both, {2: 1}, _TIERS)
    assert refund.fen is None
    assert "实付64元" in refund.line
    assert "多退少补" in refund.line


def test_nothing_is_left_when_the_rest_costs_more_alone() -> None:
    both = order(items=(item(unit_price_fen=19000, paid_fen=17200), item(line=2, unit_price_fen=1000, paid_fen=800)))
    assert refund_of(both, {2: 1}, _TIERS).fen is None
