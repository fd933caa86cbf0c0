"""The real application on loopback, over the stand-in embedder and a writer of the test's choice."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from agents.llm.ports import Writer
from agents.settings import AgentSettings
from api.app import create_app
from api.runtime import open_services
from api.services import Services
from api.settings import ApiSettings
from knowledge.index.embed_cache import CachedEmbedder, cached
from knowledge.index.embedders import FakeEmbedder
from knowledge.kit.clock import SystemClock
from knowledge.kit.postgres import DatabaseUrls
from knowledge.settings import KnowledgeSettings


def with_stand_ins(patch: pytest.MonkeyPatch, writer: Writer | None = None) -> None:
    def embedder(settings: KnowledgeSettings) -> CachedEmbedder:
        return cached(FakeEmbedder(), settings.embed_cache_path)

    patch.setattr("knowledge.runtime.build_embedder", embedder)
    if writer is not None:
        patch.setattr("api.runtime.build_writer", lambda *_: writer)


@asynccontextmanager
async def wired(home: Path, urls: DatabaseUrls, settings: ApiSettings) -> AsyncIterator[Services]:
    knowledge = KnowledgeSettings(home=home, database_url=SecretStr(urls.app), database_owner_url=SecretStr(urls.owner))
    async with open_services(knowledge, AgentSettings(), settings, SystemClock()) as services:
        yield services


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(services: Services, settings: ApiSettings, *, demo: bool = False) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a uvicorn that serves these services."""

    @asynccontextmanager
    async def given() -> AsyncIterator[Services]:
        yield services

    port = free_port()
    config = uvicorn.Config(
        create_app(settings, given, demo=demo), host="127.0.0.1", port=port, log_level="error",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
        yield client
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await running
