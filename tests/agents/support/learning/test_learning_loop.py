"""A person's answer, reviewed, is what the bot says the next time; withdrawn, it says so no more."""

import pytest

from agents.handoff.views import Actor
from knowledge.documents.sources import chunk_with_document
from tests.agents.support.learning.school import School
from tests.support.desk import TWO_ANSWERS, faq

ASKED = "你们家帐篷可以到门店自提吗？"
ANSWER = "支持门店自提，提前一天在订单页预约即可，自提免运费。"


@pytest.fixture
async def shop(school: School) -> School:
    await school.desk.ingest(faq("faq", TWO_ANSWERS))
    return school


async def test_what_a_person_answered_is_answered_by_the_bot_until_it_is_withdrawn(shop: School) -> None:
    conversation_id, (missed, called) = await shop.asked(ASKED, "转人工")
    assert (missed.outcome, called.outcome) == ("abstained", "handed_off")
    claimed = await shop.bench.take()
    await shop.bench.queue.reply(
        shop.shop_id, claimed.handoff_id, Actor("opr_anna"), claimed.fence, f"亲，{ANSWER}", client_key="k1"
    )
    await shop.bench.queue.resolve(shop.shop_id, claimed.handoff_id, Actor("opr_anna"), claimed.fence)

    (candidate,) = await shop.learned()
    assert (candidate.state, candidate.question, candidate.answer) == ("proposed", ASKED, ANSWER)
    assert (candidate.handoff_id, candidate.operator_id) == (claimed.handoff_id, "opr_anna")
    assert candidate.question_message_id == missed.message_id
    assert len(candidate.answer_message_ids) == 1
    assert candidate.findings == []
    assert (await shop.desk.ask(ASKED)).outcome == "abstained"

    published = await shop.publish(candidate)
    assert (published.state, published.decided_by) == ("published", "supervisor:opr_boss")
    again = await shop.desk.ask(ASKED)
    assert again.outcome == "answered"
    (reply,) = await shop.desk.messages(again.conversation_id, "bot")
    assert "提前一天" in reply.text
    async with shop.desk.database.transaction(shop.shop_id) as scope:
        chunk, document = await chunk_with_document(scope, reply.citations[0]["chunk_id"])
    assert (document.doc, chunk.text) == ("faq-learned", ANSWER)
    (version,) = await shop.versions()
    async with shop.desk.database.transaction(shop.shop_id) as scope:
        content = await scope.one("select content from documents where id = :id", id=version.id)
    assert f"source: {claimed.handoff_id}" in bytes(content.content).decode()

    withdrawn = await shop.withdraw(candidate)
    assert (withdrawn.state, withdrawn.document_version) == ("withdrawn", 2)
    assert (await shop.desk.ask(ASKED)).outcome == "abstained"
    assert [one.version for one in await shop.versions()] == [1, 2]
    actions = [one.action for one in await shop.bench.audited(claimed.handoff_id)]
    assert actions[-3:] == ["candidate_proposed", "candidate_published", "candidate_withdrawn"]
