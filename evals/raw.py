"""The baseline: recursive splitter 500/50, dense top 4, one prompt, no verify; it always answers."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter
from pydantic import BaseModel

from agents.llm.build import build_writer
from agents.llm.ledger import MemoryLedger
from agents.llm.ports import WriteTask
from agents.settings import AgentSettings
from evals.contract import Options, Row
from knowledge.documents.parse import parse
from knowledge.index.embed_cache import cached
from knowledge.index.embedders import BundledEmbedder
from knowledge.kit.clock import SystemClock
from knowledge.settings import KnowledgeSettings


class PlainAnswer(BaseModel):
    answer: str


class RawAnswerer:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._embedder = cached(BundledEmbedder(), KnowledgeSettings().shared_embed_cache)
        self._writer = build_writer(AgentSettings(), MemoryLedger(), SystemClock())

    async def predict(self, rows: Sequence[Row], corpus: Path) -> list[Row]:
        passages = _all_passages(corpus)
        matrix = self._embedder.embed_passages([text for text, _ in passages])
        predictions = []
        for number, row in enumerate(rows, start=1):
            started = time.perf_counter()
            near = matrix @ self._embedder.embed_queries([row["question"]])[0]
            best = [passages[at] for at in np.argsort(-near)[:4]]
            answer = await self._answer(row["question"], [text for text, _ in best])
            ms = (time.perf_counter() - started) * 1000
            articles = list(dict.fromkeys(article for _, covered in best for article in covered))
            retrieved = [{"doc": doc, "article": article} for doc, article in articles]
            predictions.append(
                {"id": row["id"], "outcome": "answered", "answer": answer, "citations": retrieved[:1],
                 "retrieved": retrieved, "handoff_reason": None, "ms": round(ms, 1), "embed_ms": 0.0}
            )  # fmt: skip
            self._options.progress(f"raw {number}/{len(rows)}")
        return predictions

    async def _answer(self, question: str, texts: Sequence[str]) -> str:
        task = WriteTask(
            prompt="raw_rag",
            variables={"question": question, "context": "\n\n".join(texts)},
            output=PlainAnswer,
            offline=lambda: PlainAnswer(answer=texts[0]),
        )
        return (await self._writer.write(task)).output.answer


def _all_passages(corpus: Path) -> list[tuple[str, list[tuple[str, int]]]]:
    return [passage for path in sorted(corpus.iterdir()) for passage in _passages(path)]


def _passages(path: Path) -> list[tuple[str, list[tuple[str, int]]]]:
    """Pieces of the whole text with the articles each touches, for scoring only."""
    sections = parse(path.name, path.read_bytes()).sections
    whole, spans, at = "", [], 0
    for section in sections:
        whole += section.text + "\n"
        spans.append((at, len(whole), section.article))
        at = len(whole)
    splitter = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50, add_start_index=True)
    pieces: list[tuple[str, list[tuple[str, int]]]] = []
    for document in splitter.create_documents([whole]):
        start = int(document.metadata["start_index"])
        end = start + len(document.page_content)
        touched: list[Any] = [number for begin, stop, number in spans if begin < end and start < stop and number]
        pieces.append((document.page_content, [(path.stem, number) for number in touched]))
    return pieces
