"""Ranking on a folder of corpus, queries and relevance, beside dense and BM25 alone in the same run."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.contract import Options, Outcome, Row
from evals.figures import mean, percentile, rate, read_rows
from evals.home import EvalHome, open_home
from evals.suites.retrieval_metrics import hit_at_k, mrr, ndcg_at_10
from knowledge.documents.service import Upload
from knowledge.index.cut import cut
from knowledge.index.lexical import LexicalIndex
from knowledge.index.ports import Embedder

_DEEP = 10


async def run(options: Options) -> Outcome:
    corpus = read_rows(options.data / "corpus.jsonl")
    queries = read_rows(options.data / "queries.jsonl")[: options.limit]
    relevant = _qrels(options.data / "qrels.tsv")
    async with open_home(options.now, "offline") as home:
        await home.shop("eval")
        await _load(home, corpus, options)
        predictions, timings = [], []
        for number, query in enumerate(queries, start=1):
            started = time.perf_counter()
            found = await home.retriever.search("eval", query["text"], k=_DEEP)
            timings.append((time.perf_counter() - started) * 1000)
            predictions.append({"id": query["_id"], "retrieved": list(dict.fromkeys(hit.doc for hit in found.hits))})
            options.progress(f"search {number}/{len(queries)}")
        options.progress("baselines")
        baselines = _baselines(home.knowledge.embedder, corpus, queries)
    metrics = {
        **score(predictions, relevant),
        "p50_ms": percentile(timings, 50),
        "p95_ms": percentile(timings, 95),
        "baselines": {name: score(ranked, relevant) for name, ranked in baselines.items()},
    }
    return Outcome(metrics, predictions, worst=_worst(queries, predictions, relevant))


def _qrels(path: Path) -> dict[str, set[str]]:
    relevant: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        query, document, *grade = line.split("\t")
        if not grade or (grade[0].isdigit() and int(grade[0]) > 0):
            relevant.setdefault(query, set()).add(document)
    return relevant


async def _load(home: EvalHome, corpus: Sequence[Row], options: Options) -> None:
    """Each entry is a document of its own, as a shop would have it."""
    uploads = [
        Upload(doc=row["_id"], file_name=f"{row['_id']}.passage", content=_text(row).encode(), kind="passage")
        for row in corpus
    ]
    await home.ingest("eval", uploads, options.progress)


def _text(row: Row) -> str:
    title, text = row.get("title", ""), row["text"]
    return f"{title}\n{text}" if title and not text.startswith(title) else text


def score(predictions: Sequence[Row], relevant: dict[str, set[str]]) -> dict[str, Any]:
    lists = [(p["retrieved"], relevant.get(p["id"], set())) for p in predictions]
    return {
        "n": len(lists),
        **rate("hit_at_1", [bool(hit_at_k(ranked, wanted, 1)) for ranked, wanted in lists]),
        **rate("hit_at_5", [bool(hit_at_k(ranked, wanted, 5)) for ranked, wanted in lists]),
        "mrr": mean([mrr(ranked, wanted) for ranked, wanted in lists]),
        "ndcg_at_10": mean([ndcg_at_10(ranked, wanted) for ranked, wanted in lists]),
    }


def _baselines(embedder: Embedder, corpus: Sequence[Row], queries: Sequence[Row]) -> dict[str, list[Row]]:
    ids = [row["_id"] for row in corpus]
    texts = [_text(row) for row in corpus]
    asked = [query["text"] for query in queries]
    near = embedder.embed_queries(asked) @ embedder.embed_passages(texts).T
    lexical = LexicalIndex()
    lexical.replace({key: cut(text) for key, text in zip(ids, texts, strict=True)})
    dense = [[ids[at] for at in np.argsort(-row, kind="stable")[:_DEEP]] for row in near]
    words = [[key for key, _ in lexical.top(dict.fromkeys(cut(text), 1.0), _DEEP)] for text in asked]
    return {
        name: [{"id": query["_id"], "retrieved": ranked} for query, ranked in zip(queries, lists, strict=True)]
        for name, lists in (("dense", dense), ("bm25", words))
    }


def _worst(queries: Sequence[Row], predictions: Sequence[Row], relevant: dict[str, set[str]]) -> list[Row]:
    return [
        {"id": query["_id"], "question": query["text"], "problem": "not among the first five",
         "gold": ", ".join(sorted(relevant.get(query["_id"], ()))), "answer": ", ".join(prediction["retrieved"][:5])}
        for query, prediction in zip(queries, predictions, strict=True)
        if not hit_at_k(prediction["retrieved"], relevant.get(query["_id"], set()), 5)
    ]  # fmt: skip
