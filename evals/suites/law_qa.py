"""Shoppers' questions against the statutes: is the right article found and quoted, and silence kept where it is due?"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.contract import Options, Outcome, Row
from evals.figures import folded, mean, mean_with_interval, percentile, rate, read_rows
from evals.home import EvalHome, drafting, open_home
from evals.raw import RawAnswerer
from evals.suites.retrieval_metrics import mrr, recall_at_k
from knowledge.documents.law_cards import card_uploads, statute_of
from knowledge.documents.service import Upload

_LONGEST_ANSWER = 240

Article = tuple[str, int]


async def run(options: Options) -> Outcome:
    rows = read_rows(options.data)[: options.limit]
    if options.corpus is None:
        return Outcome({}, [], notes=["not evaluated: law_qa needs --corpus DIR"])
    if options.writer == "raw":
        predictions = await RawAnswerer(options).predict(rows, options.corpus)
        return Outcome(score(rows, predictions), predictions, worst=_worst(rows, predictions))
    async with open_home(options.now, options.writer) as home:
        statutes = _statutes(options.corpus)
        bare = await _predict(home, "eval-bare", statutes, rows, options)
        if not options.cards:
            return Outcome(score(rows, bare), bare, worst=_worst(rows, bare))
        full = await _predict(home, "eval", [*statutes, *card_uploads()], rows, options)
        metrics = {**score(rows, full), **home.drafts(full), "no_cards": score(rows, bare)}
        return Outcome(metrics, full, worst=_worst(rows, full))


def _statutes(corpus: Path) -> list[Upload]:
    return [
        Upload(doc=path.stem, file_name=path.name, content=path.read_bytes(), kind="law")
        for path in sorted(corpus.iterdir())
        if path.is_file()
    ]


async def _predict(
    home: EvalHome, shop_id: str, uploads: Sequence[Upload], rows: Sequence[Row], options: Options
) -> list[Row]:
    await home.shop(shop_id)
    await home.ingest(shop_id, uploads, options.progress)
    predictions = []
    for number, row in enumerate(rows, start=1):
        started = time.perf_counter()
        turn, decision = await home.ask(shop_id, row["question"])
        ms = (time.perf_counter() - started) * 1000
        predictions.append(
            {
                "id": row["id"],
                "outcome": decision.outcome,
                "answer": decision.text,
                "citations": _articles((item["doc"], item["article"]) for item in decision.citations),
                "retrieved": _articles((hit.doc, hit.article) for hit in decision.gathered.hits),
                "handoff_reason": decision.reason.value if decision.reason else None,
                "ms": round(ms, 1),
                "embed_ms": turn.record["embed_ms"],
                **drafting(decision),
            }
        )
        options.progress(f"{shop_id} {number}/{len(rows)}")
    return predictions


def _articles(pairs: Any) -> list[dict[str, Any]]:
    """Cards and statute text of one article count as one, at the first rank either has."""
    unique = dict.fromkeys((statute_of(doc), article) for doc, article in pairs if article is not None)
    return [{"doc": doc, "article": article} for doc, article in unique]


def _pairs(items: Sequence[dict[str, Any]]) -> list[Article]:
    return [(item["doc"], item["article"]) for item in items]


def score(rows: Sequence[Row], predictions: Sequence[Row]) -> dict[str, Any]:
    """Formulas as in the evaluation contract."""
    said = {prediction["id"]: prediction for prediction in predictions}
    answerable = [(row, said[row["id"]]) for row in rows if row["answerable"]]
    unanswerable = [said[row["id"]] for row in rows if not row["answerable"]]
    gold = {row["id"]: _pairs(row["gold"]) for row in rows}
    ranked = {row["id"]: _pairs(said[row["id"]]["retrieved"]) for row in rows}
    cited = {row["id"]: _pairs(said[row["id"]]["citations"]) for row in rows}
    welcome = {row["id"]: gold[row["id"]] + _pairs(row.get("also_ok", [])) for row in rows}
    ids = [row["id"] for row, _ in answerable]
    made = [(key, article) for key in ids if said[key]["outcome"] == "answered" for article in set(cited[key])]
    timed = list(said.values())
    return {
        "n": len(rows),
        "n_answerable": len(answerable),
        **{
            name: value
            for k in (1, 5, 10)
            for name, value in mean_with_interval(
                f"recall_at_{k}", [recall_at_k(ranked[key], gold[key], k) for key in ids]
            ).items()
        },
        "mrr": mean([mrr(ranked[key], gold[key], 10) for key in ids]),
        **mean_with_interval("citation_recall", [recall_at_k(cited[key], gold[key], 99) for key in ids]),
        **rate("citation_precision", [article in welcome[key] for key, article in made]),
        **rate("fact_recall", [holds_facts(row, prediction) for row, prediction in answerable]),
        **rate("abstain_on_unanswerable", [p["outcome"] != "answered" for p in unanswerable]),
        **rate("false_abstain", [p["outcome"] != "answered" for _, p in answerable]),
        "p50_ms": percentile([p["ms"] for p in timed], 50),
        "p95_ms": percentile([p["ms"] for p in timed], 95),
        "overhead_p50_ms": percentile([p["ms"] - p["embed_ms"] for p in timed], 50),
        "embed_p50_ms": percentile([p["embed_ms"] for p in timed if p["embed_ms"]], 50),
    }


def holds_facts(row: Row, prediction: Row) -> bool:
    answer = folded(prediction["answer"])
    if prediction["outcome"] != "answered" or len(answer) > _LONGEST_ANSWER:
        return False
    return all(any(folded(word) in answer for word in fact.split("|")) for fact in row["key_facts"])


def _worst(rows: Sequence[Row], predictions: Sequence[Row]) -> list[Row]:
    """Wrong outcomes first, then answers that lack a fact."""
    said = {prediction["id"]: prediction for prediction in predictions}
    shown = []
    for row in rows:
        prediction = said[row["id"]]
        answered = prediction["outcome"] == "answered"
        if answered != row["answerable"]:
            problem = (
                "answered, though no statute answers it" if answered else f"{prediction['outcome']}, though answerable"
            )
        elif answered and not holds_facts(row, prediction):
            problem = "a key fact is missing"
        else:
            continue
        gold = "、".join(f"{doc} {article}" for doc, article in _pairs(row["gold"]))
        shown.append({"id": row["id"], "question": row["question"], "problem": problem, "gold": gold,
                      "answer": prediction["answer"]})  # fmt: skip
    return sorted(shown, key=lambda one: one["problem"] == "a key fact is missing")
