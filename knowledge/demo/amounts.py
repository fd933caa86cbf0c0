"""What an order of the demo shop comes to, by the shop's own rules for 满减, coupons and freight (policies/)."""

from collections.abc import Sequence
from dataclasses import dataclass

_FREE_FREIGHT_FROM_FEN = 5900
_FREIGHT_FEN = 800
_REMOTE_FREIGHT_FEN = 2000
_REDUCTIONS = ((39900, 5000), (19900, 2000))
_FREE_FREIGHT_TIER = "金卡会员"


@dataclass(frozen=True)
class Line:
    """`free_freight`: fresh or large goods, which pay no freight; fresh ones take no part in 满减."""

    fen: int
    fresh: bool
    free_freight: bool


@dataclass(frozen=True)
class Amounts:
    """`lines_fen` is what is paid for each line, freight apart."""

    lines_fen: tuple[int, ...]
    discount_fen: int
    freight_fen: int

    @property
    def total_fen(self) -> int:
        return sum(self.lines_fen) + self.freight_fen


def amounts(lines: Sequence[Line], *, coupon_fen: int, tier: str, remote: bool) -> Amounts:
    reducible = [0 if line.fresh else line.fen for line in lines]
    reduction = next((off for least, off in _REDUCTIONS if sum(reducible) >= least), 0)
    taken = [
        off + coupon
        for off, coupon in zip(
            _shared(reduction, reducible), _shared(coupon_fen, [line.fen for line in lines]), strict=True
        )
    ]
    paid = tuple(line.fen - off for line, off in zip(lines, taken, strict=True))
    return Amounts(paid, sum(taken), _freight(lines, sum(paid), tier, remote))


def _freight(lines: Sequence[Line], paid_fen: int, tier: str, remote: bool) -> int:
    if remote:
        return _REMOTE_FREIGHT_FEN
    free = tier == _FREE_FREIGHT_TIER or any(line.free_freight for line in lines)
    return 0 if free or paid_fen >= _FREE_FREIGHT_FROM_FEN else _FREIGHT_FEN


def _shared(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """In proportion, to the fen; the last line with a weight takes what rounding leaves."""
    total = sum(weights)
    if not amount_fen or not total:
        return [0] * len(weights)
    shares = [amount_fen * weight // total for weight in weights]
    last = max(index for index, weight in enumerate(weights) if weight)
    shares[last] += amount_fen - sum(shares)
    return shares
