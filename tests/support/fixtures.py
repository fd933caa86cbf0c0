"""One embedded PostgreSQL for the whole run, migrated once; tests keep apart by shop, or by a clone of the database."""

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from api.migrations import migrate
from knowledge.index.embedders import FakeEmbedder
from knowledge.kit.db import Database
from knowledge.kit.postgres import DatabaseUrls, EmbeddedPostgres
from tests.support.desk import Desk, new_shop
from tests.support.servers import Cluster


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder with a path short enough for sockets."""
    path = Path(tempfile.mkdtemp(prefix="lc-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    root = Path(tempfile.mkdtemp(prefix="lc-"))
    server = EmbeddedPostgres(root, durable=False)
    made = Cluster(server, server.start())
    try:
        migrate(made.urls.owner, made.urls.app)
        made.remember()
        yield made
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


_clones = itertools.count(1)


@pytest.fixture
def own_urls(cluster: Cluster) -> Iterator[DatabaseUrls]:
    """A migrated, empty database of the test's own: for what looks at all shops, or at the queue of jobs."""
    name = f"clone_{next(_clones)}"
    yield cluster.clone(name)
    cluster.drop(name)


@pytest.fixture
async def own_database(own_urls: DatabaseUrls) -> AsyncIterator[Database]:
    database = Database(own_urls.app)
    yield database
    await database.dispose()


@pytest.fixture(scope="session")
async def database(cluster: Cluster) -> AsyncIterator[Database]:
    database = Database(cluster.urls.app, pool_size=20)
    yield database
    await database.dispose()


@pytest.fixture
async def shop_id(database: Database) -> str:
    return await new_shop(database)


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def desk(database: Database, shop_id: str, embedder: FakeEmbedder) -> Desk:
    return Desk(database, shop_id, embedder)
