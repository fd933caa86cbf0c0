"""Rates with their uncertainty."""

from math import sqrt

_Z95 = 1.959963984540054


def wilson(k: int, n: int) -> tuple[float, float]:
    """95 % score interval for k of n (Wilson 1927); (0, 1) when n is 0."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no rate")
    if n == 0:
        return 0.0, 1.0
    share, z2 = k / n, _Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)
