import random
from collections.abc import Sequence
from typing import Any

from agents.handoff.reasons import HandoffReason
from agents.support.triage import triage
from agents.support.triage_types import Intent, Triage, Utterance
from evals.suites.support_messages import run, score


def _row(id_: str, message: str, reason: str | None, **more: Any) -> dict[str, Any]:
    row = {"id": id_, "message": message, "history": [], "intents": ["other"], "slots": {}, "sentiment": "neu"}
    return row | {"must_handoff": reason is not None, "handoff_reason": reason} | more


_ROWS = [
    _row("a", "转人工", "customer_request", intents=["human_request"]),
    _row("b", "脸上起红疹", "safety", intents=["safety_injury"], sentiment="neg"),
    _row("c", "羽绒服多重", None, intents=["product_question"], slots={"product": "羽绒服"}),
    _row("d", "发票呢", None, intents=["invoice", "logistics"]),
]


def _stub(message: str, history: Sequence[Utterance]) -> Triage:
    reason = HandoffReason.CUSTOMER_REQUEST if message in ("转人工", "发票呢") else None
    return Triage(handoff_reason=reason, intents=(Intent.INVOICE,), slots={"product": "羽绒服"}, query=message)


def test_figures_are_counted_as_the_contract_says() -> None:
    metrics, predictions = run(_ROWS, _stub)
    assert metrics["n"] == 4
    assert metrics["handoff_recall"] == 0.5
    assert metrics["over_handoff"] == 0.5
    assert metrics["reason_accuracy"] == 1.0
    assert metrics["intent_f1"] == round(2 * 1 / (5 + 4), 4)
    assert metrics["slot_recall"] == 1.0
    assert metrics["sentiment_accuracy"] == 0.75
    assert metrics["by_reason"]["safety"] == {"n": 1, "caught": 0, "right": 0}
    low, high = metrics["handoff_recall_ci"]
    assert low < 0.5 < high
    assert set(predictions[0]) == {"id", "must_handoff", "handoff_reason", "intents", "slots", "sentiment", "ms"}


def test_labels_are_never_shown_to_the_pipeline() -> None:
    shuffled = [dict(row) for row in _ROWS]
    labels = [(r["intents"], r["must_handoff"], r["handoff_reason"], r["sentiment"], r["slots"]) for r in shuffled]
    random.Random(3).shuffle(labels)
    for row, (intents, must, reason, mood, slots) in zip(shuffled, labels, strict=True):
        row |= {"intents": intents, "must_handoff": must, "handoff_reason": reason, "sentiment": mood, "slots": slots}
    one, two = (run(rows, lambda m, h: triage(m, h))[1] for rows in (_ROWS, shuffled))
    assert [p | {"ms": 0} for p in one] == [p | {"ms": 0} for p in two]


def test_frozen_predictions_can_be_rescored() -> None:
    metrics, predictions = run(_ROWS, _stub)
    assert score(_ROWS, list(reversed(predictions))) == metrics


def test_a_rate_over_nothing_is_null() -> None:
    assert run(_ROWS[2:3], _stub)[0]["handoff_recall"] is None
