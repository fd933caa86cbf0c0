from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.support.policy.days import deadline_after, is_day_off, next_working_day, within
from agents.support.policy.engine import decide
from agents.support.policy.purchase import Flags, Part, Promo, Reason, Rule, Tier
from agents.support.policy.statutes import QR, TL, XF
from agents.support.policy.wording import undercuts
from tests.agents.support.policy.policy_kit import at, purchase

_WORKDAYS_IN_TIME = "2026-11-17 23:59:59"


@pytest.mark.parametrize(
    ("asked", "eligible"),
    [
        ("2026-11-10 10:00:01", True),
        ("2026-11-11 00:00:00", True),
        ("2026-11-17 00:00:00", True),
        (_WORKDAYS_IN_TIME, True),
        ("2026-11-17 23:59:59.999999", True),
        ("2026-11-18 00:00:00", False),
    ],
)
def test_seven_days_end_at_the_midnight_after_the_seventh(asked: str, eligible: bool) -> None:
    result = decide(purchase(), "no_reason", at(asked))
    assert result.eligible is eligible
    assert result.deadline == at(_WORKDAYS_IN_TIME)
    assert result.return_freight == ("buyer" if eligible else None)


@pytest.mark.parametrize("hour", ["00:00:00", "00:00:05", "12:00:00", "23:59:59"])
def test_the_hour_of_signing_never_matters(hour: str) -> None:
    assert decide(purchase(f"2026-11-10 {hour}"), "no_reason", at("2026-11-12 08:00:00")).deadline == at(
        _WORKDAYS_IN_TIME
    )


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata"])
def test_the_zone_of_the_notice_changes_nothing(zone: str) -> None:
    last, late = at(_WORKDAYS_IN_TIME), at("2026-11-18 00:00:00")
    assert decide(purchase(), "no_reason", last.astimezone(ZoneInfo(zone))).eligible is True
    assert decide(purchase(), "no_reason", late.astimezone(ZoneInfo(zone))).eligible is False


@pytest.mark.parametrize(
    ("signed", "deadline"),
    [("2024-02-22 09:00:00", "2024-02-29 23:59:59"), ("2025-12-29 09:00:00", "2026-01-05 23:59:59")],
)
def test_leap_days_and_years_are_plain_days(signed: str, deadline: str) -> None:
    assert deadline_after(at(signed), 7) == at(deadline)


def test_a_last_day_on_a_holiday_leaves_the_days_until_work_resumes_open() -> None:
    facts = purchase("2026-09-24 13:00:00")  # the seventh day is 1 October; work resumes on the 8th
    assert decide(facts, "no_reason", at("2026-10-01 23:59:59")).eligible is True
    assert decide(facts, "no_reason", at("2026-10-02 00:00:00")).eligible is None
    assert decide(facts, "no_reason", at("2026-10-08 23:59:59")).eligible is None
    assert decide(facts, "no_reason", at("2026-10-09 00:00:00")).eligible is False


@pytest.mark.parametrize(
    ("day", "off"),
    [(date(2026, 2, 14), False), (date(2026, 2, 16), True), (date(2025, 10, 8), True), (date(2024, 4, 7), False),
     (date(2026, 11, 14), True), (date(2030, 5, 1), True), (date(2030, 5, 3), False)],
)  # fmt: skip
def test_worked_weekends_and_holidays(day: date, off: bool) -> None:
    assert is_day_off(day) is off
    assert next_working_day(day) == day or off


@pytest.mark.parametrize(
    ("flags", "category", "eligible"),
    [
        ({"customized": True, "buyer_confirmed_no_return": True}, "jewelry", False),
        ({"customized": True}, "jewelry", None),
        ({"perishable": True, "marked_no_return": True}, "fresh_food", None),
        ({"digital_opened": True, "buyer_confirmed_no_return": True}, "software", False),
        ({}, "software", True),
        ({"buyer_confirmed_no_return": True}, "magazine", False),
        ({"buyer_confirmed_no_return": True, "opened_hygiene": True}, "underwear", False),
        ({"buyer_confirmed_no_return": True}, "underwear", None),
        (
            {"buyer_confirmed_no_return": True, "confirm_default_ticked": True, "opened_package": True},
            "underwear",
            True,
        ),
        ({"buyer_confirmed_no_return": True, "confirm_account_level": True}, "cosmetics", True),
        ({"opened_hygiene": True}, "cosmetics", False),
        ({"opened_hygiene": True}, "mother_baby", True),
        ({"opened_package": True}, "cosmetics", True),
        ({"activated": True, "buyer_confirmed_no_return": True}, "electronics", False),
        ({"activated": True}, "electronics", None),
        ({"buyer_confirmed_no_return": True}, "clothing", True),
        ({"expiring_or_flawed_disclosed": True}, "food", True),
        ({"expiring_or_flawed_disclosed": True, "buyer_confirmed_no_return": True}, "food", False),
        ({"tags_removed": True}, "clothing", False),
        ({"tried_on": True, "reasonable_test": True}, "shoes", True),
        ({"washed": True}, "home_textile", False),
        ({"accessories_missing": True}, "appliance", False),
        ({"serial_tampered": True}, "electronics", False),
        ({"data_residue": True}, "electronics", False),
        ({"abuse_suspected": True}, "clothing", None),
        ({"buyer_swap": True}, "bags", False),
    ],
)
def test_what_kind_of_goods_and_in_what_condition(flags: dict[str, bool], category: str, eligible: bool | None) -> None:
    result = decide(purchase(flags=flags, category=category), "no_reason", at("2026-11-12 10:00:00"))
    assert result.eligible is eligible
    assert result.return_freight == ("buyer" if eligible else None)


def test_a_late_notice_for_goods_in_doubt_is_late() -> None:
    assert decide(purchase(flags={"customized": True}), "no_reason", at("2026-11-18 00:00:00")).eligible is False


def test_a_longer_promise_binds_and_a_shorter_rule_is_void() -> None:
    rules = (Rule(layer="shop", no_reason_days=3, text="三天内可退"), Rule(layer="promise", no_reason_days=15))
    result = decide(purchase(rules=rules), "no_reason", at("2026-11-25 23:59:59"))
    assert result.eligible is True
    assert result.deadline == at("2026-11-25 23:59:59")
    assert [(void.layer, void.text) for void in result.void_rules] == [("shop", "三天内可退")]
    assert {(QR, 5), (XF, 26)} <= set(result.articles)


def test_a_rule_counts_only_while_it_is_in_force() -> None:
    ended = Rule(layer="shop", no_reason_days=30, effective_to=date(2026, 11, 17))
    assert decide(purchase(rules=(ended,)), "no_reason", at("2026-11-18 00:00:00")).eligible is False


def test_a_promise_for_excluded_goods_binds() -> None:
    promise = Rule(layer="promise", no_reason_days=15, covers_excluded=True)
    flags = {"customized": True, "buyer_confirmed_no_return": True}
    result = decide(purchase(flags=flags, rules=(promise,)), "no_reason", at("2026-11-20 10:00:00"))
    assert (result.eligible, result.deadline) == (True, at("2026-11-25 23:59:59"))


@pytest.mark.parametrize(("buyer", "eligible"), [("reseller", False), ("business", None)])
def test_who_buys_for_business(buyer: str, eligible: bool | None) -> None:
    result = decide(purchase(buyer=buyer), "no_reason", at("2026-11-12 10:00:00"))
    assert (result.eligible, result.deadline) == (eligible, None)


def test_offline_purchases_have_the_right_for_faults_only() -> None:
    flags = {"defective": True}
    assert decide(purchase(channel="offline"), "no_reason", at("2026-11-12 10:00:00")).eligible is False
    assert decide(purchase(channel="offline", flags=flags), "defective", at("2026-11-12 10:00:00")).eligible is True


def test_a_fault_is_the_sellers_even_for_excluded_goods_and_open_after_seven_days() -> None:
    facts = purchase(flags={"perishable": True, "defective": True, "tags_removed": True}, freight_paid_fen=1000)
    inside = decide(facts, "defective", at(_WORKDAYS_IN_TIME))
    late = decide(facts, "defective", at("2026-11-18 00:00:00"))
    assert (inside.eligible, inside.return_freight, inside.refund_fen) == (True, "seller", 20900)
    assert (late.eligible, late.return_freight) == (None, "seller")


def test_a_longer_time_for_faults_binds() -> None:
    facts = purchase(flags={"defective": True}, rules=(Rule(layer="shop", quality_days=15),))
    assert decide(facts, "defective", at("2026-11-25 23:59:59")).eligible is True
    assert decide(facts, "defective", at("2026-11-26 00:00:00")).eligible is None


@pytest.mark.parametrize(("paid", "fen"), [(10000, 50000), (16666, 50000), (16667, 50001), (268800, 806400)])
def test_fraud_is_three_times_but_at_least_five_hundred(paid: int, fen: int) -> None:
    result = decide(purchase(paid_fen=paid, flags={"fraud": True}), "fraud", at("2027-03-01 10:00:00"))
    assert (result.eligible, result.deadline, result.return_freight) == (True, None, "seller")
    assert (result.compensation, result.compensation_fen) == ("x3_min500", fen)


def test_fraud_with_food_is_another_statutes_and_alleged_fraud_a_persons() -> None:
    proved = decide(purchase(category="food", flags={"fraud": True}), "fraud", at("2026-11-12 10:00:00"))
    alleged = decide(purchase(), "fraud", at("2026-12-12 10:00:00"))
    assert (proved.compensation, proved.compensation_fen) == ("special_law", None)
    assert (alleged.eligible, alleged.compensation) == (None, "discretion")


def _parts(*parts: tuple[int, bool]) -> tuple[Part, ...]:
    return tuple(Part(list_fen=fen, returned=returned) for fen, returned in parts)


_TIERS = Promo(type="threshold", tiers=(Tier(min_fen=30000, off_fen=5000), Tier(min_fen=20000, off_fen=2000)))


@pytest.mark.parametrize(
    ("facts", "refund"),
    [
        ({"freight_paid_fen": 1000}, 19900),
        ({"gift": True, "gift_returned": True, "gift_price_fen": 2000}, 19900),
        ({"gift": True, "gift_price_fen": 2000}, 17900),
        ({"gift": True}, 19900),
        ({"paid_fen": 27000, "items": _parts((20000, False), (12000, True)), "promo": _TIERS}, 9000),
        ({"paid_fen": 27000, "items": _parts((12000, False), (20000, True)), "promo": _TIERS}, 15000),
        ({"paid_fen": 25000, "items": _parts((29900, False), (100, True)), "promo": _TIERS}, -2900),
        ({"paid_fen": 23900, "items": _parts((16900, False), (9900, True)), "promo": Promo(type="bundle")}, 7000),
        ({"paid_fen": 10800, "items": _parts((5900, False), (4900, True)), "free_ship_threshold_fen": 9900,
          "base_ship_fee_fen": 800}, 4100),
    ],
)  # fmt: skip
def test_how_much_comes_back(facts: dict[str, object], refund: int) -> None:
    assert decide(purchase(**facts), "no_reason", at("2026-11-12 10:00:00")).refund_fen == refund


def test_vouchers_come_back_in_kind() -> None:
    result = decide(purchase(coupon_fen=2000, points_fen=100), "no_reason", at("2026-11-12 10:00:00"))
    assert result.returns_in_kind == ("coupon", "points")


def test_a_statute_not_yet_in_force_is_not_cited() -> None:
    early = decide(purchase("2024-06-03 10:00:00"), "no_reason", at("2024-06-05 10:00:00"))
    later = decide(purchase("2024-07-03 10:00:00"), "no_reason", at("2024-07-05 10:00:00"))
    assert TL not in {doc for doc, _ in early.articles}
    assert TL in {doc for doc, _ in later.articles}


@pytest.mark.parametrize(
    "text", ["一经拆封概不退换", "签收3天内可退", "直播福利款不退不换", "退货收取10%折旧费", "只换不退"]
)
def test_rules_that_give_less_are_seen(text: str) -> None:
    assert undercuts(text)


@pytest.mark.parametrize("text", ["15天无理由退货", "退货包运费", "刻字款同样15天无理由", "三十天无理由退货"])
def test_rules_that_give_more_are_not(text: str) -> None:
    assert not undercuts(text)


_INSTANTS = st.integers(0, 4 * 366 * 86400).map(lambda second: at("2024-01-01 00:00:00") + timedelta(seconds=second))
_FLAGS = st.fixed_dictionaries({}, optional={name: st.booleans() for name in Flags.model_fields})
_REASONS = st.sampled_from(["no_reason", "defective", "wrong_item", "not_as_described", "fraud"])
_CATEGORIES = st.sampled_from(["clothing", "underwear", "food", "cosmetics", "electronics", "software", "book", "pet"])
_RANK = {False: 0, None: 1, True: 2}


@given(_INSTANTS, st.integers(0, 40 * 86400), st.integers(0, 60), st.integers(0, 60), _FLAGS, _CATEGORIES, _REASONS)
def test_more_days_are_never_worse(
    signed: datetime, wait_s: int, few: int, more: int, flags: dict[str, bool], category: str, reason: Reason
) -> None:
    asked = signed + timedelta(seconds=wait_s)

    def ask(days: int) -> int:
        facts = purchase(flags=flags, category=category, rules=(Rule(layer="promise", no_reason_days=days),))
        return _RANK[decide(facts.model_copy(update={"signed_at": signed}), reason, asked).eligible]

    assert ask(few) <= ask(few + more)


@given(_INSTANTS, st.integers(0, 40 * 86400), st.integers(0, 40 * 86400), _FLAGS, _CATEGORIES, _REASONS)
def test_asking_later_is_never_better(
    signed: datetime, sooner_s: int, wait_s: int, flags: dict[str, bool], category: str, reason: Reason
) -> None:
    facts = purchase(flags=flags, category=category).model_copy(update={"signed_at": signed})
    sooner = signed + timedelta(seconds=sooner_s)
    first, second = (decide(facts, reason, when) for when in (sooner, sooner + timedelta(seconds=wait_s)))
    assert _RANK[first.eligible] >= _RANK[second.eligible]
    assert first.return_freight != "buyer" or first.eligible is True
    assert (first.compensation_fen is not None) == (first.compensation == "x3_min500")
    assert first.path


@given(_INSTANTS, st.integers(0, 60))
def test_the_deadline_is_the_last_second_of_a_beijing_day(event: datetime, days: int) -> None:
    deadline = deadline_after(event, days)
    assert f"{deadline:%H:%M:%S%z}" == "23:59:59+0800"
    assert timedelta(days=days) <= deadline + timedelta(seconds=1) - event <= timedelta(days=days + 1)
    assert within(deadline, deadline)
    assert not within(deadline + timedelta(seconds=1), deadline)
