"""What a process runs on: started in order, given back in reverse, refused in one sentence."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from api.migrations import migrate
from knowledge.kit.clock import SystemClock
from knowledge.kit.errors import ConfigurationError
from knowledge.kit.postgres import DatabaseUrls
from knowledge.runtime import open_knowledge
from knowledge.settings import KnowledgeSettings
from tests.support.desk import Desk, new_shop, policy
from tests.support.serving import with_stand_ins
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    with_stand_ins(monkeypatch)
    monkeypatch.setattr("knowledge.kit.jobs._POLL_S", 0.1)


def _settings(home: Path, urls: DatabaseUrls) -> KnowledgeSettings:
    return KnowledgeSettings(home=home, database_url=SecretStr(urls.app), database_owner_url=SecretStr(urls.owner))


async def test_of_two_processes_on_one_home_the_first_owns_the_index(home: Path, own_urls: DatabaseUrls) -> None:
    settings = _settings(home, own_urls)
    async with (
        open_knowledge(settings, SystemClock(), migrate) as first,
        open_knowledge(settings, SystemClock(), migrate) as second,
    ):
        assert first.retriever.owns_chroma
        assert not second.retriever.owns_chroma
        shop_id = await new_shop(first.database)
        await Desk(second.database, shop_id, second.embedder).ingest(policy("r", "退货期为七天。"))
        for one in (first, second):
            assert [hit.text for hit in (await one.retriever.search(shop_id, "退货")).hits] == ["退货期为七天。"]
    async with open_knowledge(settings, SystemClock(), migrate) as again:
        assert again.retriever.owns_chroma
        await again.retriever.refresh(shop_id)
        assert again.owner is not None
        assert again.owner.index(shop_id) is not None


async def test_a_process_may_leave_the_index_to_others(home: Path, own_urls: DatabaseUrls) -> None:
    async with open_knowledge(_settings(home, own_urls), SystemClock(), migrate, own_chroma=False) as knowledge:
        assert knowledge.owner is None
    assert not (home / "chroma").exists()


async def test_the_worker_indexes_what_was_added(home: Path, own_urls: DatabaseUrls) -> None:
    async with open_knowledge(_settings(home, own_urls), SystemClock(), migrate) as knowledge:
        shop_id = await new_shop(knowledge.database)
        worker = knowledge.worker()
        await worker.start()
        await knowledge.documents.add(shop_id, policy("r", "退货期为七天。"))

        async def found() -> bool:
            return bool((await knowledge.retriever.search(shop_id, "退货")).hits)

        await until(found)
        await worker.stop()


async def test_a_home_that_cannot_be_written_is_told(home: Path, own_urls: DatabaseUrls) -> None:
    (home / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="LIVECREW_HOME"):
        async with open_knowledge(_settings(home / "file", own_urls), SystemClock(), migrate):
            pass
