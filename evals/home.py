"""A fresh home and an empty shop for each run: only what the suite names is loaded, the clock stands still."""

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from agents.conversations import service as conversations
from agents.conversations.models import Turn
from agents.llm.build import build_writer
from agents.llm.ports import OfflineWriter, Writer
from agents.llm.sql_ledger import SqlLedger
from agents.settings import AgentSettings
from agents.support.answer_types import Decision
from agents.support.answerer import Answerer
from agents.support.toolbox import Toolbox
from agents.support.turns import TurnRunner
from api.migrations import migrate
from evals.contract import Row
from evals.figures import rate
from knowledge.documents.service import Upload
from knowledge.index.ports import Embedder, Vectors
from knowledge.kit.clock import FrozenClock
from knowledge.kit.errors import ConfigurationError
from knowledge.retrieval import Retriever
from knowledge.runtime import Knowledge, open_knowledge
from knowledge.settings import KnowledgeSettings
from knowledge.shops.repository import ensure_shop

Progress = Callable[[str], None]


class UncachedQueries:
    """Passages from the cache, queries embedded each time: so that a turn's time is a stranger's question's."""

    def __init__(self, cached: Embedder, bare: Embedder) -> None:
        self._cached, self._bare = cached, bare
        self.id, self.dim = cached.id, cached.dim

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._bare.embed_queries(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._cached.embed_passages(texts)


@dataclass(frozen=True)
class EvalHome:
    knowledge: Knowledge
    retriever: Retriever
    turns: TurnRunner
    writer: Writer

    def drafts(self, predictions: Sequence[Row]) -> dict[str, Any]:
        """How the writer's drafts fared: `rejected` at least once, `replaced` by the offline words or a person."""
        if isinstance(self.writer, OfflineWriter):
            return {"writer": "offline"}
        written = [p for p in predictions if p["drafted"]]
        return {
            "writer": "llm",
            **rate("draft_rejected", [bool(p["rejected"]) for p in written]),
            **rate("draft_replaced", [p["writer"] == "offline" for p in written]),
        }

    async def shop(self, shop_id: str) -> None:
        async with self.knowledge.database.transaction(shop_id) as scope:
            await ensure_shop(scope, shop_id)

    async def ingest(self, shop_id: str, uploads: Sequence[Upload], progress: Progress) -> None:
        for number, upload in enumerate(uploads, start=1):
            added = await self.knowledge.documents.add(shop_id, upload)
            await self.knowledge.documents.index(shop_id, added.document.id)
            progress(f"ingest {number}/{len(uploads)} {upload.doc}")
        await self.retriever.refresh(shop_id)

    async def ask(self, shop_id: str, text: str) -> tuple[Turn, Decision]:
        """One anonymous shopper, one fresh conversation, one turn through the whole pipeline."""
        async with self.knowledge.database.transaction(shop_id) as scope:
            conversation, _ = await conversations.open_conversation(scope, channel="eval")
            accepted = await conversations.accept_message(scope, conversation.id, text)
        assert accepted.turn is not None
        decision = await self.turns.run(shop_id, accepted.turn.id)
        assert decision is not None
        async with self.knowledge.database.transaction(shop_id) as scope:
            turn = await scope.session.get_one(Turn, accepted.turn.id)
        return turn, decision


def drafting(decision: Decision) -> Row:
    """Which writer's words were sent, and the kinds of findings that rejected earlier drafts."""
    drafted = (decision.outcome == "answered" and bool(decision.citations)) or bool(decision.rejected)
    kinds = sorted({finding.kind for finding in decision.rejected})
    return {"writer": decision.writer, "drafted": drafted, "rejected": kinds}


@asynccontextmanager
async def open_home(now: datetime, writer: str) -> AsyncIterator[EvalHome]:
    """`writer` is offline, or llm: then the model settings of the environment are used. Raises: ConfigurationError."""
    agents = AgentSettings()
    if writer == "llm" and not agents.llm_configured:
        raise ConfigurationError("--writer llm needs LIVECREW_LLM_BASE_URL and LIVECREW_LLM_MODEL.")
    clock = FrozenClock(now)
    async with AsyncExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="lc-eval-", ignore_cleanup_errors=True))
        settings = KnowledgeSettings(home=Path(home), embed_cache=KnowledgeSettings().shared_embed_cache)
        opened = open_knowledge(settings, clock, migrate, durable=False, now=now)
        knowledge = await stack.enter_async_context(opened)
        queries = UncachedQueries(knowledge.embedder, knowledge.embedder.bare)
        retriever = Retriever(knowledge.database, queries, clock, knowledge.owner)
        chosen: Writer = OfflineWriter()
        if writer == "llm":
            chosen = build_writer(agents, SqlLedger(knowledge.database), clock)
        toolbox = Toolbox(knowledge.catalog, knowledge.oms, knowledge.terms, clock)
        turns = TurnRunner(knowledge.database, Answerer(retriever, chosen, toolbox=toolbox))
        yield EvalHome(knowledge, retriever, turns, chosen)
