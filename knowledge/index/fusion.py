"""Two legs on one scale: per-query min-max, then a weighted sum, because ranks alone (RRF) throw the margins away."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Leg = Literal["both", "dense", "lexical", "none"]

DENSE_WEIGHT = 0.6
TITLE_DENSE_WEIGHT = 0.3
_TITLE_LENGTH = 120
_SENTENCE_END = re.compile(r"[。；;?？]|[，,].*[，,]|[\n]")


def title_like(text: str) -> bool:
    """A product title or tag list: short, no sentence. Word for word matches decide there, meaning misleads."""
    return len(text) <= _TITLE_LENGTH and not _SENTENCE_END.search(text)


def dense_weight(text: str) -> float:
    """From the shape of the text alone, so that titles and policies can share one collection."""
    return TITLE_DENSE_WEIGHT if title_like(text) else DENSE_WEIGHT


def min_max(scores: Floats, low: float | None = None) -> Floats:
    """To 0..1 within one query; equal scores become 0. `low` replaces the smallest score as the zero point."""
    if not scores.size:
        return scores
    floor = float(scores.min()) if low is None else low
    span = float(scores.max()) - floor
    if span <= 1e-9:
        return np.zeros_like(scores)
    return np.asarray(np.clip((scores - floor) / span, 0.0, 1.0), dtype=np.float32)


@dataclass(frozen=True)
class Fused:
    """`legs` tells which searches took part: anything but `both` is a degraded answer."""

    scores: Floats
    legs: Leg


def fuse(dense: Floats | None, lexical: Floats | None, weights: Floats) -> Fused:
    """Arrays are aligned, one entry a chunk; `weights` is the share of the dense leg per chunk. A missing leg (None)
    leaves the other alone; a lexical leg without any match is a found nothing, not a missing leg."""
    if dense is None and lexical is None:
        return Fused(np.zeros_like(weights), "none")
    if dense is None:
        assert lexical is not None
        return Fused(min_max(lexical, low=0.0), "lexical")
    if lexical is None:
        return Fused(min_max(dense), "dense")
    return Fused(weights * min_max(dense) + (1 - weights) * min_max(lexical, low=0.0), "both")
