"""How long a shopper who waits for a person may have to wait. Pure."""

from collections.abc import Mapping
from typing import Any

AVERAGE_HANDLING_S = 180
"""Where neither the shop nor its past tells: the platforms' three-minute rule for a first human reply."""
_LEAST_S, _MOST_S = 30, 3600


def average_handling_s(settings: Mapping[str, Any], measured_s: float | None) -> int:
    """What the shop set, else what its latest handoffs took, else the platforms' rule."""
    told = settings.get("average_handling_s")
    if isinstance(told, int | float) and 1 <= told <= 86_400:
        return int(told)
    return int(min(max(measured_s, _LEAST_S), _MOST_S)) if measured_s is not None else AVERAGE_HANDLING_S


def expected_wait_s(position: int, average_s: int, operators: int) -> int:
    """The longest of the likely waits: as many at a time as there are operators, one where nobody is there yet.
    0 once somebody has taken the conversation."""
    return -(-position // max(operators, 1)) * average_s
