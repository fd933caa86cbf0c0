import pytest

from knowledge.kit.db import Database
from tests.agents.handoff.kit import AROUND_THE_CLOCK, Bench


@pytest.fixture
async def bench(database: Database, shop_id: str) -> Bench:
    made = Bench(database, shop_id)
    await made.setting(**AROUND_THE_CLOCK)
    return made
