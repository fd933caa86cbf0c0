"""The evaluation contract: predictions come from inputs alone, figures carry n and interval, gates can fail."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from evals import command
from evals.contract import Options, Outcome
from evals.gates import failures
from evals.report import write_report
from evals.suites import law_qa, retrieval

_STATUTE = """第一章 总则

第一条 店铺应当在买家付款后两日内发货，另有约定的除外。

第二条 买家收到商品后十日内可以无理由退回，退回的运费由买家承担。

第三条 商品有质量问题的，退回的运费由店铺承担。
"""
_ROWS = [
    {"id": "t1", "question": "付款以后几天发货", "gold": [{"doc": "小店规则", "article": 1}], "also_ok": [],
     "answerable": True, "key_facts": ["两日|2日"]},
    {"id": "t2", "question": "质量问题退回去的运费谁出", "gold": [{"doc": "小店规则", "article": 3}], "also_ok": [],
     "answerable": True, "key_facts": ["店铺承担"]},
    {"id": "t3", "question": "主播今天穿的是什么颜色的鞋子", "gold": [], "also_ok": [], "answerable": False,
     "key_facts": []},
]  # fmt: skip


def _options(data: Path, corpus: Path | None = None) -> Options:
    return Options(
        data=data, corpus=corpus, writer="offline", limit=None, seed=7,
        now=datetime.fromisoformat("2026-11-01T12:00:00+08:00"), cards=False, progress=lambda _line: None,
    )  # fmt: skip


def _corpus(folder: Path) -> Path:
    corpus = folder / "law"
    corpus.mkdir()
    (corpus / "小店规则.txt").write_text(_STATUTE, encoding="utf-8")
    return corpus


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def _untimed(outcome: Outcome) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if "ms" not in key} for row in outcome.predictions]


async def test_predictions_do_not_see_the_labels(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path)
    labels = [{key: row[key] for key in ("gold", "also_ok", "answerable", "key_facts")} for row in _ROWS]
    shuffled = [{**row, **label} for row, label in zip(_ROWS, labels[1:] + labels[:1], strict=True)]
    honest = await law_qa.run(_options(_write(tmp_path / "a.jsonl", _ROWS), corpus))
    blind = await law_qa.run(_options(_write(tmp_path / "b.jsonl", shuffled), corpus))
    assert _untimed(honest) == _untimed(blind)
    assert honest.metrics["recall_at_1"] > blind.metrics["recall_at_1"]


async def test_law_qa_finds_cites_and_quotes_the_article(tmp_path: Path) -> None:
    outcome = await law_qa.run(_options(_write(tmp_path / "a.jsonl", _ROWS), _corpus(tmp_path)))
    said = {row["id"]: row for row in outcome.predictions}
    assert said["t2"]["retrieved"][0] == {"doc": "小店规则", "article": 3}
    assert outcome.metrics["recall_at_5_n"] == 2
    low, high = outcome.metrics["fact_recall_ci"]
    assert low <= outcome.metrics["fact_recall"] <= high
    assert set(said["t1"]) >= {"id", "outcome", "answer", "citations", "retrieved", "handoff_reason", "ms", "embed_ms"}


def test_an_answer_that_is_too_long_holds_no_fact() -> None:
    row = {"key_facts": ["七日|7日"]}
    assert law_qa.holds_facts(row, {"outcome": "answered", "answer": "７ 日内"})
    assert not law_qa.holds_facts(row, {"outcome": "answered", "answer": "7日" + "长" * 240})
    assert not law_qa.holds_facts(row, {"outcome": "abstained", "answer": "7日"})


async def test_retrieval_reports_both_baselines(tmp_path: Path) -> None:
    _write(tmp_path / "corpus.jsonl", [{"_id": "a", "title": "", "text": "发票可以在订单页面申请。"},
                                       {"_id": "b", "title": "", "text": "退货运费由买家承担。"}])  # fmt: skip
    _write(tmp_path / "queries.jsonl", [{"_id": "q", "text": "怎么开发票"}])
    (tmp_path / "qrels.tsv").write_text("q\ta\t1\n", encoding="utf-8")
    outcome = await retrieval.run(_options(tmp_path))
    assert outcome.predictions == [{"id": "q", "retrieved": ["a", "b"]}]
    assert outcome.metrics["hit_at_1"] == outcome.metrics["baselines"]["bm25"]["hit_at_1"] == 1.0


def test_a_figure_below_or_missing_fails_its_gate() -> None:
    fine = {"supported_passed": 0.95, "unsupported_caught": 0.95}
    assert failures("grounding", "grounding", fine) == []
    assert len(failures("grounding", "grounding", {**fine, "supported_passed": 0.5})) == 1
    assert len(failures("grounding", "grounding", {"supported_passed": None, "unsupported_caught": 1.0})) == 1
    assert failures("support_messages", "x", {"handoff_recall": 1, "over_handoff": 0.2, "explicit_request_recall": 1})


def test_the_report_shows_intervals_and_escapes_cases(tmp_path: Path) -> None:
    worst = [{"id": "1", "question": "<script>", "problem": "p", "gold": "g", "answer": "a"}]
    path = write_report(tmp_path, "demo", {"rate": 0.5, "rate_n": 2, "rate_ci": [0.1, 0.9]}, Outcome({}, [], worst))
    page = path.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "0.100 – 0.900" in page


def test_json_is_exactly_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": "g", "evidence": ["签收次日起7天内可以退货。"], "statement": "签收次日起七天内可以退货。",
             "supported": True, "kind": "verbatim", "group": "x", "twin": None}]  # fmt: skip
    data, predictions = _write(tmp_path / "g.jsonl", rows), tmp_path / "p.jsonl"
    assert command.run("eval", ["grounding", "--data", str(data), "--json", "--predictions", str(predictions)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n"] == 1
    assert json.loads(predictions.read_text(encoding="utf-8"))["verdict"] == "supported"
