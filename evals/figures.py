"""Rates that carry their n and interval, and means that do not pretend to."""

import json
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.stats import wilson
from knowledge.kit.errors import InvalidInputError

Row = dict[str, Any]


def rate(key: str, outcomes: Collection[bool]) -> dict[str, Any]:
    """{key, key_n, key_ci}; null when there is nothing to count."""
    n, k = len(outcomes), sum(outcomes)
    if not n:
        return {key: None, f"{key}_n": 0, f"{key}_ci": None}
    return {key: round(k / n, 4), f"{key}_n": n, f"{key}_ci": [round(bound, 4) for bound in wilson(k, n)]}


def mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if len(values) else None


def mean_with_interval(key: str, values: Sequence[float]) -> dict[str, Any]:
    """For values between 0 and 1 that are not yes or no: the normal 95 % interval of their mean."""
    if not len(values):
        return {key: None, f"{key}_n": 0, f"{key}_ci": None}
    middle = float(np.mean(values))
    half = 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    interval = [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]
    return {key: round(middle, 4), f"{key}_n": len(values), f"{key}_ci": interval}


def percentile(values: Sequence[float], share: float) -> float | None:
    return round(float(np.percentile(values, share)), 1) if len(values) else None


def folded(text: str) -> str:
    """NFKC without white space: how answers and key facts are compared and counted."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_rows(path: Path) -> list[Row]:
    """JSONL. Raises: InvalidInputError naming file and line."""
    if not path.exists():
        raise InvalidInputError(f"{path} does not exist.", field="--data", rule="an existing file")
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise InvalidInputError(f"{path.name} line {number}: {error.msg}.", row=number, rule="JSON") from error
    return rows
