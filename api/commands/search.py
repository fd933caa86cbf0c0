import argparse
import asyncio
import json
import sys
from datetime import date

from api.commands.settings import read_settings
from api.migrations import migrate
from knowledge.kit.clock import SystemClock
from knowledge.retrieval import SearchResult
from knowledge.runtime import open_knowledge


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"livecrew {name}", description="Shows what a question finds, best first.")
    parser.add_argument("question")
    parser.add_argument("--shop", required=True, help="shop id")
    parser.add_argument("--as-of", type=date.fromisoformat, help="search what was in force on this day, YYYY-MM-DD")
    parser.add_argument("-k", type=int, default=5, help="how many hits (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    _show(asyncio.run(_search(given)), as_json=given.json)
    return 0


async def _search(given: argparse.Namespace) -> SearchResult:
    async with open_knowledge(read_settings().knowledge, SystemClock(), migrate, own_chroma=False) as knowledge:
        return await knowledge.retriever.search(given.shop, given.question, k=given.k, as_of=given.as_of)


def _show(found: SearchResult, *, as_json: bool) -> None:
    rows = [
        {"score": round(hit.score, 3), "dense": round(hit.dense, 3), "lexical": round(hit.lexical, 2), "doc": hit.doc,
         "version": hit.version, "article": hit.article, "section": " › ".join(hit.path), "text": hit.text}
        for hit in found.hits
    ]  # fmt: skip
    if as_json:
        sys.stdout.write(json.dumps({"version": found.version, "hits": rows}, ensure_ascii=False) + "\n")
        return
    for row in rows:
        place = f"第{row['article']}条" if row["article"] else row["section"]
        sys.stdout.write(f"{row['score']:.3f}  {row['doc']}  {place}\n       {row['text']}\n")
    missing = "、".join(found.features.missing[:5])
    if missing:
        sys.stdout.write(f"not in the best hit: {missing}\n")
