import pytest

from agents.conversations.waiting import AVERAGE_HANDLING_S, expected_wait_s


@pytest.mark.parametrize(
    ("position", "settings", "seconds"),
    [
        (0, {"average_handling_s": 60}, 0),
        (3, {"average_handling_s": 60}, 180),
        (2, {}, 2 * AVERAGE_HANDLING_S),
        (1, {"average_handling_s": "soon"}, AVERAGE_HANDLING_S),
        (1, {"average_handling_s": 0}, AVERAGE_HANDLING_S),
        (1, {"average_handling_s": -5}, AVERAGE_HANDLING_S),
        (1, {"average_handling_s": 90.5}, 90),
    ],
)
def test_the_wait_is_position_times_the_shop_s_average(
    position: int, settings: dict[str, object], seconds: int
) -> None:
    assert expected_wait_s(position, settings) == seconds
