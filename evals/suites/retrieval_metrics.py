"""Ranking metrics over one query's list of ids, and the paired bootstrap that compares two systems."""

import math
from collections.abc import Collection, Hashable, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict


def hit_at_k(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    return float(any(item in relevant for item in ranked[:k]))


def recall_at_k(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """Share of the relevant ids among the first k; 0 when nothing is relevant."""
    return len(set(ranked[:k]) & set(relevant)) / len(set(relevant)) if relevant else 0.0


def mrr(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int = 10) -> float:
    """Reciprocal rank of the first relevant id within k, else 0."""
    return next((1 / rank for rank, item in enumerate(ranked[:k], 1) if item in relevant), 0.0)


def ndcg_at_10(ranked: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """Binary gains; an id listed twice counts once."""
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(10, len(set(relevant))) + 1))
    first = list(dict.fromkeys(ranked))[:10]
    gained = sum(1 / math.log2(rank + 1) for rank, item in enumerate(first, 1) if item in relevant)
    return gained / ideal if ideal else 0.0


class Comparison(BaseModel):
    """Mean of `ours - theirs` with its 95 % interval; `worse` when the whole interval lies below zero."""

    model_config = ConfigDict(frozen=True)

    mean: float
    low: float
    high: float

    @property
    def worse(self) -> bool:
        return self.high < 0


def paired_bootstrap(ours: Sequence[float], theirs: Sequence[float], rounds: int = 2000, seed: int = 0) -> Comparison:
    """Resamples queries. Raises: ValueError when the two are not the same non-empty queries."""
    if len(ours) != len(theirs) or not ours:
        raise ValueError("a paired comparison needs the same queries on both sides")
    gaps = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    picks = np.random.default_rng(seed).integers(0, len(gaps), size=(rounds, len(gaps)))
    low, high = np.percentile(gaps[picks].mean(axis=1), [2.5, 97.5])
    return Comparison(mean=float(gaps.mean()), low=float(low), high=float(high))
