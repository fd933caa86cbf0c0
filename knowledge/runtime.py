"""The parts of knowledge a process runs on, started in order and stopped in reverse."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge.catalog.service import CatalogService
from knowledge.documents.service import INDEX_TASK, DocumentService
from knowledge.index.embed_cache import CachedEmbedder, cached
from knowledge.index.embedders import BundledEmbedder, RemoteEmbedder
from knowledge.index_owner import ChromaOwner
from knowledge.kit.clock import Clock
from knowledge.kit.db import Database
from knowledge.kit.jobs import Worker
from knowledge.kit.postgres import DatabaseUrls, EmbeddedPostgres
from knowledge.kit.supervisor import PostgresSupervisor
from knowledge.orders.build import build_oms
from knowledge.orders.oms import Oms
from knowledge.policies.service import PolicyTermsService
from knowledge.retrieval import Retriever
from knowledge.settings import KnowledgeSettings

VECTOR_PACK = Path(__file__).parent / "vectors.npz"

Migrate = Callable[[str, str], None]
"""Called with (owner URL, app URL) before anything connects."""


@dataclass(frozen=True)
class Knowledge:
    database: Database
    embedder: CachedEmbedder
    documents: DocumentService
    retriever: Retriever
    catalog: CatalogService
    oms: Oms
    terms: PolicyTermsService
    owner: ChromaOwner | None

    def worker(self) -> Worker:
        return Worker(self.database.url, {INDEX_TASK: self.documents.run_index_job})


def build_embedder(settings: KnowledgeSettings) -> CachedEmbedder:
    if settings.embed_base_url:
        remote = RemoteEmbedder(settings.embed_base_url, settings.embed_model, settings.embed_api_key)
        return cached(remote, settings.embed_cache_path)
    return cached(BundledEmbedder(), settings.embed_cache_path, [VECTOR_PACK])


def _urls(settings: KnowledgeSettings) -> DatabaseUrls:
    app = settings.database_url.get_secret_value()
    return DatabaseUrls(app=app, owner=settings.database_owner_url.get_secret_value() or app)


@asynccontextmanager
async def open_knowledge(
    settings: KnowledgeSettings,
    clock: Clock,
    migrate: Migrate,
    *,
    own_chroma: bool = True,
    durable: bool = True,
    now: datetime | None = None,
) -> AsyncIterator[Knowledge]:
    """Raises: ConfigurationError in one sentence. `now` freezes the database clock; `durable` as EmbeddedPostgres."""
    async with AsyncExitStack() as stack:
        server: EmbeddedPostgres | None = None
        urls = _urls(settings)
        if not urls.app:
            server = EmbeddedPostgres(settings.home_path, durable=durable)
            urls = server.start()
            stack.callback(server.stop)
        migrate(urls.owner, urls.app)
        database = Database(urls.app, now=now)
        stack.push_async_callback(database.dispose)
        await database.check()
        if server:
            supervisor = PostgresSupervisor(server, database.engine.dispose)
            await supervisor.start()
            stack.push_async_callback(supervisor.stop)
        embedder = build_embedder(settings)
        owner = None
        if own_chroma:
            directory = settings.home_path / "chroma"
            owner = ChromaOwner.acquire(database, embedder, directory=directory, url=settings.chroma_url)
        if owner:
            stack.callback(owner.close)
        documents = DocumentService(database, embedder)
        oms = build_oms(settings, database, clock)
        stack.push_async_callback(oms.close)
        yield Knowledge(
            database=database,
            embedder=embedder,
            documents=documents,
            retriever=Retriever(database, embedder, clock, owner),
            catalog=CatalogService(database, clock),
            oms=oms,
            terms=PolicyTermsService(database),
            owner=owner,
        )
