import pytest

from agents.support.learning.service import KnowledgeReview
from knowledge.index.embed_cache import CachedEmbedder, cached
from knowledge.index.embedders import BundledEmbedder
from knowledge.kit.db import Database
from tests.agents.handoff.kit import AROUND_THE_CLOCK, Bench
from tests.agents.support.learning.school import School
from tests.support.desk import TWO_ANSWERS, Desk, faq


@pytest.fixture(scope="session")
def meaning(tmp_path_factory: pytest.TempPathFactory) -> CachedEmbedder:
    """The shipped embedder: what is learned must be found by meaning, through the real gate."""
    return cached(BundledEmbedder(), tmp_path_factory.mktemp("embedded"))


@pytest.fixture
async def school(database: Database, shop_id: str, meaning: CachedEmbedder) -> School:
    """A shop that can answer two questions."""
    desk, bench = Desk(database, shop_id, meaning), Bench(database, shop_id)
    await bench.setting(**AROUND_THE_CLOCK)
    await bench.sign_in()
    await desk.ingest(faq("faq", TWO_ANSWERS))
    return School(desk, bench, KnowledgeReview(database, desk.documents, desk.retriever, desk.clock))
