import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.contract import Options, Outcome
from evals.suites.return_policy import misses, run

_EXPECT: dict[str, Any] = {
    "eligible": True, "deadline": "2026-11-17T23:59:59+08:00", "return_freight": "buyer", "compensation": "none",
    "articles": [{"doc": "网络购买商品七日无理由退货暂行办法", "article": 10}],
}  # fmt: skip


def _rows() -> list[dict[str, Any]]:
    order = {"signed_at": "2026-11-10T10:00:00+08:00", "paid_fen": 9900, "category": "home", "flags": {}}
    late = {"eligible": False, "return_freight": None}
    open_ = {"eligible": "discretion", "return_freight": None}
    return [
        {"id": "a", "order": order, "asked_at": "2026-11-17T15:59:59Z", "reason": "no_reason", "expect": _EXPECT},
        {"id": "b", "order": order, "asked_at": "2026-11-17T16:00:00Z", "reason": "no_reason",
         "expect": {**_EXPECT, **late}},
        {"id": "c", "order": {**order, "flags": {"customized": True}}, "asked_at": "2026-11-12T09:00:00+08:00",
         "reason": "no_reason", "expect": {**_EXPECT, **open_}, "borderline": True},
    ]  # fmt: skip


async def _ran(path: Path, rows: list[dict[str, Any]]) -> Outcome:
    _write(path, rows)
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return await run(Options(path, None, "offline", None, 7, now, cards=True, progress=lambda _: None))


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


async def test_right_rows_are_exact_and_carry_their_interval(tmp_path: Path) -> None:
    metrics = (await _ran(tmp_path / "rows.jsonl", _rows())).metrics
    assert (metrics["n"], metrics["exact"], metrics["exact_no_borderline_n"]) == (3, 1.0, 2)
    assert metrics["decided_when_discretion"] == 0.0
    assert 0 < metrics["exact_ci"][0] < 1


async def test_labels_do_not_reach_the_engine(tmp_path: Path) -> None:
    rows = _rows()
    labels = [row["expect"] for row in rows]
    random.Random(3).shuffle(labels)
    shuffled = [{**row, "expect": label} for row, label in zip(rows, labels, strict=True)]
    first = await _ran(tmp_path / "rows.jsonl", rows)
    second = await _ran(tmp_path / "shuffled.jsonl", shuffled)
    assert first.predictions == second.predictions
    assert second.metrics["exact"] < 1
    assert second.worst


async def test_each_asserted_field_can_be_missed(tmp_path: Path) -> None:
    said = (await _ran(tmp_path / "rows.jsonl", _rows())).predictions[0]
    wrong = {"eligible": 1, "deadline": None, "return_freight": "seller", "compensation": "discretion", "refund_fen": 1}
    assert misses(_EXPECT, said) == []
    for field, value in wrong.items():
        assert misses({**_EXPECT, field: value}, said) == [field]
    assert misses({**_EXPECT, "articles": [{"doc": "广告法", "article": 1}]}, said) == ["articles"]
