"""Floors a change may not fall through: evals/gates.yaml, read by suite and, where given, by data set."""

from importlib import resources
from typing import Any

import yaml


def failures(suite: str, data: str, metrics: dict[str, Any]) -> list[str]:
    """One line for each figure that is missing or on the wrong side of its floor (or ceiling)."""
    gates = yaml.safe_load((resources.files("evals") / "gates.yaml").read_text("utf-8"))
    rules = {**gates.get(suite, {}).get("any", {}), **gates.get(suite, {}).get(data, {})}
    missed = []
    for path, rule in rules.items():
        value: Any = metrics
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        bound, least = (rule["least"], True) if "least" in rule else (rule["most"], False)
        if value is None or (value < bound if least else value > bound):
            missed.append(f"{suite}/{data}: {path} is {value}, must be {'at least' if least else 'at most'} {bound}")
    return missed
