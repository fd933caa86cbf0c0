"""What every suite takes and returns; the command knows suites by nothing else."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Row = dict[str, Any]


@dataclass(frozen=True)
class Options:
    data: Path
    corpus: Path | None
    writer: Literal["offline", "llm", "raw"]
    limit: int | None
    seed: int
    now: datetime
    cards: bool
    progress: Callable[[str], None]
    ops: int = 100_000
    processes: int = 8


@dataclass(frozen=True)
class Outcome:
    """`metrics` is the JSON object; `predictions` one frozen row a case; `worst` the cases to look at first."""

    metrics: dict[str, Any]
    predictions: list[Row]
    worst: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Suite = Callable[[Options], Coroutine[Any, Any, Outcome]]
