"""Fits the answerability lines: `python -m evals.fit_gate ROWS.jsonl > agents/support/gate_weights.yaml`.

A row is {collection, group, answerable, features}: features as `gate_features.features_of` gives them, one row a
question and collection; rows of one group (one question in several collections) stay in one fold. Every collection
and label weighs the same, so a large set does not decide for a small one. Ridge logistic regression, Newton steps.
"""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from agents.support.wordings import FOILS, TOOLS
from evals.figures import read_rows
from knowledge.runtime import build_embedder
from knowledge.settings import KnowledgeSettings

Floats = NDArray[np.float64]
Row = dict[str, Any]

_RIDGE = 4.0
_STEPS = 60
_FOLDS = 8
_WORDS = ("coverage", "characters")  # add nothing to cosines that the lexical score does not
_DENSE = ("dense", "dense_rest", "asked_share", "margin")


def fit(values: Floats, labels: Floats, weights: Floats) -> tuple[Floats, float]:
    """Coefficients and bias for raw values; the ridge acts on standardised ones and spares the bias."""
    mean, scale = values.mean(0), values.std(0) + 1e-9
    design = np.c_[(values - mean) / scale, np.ones(len(values))]
    ridge = np.eye(design.shape[1]) * _RIDGE
    ridge[-1, -1] = 1e-9
    line = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        odds = 1 / (1 + np.exp(-design @ line))
        slope = design.T @ (weights * (odds - labels)) + ridge @ line
        curve = (design.T * (weights * odds * (1 - odds))) @ design + ridge
        line -= np.linalg.solve(curve, slope)
    coefficients = line[:-1] / scale
    return coefficients, float(line[-1] - coefficients @ mean)


def _arrays(rows: Sequence[Row], names: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    sizes = Counter((row["collection"], row["answerable"]) for row in rows)
    share = len(rows) / len(sizes)
    return (
        np.array([[row["features"][name] for name in names] for row in rows], dtype=np.float64),
        np.array([float(row["answerable"]) for row in rows]),
        np.array([share / sizes[row["collection"], row["answerable"]] for row in rows]),
    )


def held_out(rows: Sequence[Row], names: Sequence[str]) -> list[float]:
    """The score of each row under a line that saw no row of its fold."""
    folds = [int(hashlib.md5(row["group"].encode(), usedforsecurity=False).hexdigest(), 16) % _FOLDS for row in rows]
    scores = [0.0] * len(rows)
    for fold in range(_FOLDS):
        seen = [row for row, at in zip(rows, folds, strict=True) if at != fold]
        coefficients, bias = fit(*_arrays(seen, names))
        for place, row in enumerate(rows):
            if folds[place] == fold:
                scores[place] = bias + float(coefficients @ [row["features"][name] for name in names])
    return scores


def _figures(
    rows: Sequence[Row], scores: Sequence[float], least: float, asked_least: float
) -> dict[str, dict[str, float]]:
    told: dict[str, dict[str, float]] = {}
    for name in sorted({row["collection"] for row in rows}):
        silent: dict[bool, list[bool]] = {True: [], False: []}
        for row, score in zip(rows, scores, strict=True):
            if row["collection"] == name:
                silent[bool(row["answerable"])].append(score < least + asked_least * row["features"]["asked_share"])
        told[name] = {
            "answerable": len(silent[True]),
            "unanswerable": len(silent[False]),
            "false_abstain": round(float(np.mean(silent[True])), 3),
            "abstain_on_unanswerable": round(float(np.mean(silent[False])), 3),
        }
    return told


def fitted(rows: Sequence[Row], names: Sequence[str], least: float, asked_least: float) -> dict[str, Any]:
    coefficients, bias = fit(*_arrays(rows, names))
    return {
        "bias": round(bias, 4),
        "least": least,
        "asked_least": asked_least,
        "weights": {name: round(float(value), 4) for name, value in zip(names, coefficients, strict=True)},
        "cross_validated": _figures(rows, held_out(rows, names), least, asked_least),
    }


def embed_wordings() -> None:
    """Run after changing gate_foils.yaml or tool_wordings.yaml; after the first the fit must follow."""
    embedder = build_embedder(KnowledgeSettings())
    for bank in (FOILS, TOOLS):
        rows = embedder.embed_passages(bank.texts).astype(np.float16)
        np.savez_compressed(bank.vectors_path, embedder=embedder.id, digest=bank.digest(), rows=rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path, nargs="?")
    parser.add_argument("--least", type=float, default=-0.1)
    parser.add_argument("--asked-least", type=float, default=0.6)
    parser.add_argument("--embed", action="store_true", help="write the vectors of the shipped wordings and stop")
    options = parser.parse_args(arguments)
    if options.embed:
        embed_wordings()
        return
    rows = read_rows(options.rows)
    names = list(rows[0]["features"])
    without = {"foils": _WORDS, "meaning_and_words": ("foil",), "words": ("foil", *_DENSE)}
    lines = {
        line: fitted(rows, [name for name in names if name not in left_out], options.least, options.asked_least)
        for line, left_out in without.items()
    }
    sys.stdout.write(
        "# Written by evals/fit_gate.py; do not edit. Log-odds per unit of each feature of gate_features.py.\n"
        f"# {len(rows)} rows of {len({row['group'] for row in rows})} questions, {_FOLDS} folds by question.\n"
    )
    yaml.safe_dump(lines, sys.stdout, sort_keys=False)


if __name__ == "__main__":
    main()
