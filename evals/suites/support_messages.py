"""Suite support_messages: the triage decision alone, scored against hand-labelled messages."""

import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.support.triage_types import Triage, Utterance
from evals.stats import wilson

Row = Mapping[str, Any]
TriageFn = Callable[[str, Sequence[Utterance]], Triage]


def _predict(row: Row, triage_fn: TriageFn) -> dict[str, Any]:
    """Only message and history are shown to the pipeline; labels never are."""
    history = [Utterance(role=entry["role"], text=entry["text"]) for entry in row.get("history") or []]
    started = time.perf_counter()
    result = triage_fn(row["message"], history)
    return {
        "id": row["id"],
        "must_handoff": result.must_handoff,
        "handoff_reason": None if result.handoff_reason is None else str(result.handoff_reason),
        "intents": [str(intent) for intent in result.intents],
        "slots": dict(result.slots),
        "sentiment": result.sentiment,
        "ms": round((time.perf_counter() - started) * 1000, 3),
    }


def _same(one: object, other: object) -> bool:
    return unicodedata.normalize("NFKC", str(one)) == unicodedata.normalize("NFKC", str(other))


def _rate(key: str, k: int, n: int) -> dict[str, Any]:
    if n == 0:
        return {key: None, f"{key}_n": 0, f"{key}_ci": None}
    low, high = wilson(k, n)
    return {key: round(k / n, 4), f"{key}_n": n, f"{key}_ci": [round(low, 4), round(high, 4)]}


def _handoff(pairs: list[tuple[Row, dict[str, Any]]]) -> dict[str, Any]:
    due = [(row, said) for row, said in pairs if row["must_handoff"]]
    rest = [said for row, said in pairs if not row["must_handoff"]]
    caught = [(row, said) for row, said in due if said["must_handoff"]]
    right = sum(said["handoff_reason"] == row["handoff_reason"] for row, said in caught)
    return {
        **_rate("handoff_recall", len(caught), len(due)),
        **_rate("over_handoff", sum(said["must_handoff"] for said in rest), len(rest)),
        **_rate("reason_accuracy", right, len(caught)),
    }


def _by_reason(pairs: list[tuple[Row, dict[str, Any]]]) -> dict[str, dict[str, int]]:
    due = Counter(row["handoff_reason"] for row, _ in pairs if row["must_handoff"])
    caught = Counter(row["handoff_reason"] for row, said in pairs if row["must_handoff"] and said["must_handoff"])
    right = Counter(
        row["handoff_reason"]
        for row, said in pairs
        if row["must_handoff"] and said["handoff_reason"] == row["handoff_reason"]
    )
    return {reason: {"n": n, "caught": caught[reason], "right": right[reason]} for reason, n in sorted(due.items())}


def _intent_f1(pairs: list[tuple[Row, dict[str, Any]]]) -> float | None:
    both = sum(len(set(row["intents"]) & set(said["intents"])) for row, said in pairs)
    total = sum(len(set(row["intents"])) + len(set(said["intents"])) for row, said in pairs)
    return round(2 * both / total, 4) if total else None


def score(rows: Sequence[Row], predictions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Predictions are matched by id; a row without one raises KeyError."""
    said = {str(prediction["id"]): dict(prediction) for prediction in predictions}
    pairs = [(row, said[str(row["id"])]) for row in rows]
    slots = [(value, p["slots"].get(name)) for row, p in pairs for name, value in (row.get("slots") or {}).items()]
    moods = sum(row["sentiment"] == p["sentiment"] for row, p in pairs)
    return {
        "n": len(pairs),
        **_handoff(pairs),
        "intent_f1": _intent_f1(pairs),
        **_rate("slot_recall", sum(found is not None and _same(value, found) for value, found in slots), len(slots)),
        **_rate("sentiment_accuracy", moods, len(pairs)),
        "by_reason": _by_reason(pairs),
    }


def run(rows: Sequence[Row], triage_fn: TriageFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    predictions = [_predict(row, triage_fn) for row in rows]
    return score(rows, predictions), predictions
