"""What demo shoppers ask: is it answered from the right document, and is silence kept where the shop says nothing?

A smoke check, not evidence of quality: the same hand wrote questions and documents.
"""

from typing import Any

import yaml

from api.demo import demo_uploads
from evals.contract import Options, Outcome, Row
from evals.figures import percentile, rate
from evals.home import drafting, open_home
from knowledge.documents.law_cards import card_uploads
from knowledge.kit.clock import FrozenClock


async def run(options: Options) -> Outcome:
    rows: list[Row] = yaml.safe_load(options.data.read_text(encoding="utf-8"))["questions"][: options.limit]
    predictions: list[Row] = []
    async with open_home(options.now, options.writer) as home:
        await home.shop("eval")
        await home.ingest("eval", [*demo_uploads(FrozenClock(options.now)), *card_uploads()], options.progress)
        for number, row in enumerate(rows, start=1):
            turn, decision = await home.ask("eval", row["question"])
            predictions.append(
                {
                    "id": f"qst-{number:03d}",
                    "question": row["question"],
                    "outcome": decision.outcome,
                    "answer": decision.text,
                    "cited": list(dict.fromkeys(item["doc"] for item in decision.citations)),
                    **drafting(decision),
                    "ms": turn.record["ms"],
                }
            )
            options.progress(f"ask {number}/{len(rows)}")
        drafts = home.drafts(predictions)
    wanted = [_documents(row) for row in rows]
    pairs = list(zip(wanted, predictions, strict=True))
    metrics = {
        "n": len(rows),
        **rate("answered", [p["outcome"] == "answered" for docs, p in pairs if docs]),
        **rate("right_document", [bool(docs & set(p["cited"])) for docs, p in pairs if docs]),
        **rate("silent_when_unknown", [p["outcome"] != "answered" for docs, p in pairs if not docs]),
        **drafts,
        "p50_ms": percentile([p["ms"] for p in predictions], 50),
    }
    worst = [
        {"id": p["id"], "question": p["question"], "problem": p["outcome"], "gold": ", ".join(docs) or "silence",
         "answer": p["answer"]}
        for docs, p in pairs
        if (p["outcome"] == "answered") != bool(docs) or (docs and not docs & set(p["cited"]))
    ]  # fmt: skip
    return Outcome(metrics, predictions, worst=worst)


def _documents(row: dict[str, Any]) -> set[str]:
    """`doc` may be one key, a list of acceptable ones, or null."""
    doc = row["doc"]
    return set() if doc is None else {doc} if isinstance(doc, str) else set(doc)
