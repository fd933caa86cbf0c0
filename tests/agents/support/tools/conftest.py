"""The demo shop's catalogue, orders and terms in a shop of the test's own, at a fixed instant."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from agents.llm.ports import OfflineWriter, Writer
from agents.support.answer_types import Decision, Question
from agents.support.answerer import Answerer
from agents.support.toolbox import Toolbox
from agents.support.triage_types import Utterance
from knowledge.catalog.service import CatalogService
from knowledge.demo.seed import seed_facts
from knowledge.index.embedders import FakeEmbedder
from knowledge.kit.clock import FrozenClock
from knowledge.kit.db import Database
from knowledge.orders.oms import Oms
from knowledge.orders.oms_local import LocalOms
from knowledge.orders.views import ShopperView
from knowledge.policies.service import PolicyTermsService
from knowledge.retrieval import Retriever
from tests.support.desk import new_shop

NOW = datetime.fromisoformat("2026-11-01T12:00:00+08:00")
ORDINARY = ShopperView(shopper_id="S1001", name="林晓月", tier="普通会员")
SILVER = ShopperView(shopper_id="S1002", name="陈嘉禾", tier="银卡会员")

Ask = Callable[..., Awaitable[Decision]]


@pytest.fixture(scope="session")
async def demo_facts(database: Database) -> str:
    shop_id = await new_shop(database)
    await seed_facts(database, FrozenClock(NOW), shop_id=shop_id)
    return shop_id


@pytest.fixture
def toolbox(database: Database) -> Toolbox:
    return toolbox_over(database, LocalOms(database))


def toolbox_over(database: Database, oms: Oms) -> Toolbox:
    clock = FrozenClock(NOW)
    return Toolbox(CatalogService(database, clock), oms, PolicyTermsService(database), clock)


@pytest.fixture
def ask(database: Database, demo_facts: str, toolbox: Toolbox) -> Ask:
    """One message to the desk, with what was said before as alternating shopper and bot lines."""

    async def asked(
        text: str,
        shopper: ShopperView | None = None,
        *history: str,
        writer: Writer | None = None,
        oms: Oms | None = None,
        pictures: int = 0,
    ) -> Decision:
        retriever = Retriever(database, FakeEmbedder(), FrozenClock(NOW))
        tools = toolbox_over(database, oms) if oms else toolbox
        answerer = Answerer(retriever, writer or OfflineWriter(), toolbox=tools)
        before = tuple(
            Utterance(role="user" if place % 2 == 0 else "bot", text=line) for place, line in enumerate(history)
        )
        question = Question(demo_facts, "trn_test", text, before, shopper=shopper, pictures=pictures)
        return await answerer.answer(question)

    return asked
