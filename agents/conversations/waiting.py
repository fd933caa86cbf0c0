"""How long a shopper who waits for a person may have to wait."""

from collections.abc import Mapping
from typing import Any

AVERAGE_HANDLING_S = 180
"""Where the shop's settings have no `average_handling_s`: the platforms' three-minute rule for a first human reply."""


def expected_wait_s(position: int, settings: Mapping[str, Any]) -> int:
    """Position × the shop's average handling time, as though one person worked: the longest of the likely waits.
    0 once somebody has taken the conversation."""
    told = settings.get("average_handling_s")
    average = int(told) if isinstance(told, int | float) and 1 <= told <= 86_400 else AVERAGE_HANDLING_S
    return position * average
