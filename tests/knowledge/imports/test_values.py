"""Cells as people write them, each with what it becomes or the rule it breaks."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.imports.instants import day, end, instant
from knowledge.imports.refusal import BrokenRuleError
from knowledge.imports.values import boolean, choice, email, fen, identifier, integer, money, phone, text, words
from knowledge.kit.clock import SHANGHAI


def _at(*parts: int) -> datetime:
    """A Shanghai wall clock as UTC."""
    return datetime(*parts, tzinfo=UTC) - timedelta(hours=8)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("parse", "raw", "value"),
    [
        (money, "129", 12900), (money, "¥129.00", 12900), (money, "￥129.9", 12990), (money, "1,299元", 129900),
        (money, "1,299,000.05", 129900005), (money, "0", 0), (money, "0.01", 1),
        (fen, "12900", 12900), (fen, "12900.0", 12900), (fen, "129分", 129),
        (identifier, "00123", "00123"), (identifier, '="00123"', "00123"), (identifier, "'00123", "00123"),
        (identifier, "1e-shop", "1e-shop"),
        (integer(0), "0", 0), (integer(0), "1,200", 1200), (integer(0), "12.0", 12),
        (boolean, "是", True), (boolean, "否", False), (boolean, "TRUE", True), (boolean, "0", False),
        (choice({"待付款": "unpaid", "unpaid": "unpaid"}), "待付款", "unpaid"),
        (choice({"待付款": "unpaid", "unpaid": "unpaid"}), "UNPAID", "unpaid"),
        (phone, "13800138000", "13800138000"), (phone, "138****8000", "138****8000"), (phone, "+86 010-88886666",
         "+86 010-88886666"),
        (email, "a@b.cn", "a@b.cn"),
        (words, "帐篷、营帐；帐篷", ["帐篷", "营帐"]),
        (instant, "2026-11-01 09:05:06", _at(2026, 11, 1, 9, 5, 6)),
        (instant, "2026-11-01T09:05:06+00:00", datetime(2026, 11, 1, 9, 5, 6, tzinfo=UTC)),
        (instant, "2026-11-01T09:05:06Z", datetime(2026, 11, 1, 9, 5, 6, tzinfo=UTC)),
        (instant, "2026/11/1 9:05", _at(2026, 11, 1, 9, 5)),
        (instant, "2026.11.1", _at(2026, 11, 1)),
        (instant, "2026年11月1日 9时5分6秒", _at(2026, 11, 1, 9, 5, 6)),
        (instant, "2026年11月1日9时5分", _at(2026, 11, 1, 9, 5)),
        (instant, "2026/11/1 下午3:20", _at(2026, 11, 1, 15, 20)),
        (instant, "2026/11/1 上午12:20", _at(2026, 11, 1, 0, 20)),
        (instant, "2026-11-01 24:00", _at(2026, 11, 2)),
        (instant, "20261101", _at(2026, 11, 1)),
        (instant, "20261101090506", _at(2026, 11, 1, 9, 5, 6)),
        (instant, "1793494800", datetime.fromtimestamp(1793494800, UTC)),
        (instant, "1793494800123", datetime.fromtimestamp(1793494800, UTC) + timedelta(milliseconds=123)),
        (day, "2026年11月1日", date(2026, 11, 1)),
        (day, "2026-10-31T20:00:00Z", date(2026, 11, 1)),
        (end, "2026-11-11", _at(2026, 11, 12)),
        (end, "2026-11-11 23:59:59", _at(2026, 11, 12)),
        (end, "2026-11-11 23:59", _at(2026, 11, 12)),
        (end, "2026-11-11 20:00", _at(2026, 11, 11, 20)),
    ],
)  # fmt: skip
def test_a_cell_is_read(parse: Callable[[str], Any], raw: str, value: Any) -> None:
    assert parse(raw) == value


@pytest.mark.parametrize(
    ("parse", "raw", "rule"),
    [
        (money, "129.005", "2 decimals"), (money, "129.000", "2 decimals"), (money, "-1", "not negative"),
        (money, "¥-1", "not negative"), (money, "1.29e2", "yuan"), (money, "1.29E+05", "yuan"), (money, "12万", "yuan"),
        (money, "1,29", "yuan"), (money, "$5", "yuan"), (money, "129.", "yuan"), (money, "99999999999999", "at most"),
        (money, "面议", "yuan"), (fen, "129.5", "whole fen"), (fen, "-1", "whole fen"),
        (identifier, "1.23E+18", "scientific"), (identifier, "a\nb", "control"), (identifier, "x" * 65, "64"),
        (integer(0), "-1", "at least 0"), (integer(1), "0", "from 1"), (integer(0), "1.5", "whole"),
        (integer(0), "2147483648", "from 0"), (integer(0), "一", "whole"),
        (boolean, "也许", "是 or 否"), (choice({"待付款": "unpaid"}), "飞走了", "unpaid"),
        (phone, "call me", "phone"), (email, "a.b.cn", "e-mail"), (text(3), "四个字了", "at most 3"),
        (instant, "11/01/2026", "2026-11-01"), (instant, "2026-02-30", "exist"), (instant, "2026-13-01", "exist"),
        (instant, "1970-01-01", "2000"), (instant, "昨天", "2026-11-01"), (instant, "2026-11-01 25:00", "exist"),
        (instant, "45962", "2026-11-01"), (day, "2026-02-29", "exist"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_told_its_rule(parse: Callable[[str], Any], raw: str, rule: str) -> None:
    with pytest.raises(BrokenRuleError, match=rule):
        parse(raw)


@given(st.integers(min_value=0, max_value=10**13))
def test_every_amount_survives_being_written_out(amount: int) -> None:
    yuan, cents = divmod(amount, 100)
    assert money(f"{yuan}.{cents:02d}") == money(f"¥{yuan:,}.{cents:02d}元") == amount


@given(st.integers(min_value=946_800_000, max_value=4_102_300_000))
def test_every_instant_survives_being_written_out(seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    wall = at.astimezone(SHANGHAI)
    written = (f"{wall:%Y-%m-%d %H:%M:%S}", f"{wall:%Y年%m月%d日 %H:%M:%S}", f"{wall:%Y%m%d%H%M%S}", wall.isoformat())
    assert {instant(form) for form in written} == {at}


@given(st.text(min_size=1))
def test_no_cell_breaks_a_parser(raw: str) -> None:
    for parse in (money, fen, identifier, integer(0), boolean, phone, email, instant, end, day, words):
        with suppress(BrokenRuleError):
            parse(raw)
