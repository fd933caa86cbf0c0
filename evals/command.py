"""`livecrew eval SUITE`: one contract for all suites. Progress to stderr, figures to stdout, gates to the exit code."""

import argparse
import asyncio
import json
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from evals.contract import Options, Suite
from evals.gates import failures
from evals.report import write_report
from knowledge.kit.errors import InvalidInputError

_SUITES = {
    "retrieval": "evals.suites.retrieval:run",
    "law_qa": "evals.suites.law_qa:run",
    "grounding": "evals.suites.guard_suites:grounding",
    "perturbation": "evals.suites.guard_suites:perturbation",
    "support_messages": "evals.suites.guard_suites:support_messages",
    "return_policy": "evals.suites.return_policy:run",
    "startup": "evals.suites.startup:run",
    "imports": "evals.suites.imports:run",
    "questions": "evals.suites.questions:run",
    "load": "evals.suites.load:run",
    "conversations": "evals.suites.conversations:run",
    "queue": "evals.suites.queue:run",
}
_DEFAULT_NOW = "2026-11-01T12:00:00+08:00"


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"livecrew {name}", description=__doc__)
    parser.add_argument("suite", choices=sorted(_SUITES), help="what to evaluate")
    parser.add_argument("--data", type=Path, default=Path(), help="a JSONL file; for retrieval a folder")
    parser.add_argument("--corpus", type=Path, help="folder whose every file is ingested (law_qa)")
    parser.add_argument("--writer", choices=("offline", "llm", "raw"), default="offline")
    parser.add_argument("--limit", type=int, help="only the first N cases")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--now", default=_DEFAULT_NOW, help="the instant the clock stands at (default %(default)s)")
    parser.add_argument("--no-cards", action="store_true", help="leave the shipped law cards out")
    parser.add_argument("--ops", type=int, default=100_000, help="random operations (queue)")
    parser.add_argument("--processes", type=int, default=8, help="processes that work at once (queue)")
    parser.add_argument("--predictions", type=Path, help="write one JSON row per case")
    parser.add_argument("--report", type=Path, help="write one self-contained HTML file into this folder")
    parser.add_argument("--gate", action="store_true", help="exit 1 where a figure is below evals/gates.yaml")
    parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
    return parser


def run(name: str, arguments: list[str]) -> int:
    given = _parser(name).parse_args(arguments)
    options = _options(given)
    outcome = asyncio.run(_suite(given.suite)(options))
    metrics = {"suite": given.suite, "now": options.now.isoformat(), **outcome.metrics, "notes": outcome.notes}
    missed = failures(given.suite, given.data.stem, metrics) if given.gate else []
    if given.predictions:
        rows = (json.dumps(row, ensure_ascii=False) for row in outcome.predictions)
        given.predictions.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    if given.report:
        sys.stderr.write(f"report: {write_report(given.report, given.suite, metrics, outcome)}\n")
    _show(metrics, as_json=given.json)
    for line in missed:
        sys.stderr.write(f"gate: {line}\n")
    return 1 if missed else 0


def _suite(name: str) -> Suite:
    module, function = _SUITES[name].split(":")
    suite: Suite = getattr(import_module(module), function)
    return suite


def _options(given: argparse.Namespace) -> Options:
    try:
        now = datetime.fromisoformat(given.now)
    except ValueError as error:
        raise InvalidInputError(f"--now {given.now} is no ISO instant.", field="--now", rule="ISO 8601") from error
    if now.tzinfo is None:
        raise InvalidInputError("--now needs an offset, such as +08:00.", field="--now", rule="an aware instant")
    return Options(
        data=given.data,
        corpus=given.corpus,
        writer=given.writer,
        limit=given.limit,
        seed=given.seed,
        now=now,
        cards=not given.no_cards,
        progress=_progress,
        ops=given.ops,
        processes=given.processes,
    )


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
    elif line.rpartition(" ")[2].partition("/")[0].endswith("00"):
        sys.stderr.write(f"{line}\n")


def _show(metrics: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(metrics, ensure_ascii=False) + "\n")
        return
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    for key, value in _flat(metrics):
        sys.stdout.write(f"{key:<44} {value}\n")


def _flat(metrics: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in metrics.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", value))
    return rows
