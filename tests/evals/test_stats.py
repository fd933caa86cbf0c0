import pytest

from evals.stats import wilson


def test_wilson_agrees_with_published_values() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-4)  # Newcombe 1998, table I
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-4)


def test_wilson_stays_within_bounds_and_narrows_with_n() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(10, 10)[1] == pytest.approx(1.0)
    wide, narrow = wilson(8, 10), wilson(800, 1000)
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


@pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3)])
def test_wilson_refuses_what_is_no_rate(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        wilson(k, n)
