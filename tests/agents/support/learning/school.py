"""A desk, its queue and its review: a shopper asks, a person answers, and the shop learns."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.conversations.models import Turn
from agents.handoff.views import Actor
from agents.support.learning.service import KnowledgeReview
from agents.support.learning.sweep import learn
from agents.support.learning.views import Edit
from knowledge.candidates.models import Candidate
from knowledge.candidates.publishing import DOC
from knowledge.documents import repository as documents
from knowledge.documents.models import Document
from tests.agents.handoff.kit import ANNA, BOSS, Bench
from tests.support.desk import Desk


@dataclass
class School:
    desk: Desk
    bench: Bench
    review: KnowledgeReview

    @property
    def shop_id(self) -> str:
        return self.desk.shop_id

    async def asked(self, *questions: str) -> tuple[str, list[Turn]]:
        """One conversation, each question through the whole pipeline."""
        conversation_id = await self.desk.open()
        turns = [await self.desk.ask(one, conversation_id=conversation_id) for one in questions]
        return conversation_id, turns

    async def helped(self, questions: Sequence[str], replies: Sequence[str], *, by: Actor = ANNA) -> str:
        """The questions end with a person, who answers and resolves; the handoff."""
        conversation_id, turns = await self.asked(*questions)
        assert turns[-1].outcome == "handed_off", [one.outcome for one in turns]
        claimed = await self.bench.take(by)
        assert claimed.subject_id == conversation_id
        for number, text in enumerate(replies):
            await self.bench.queue.reply(
                self.shop_id, claimed.handoff_id, by, claimed.fence, text, client_key=f"k{number}"
            )
        await self.bench.queue.resolve(self.shop_id, claimed.handoff_id, by, claimed.fence)
        return claimed.handoff_id

    async def learned(self) -> list[Candidate]:
        """Candidates after a sweep, newest first."""
        await learn(self.desk.database, self.shop_id)
        return await self.review.listed(self.shop_id)

    async def proposed(self, questions: Sequence[str], replies: Sequence[str]) -> Candidate:
        await self.helped(questions, replies)
        return (await self.learned())[0]

    async def publish(self, candidate: Candidate) -> Candidate:
        made = await self.review.publish(self.shop_id, candidate.id, BOSS)
        await self.index()
        return made

    async def withdraw(self, candidate: Candidate) -> Candidate:
        gone = await self.review.withdraw(self.shop_id, candidate.id, BOSS)
        await self.index()
        return gone

    async def edit(self, candidate: Candidate, **changes: object) -> Candidate:
        form: dict[str, object] = {
            "question": candidate.question, "answer": candidate.answer, "revision": candidate.revision,
            "wordings": tuple(candidate.wordings), "effective_from": candidate.effective_from,
            "effective_to": candidate.effective_to, "accepted": tuple(candidate.accepted),
        }  # fmt: skip
        return await self.review.edit(self.shop_id, candidate.id, BOSS, Edit(**{**form, **changes}))  # type: ignore[arg-type]

    async def index(self) -> None:
        """What the worker does."""
        for one in await self.versions():
            await self.desk.documents.index(self.shop_id, one.id)

    async def versions(self) -> list[Document]:
        async with self.desk.database.transaction(self.shop_id) as scope:
            return await documents.versions(scope, DOC)
