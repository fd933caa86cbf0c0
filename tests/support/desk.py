"""A service desk over a test's own shop, and plain factories of what it is given."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from agents.conversations import repository, service
from agents.conversations.models import Conversation, Message, Turn
from agents.conversations.service import Accepted
from agents.handoff import repository as handoffs
from agents.handoff.models import Handoff
from agents.llm.ports import OfflineWriter, Writer
from agents.support.answerer import Answerer
from agents.support.turns import TurnRunner
from knowledge.demo.sheet import sheet
from knowledge.documents.models import Document
from knowledge.documents.service import DocumentService, Upload
from knowledge.index.ports import Embedder
from knowledge.index_owner import ChromaOwner
from knowledge.kit import events
from knowledge.kit.clock import Clock, SystemClock
from knowledge.kit.db import Database
from knowledge.kit.ids import new_id
from knowledge.retrieval import Retriever
from knowledge.shops.repository import ensure_shop

TWO_ANSWERS = {
    "电子发票多久能开好？": "电子普通发票在提交申请后48小时内开具。",
    "付款以后多久发货？": "现货商品在付款后72小时内发货。",
}


async def new_shop(database: Database, shop_id: str = "") -> str:
    shop_id = shop_id or new_id("shp")
    async with database.transaction(shop_id) as scope:
        await ensure_shop(scope, "试营业小店")
    return shop_id


def policy(doc: str, text: str, *, starts: date | None = None, ends: date | None = None) -> Upload:
    """A markdown document; each line of `text` is a section of its own."""
    sections = "\n\n".join(f"## 第{n}节\n\n{line}" for n, line in enumerate(text.splitlines(), start=1))
    content = f"# {doc}\n\n{sections}\n".encode()
    return Upload(doc=doc, file_name=f"{doc}.md", content=content, effective_from=starts, effective_to=ends)


def faq(doc: str, pairs: dict[str, str]) -> Upload:
    content = sheet([("问题", "答案"), *pairs.items()])
    return Upload(doc=doc, file_name=f"{doc}.xlsx", content=content, kind="faq")


class Desk:
    def __init__(
        self, database: Database, shop_id: str, embedder: Embedder, clock: Clock | None = None,
        owner: ChromaOwner | None = None,
    ) -> None:  # fmt: skip
        self.database = database
        self.shop_id = shop_id
        self.clock = clock or SystemClock()
        self.documents = DocumentService(database, embedder)
        self.retriever = Retriever(database, embedder, self.clock, owner)

    async def ingest(self, *uploads: Upload) -> list[Document]:
        added = [(await self.documents.add(self.shop_id, upload)).document for upload in uploads]
        for document in added:
            await self.documents.index(self.shop_id, document.id)
        return added

    async def find(self, query: str, **more: Any) -> list[str]:
        """Texts of the hits, best first."""
        return [hit.text for hit in (await self.retriever.search(self.shop_id, query, **more)).hits]

    def runner(self, writer: Writer | None = None) -> TurnRunner:
        return TurnRunner(self.database, Answerer(self.retriever, writer or OfflineWriter()))

    async def open(self) -> str:
        async with self.database.transaction(self.shop_id) as scope:
            conversation, _ = await service.open_conversation(scope)
        return conversation.id

    async def say(self, conversation_id: str, text: str, client_key: str | None = None) -> Accepted:
        async with self.database.transaction(self.shop_id) as scope:
            return await service.accept_message(scope, conversation_id, text, client_key)

    async def ask(self, text: str, writer: Writer | None = None, *, conversation_id: str = "") -> Turn:
        """One question through the whole pipeline; the turn as it ended."""
        accepted = await self.say(conversation_id or await self.open(), text)
        assert accepted.turn is not None
        await self.runner(writer).run(self.shop_id, accepted.turn.id)
        return await self.turn(accepted.turn.id)

    async def turn(self, turn_id: str) -> Turn:
        async with self.database.transaction(self.shop_id) as scope:
            return await scope.session.get_one(Turn, turn_id)

    async def conversation(self, conversation_id: str) -> Conversation:
        async with self.database.transaction(self.shop_id) as scope:
            return await repository.get(scope, conversation_id)

    async def messages(self, conversation_id: str, author: str = "") -> list[Message]:
        async with self.database.transaction(self.shop_id) as scope:
            found = await repository.messages(scope, conversation_id)
        return [message for message in found if author in ("", message.author)]

    async def events(self, conversation_id: str) -> Sequence[events.Event]:
        async with self.database.transaction(self.shop_id) as scope:
            return await events.read_events(scope, service.stream_name(conversation_id), after=0)

    async def handoffs(self) -> list[Handoff]:
        async with self.database.transaction(self.shop_id) as scope:
            return await handoffs.listed(scope, state=None, limit=100)
