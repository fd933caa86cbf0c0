"""A person's answer, reviewed, is what the bot says the next time; withdrawn, it says so no more."""

from agents.handoff.views import Actor
from knowledge.documents.sources import chunk_with_document
from tests.agents.support.learning.school import School

ASKED = "你们家帐篷可以到门店自提吗？"
ANSWER = "支持门店自提，提前一天在订单页预约即可，自提免运费。"


async def test_what_a_person_answered_is_answered_by_the_bot_until_it_is_withdrawn(school: School) -> None:
    _, (missed, called) = await school.asked(ASKED, "转人工")
    assert (missed.outcome, called.outcome) == ("abstained", "handed_off")
    claimed = await school.bench.take()
    await school.bench.queue.reply(
        school.shop_id, claimed.handoff_id, Actor("opr_anna"), claimed.fence, f"亲，{ANSWER}", client_key="k1"
    )
    await school.bench.queue.resolve(school.shop_id, claimed.handoff_id, Actor("opr_anna"), claimed.fence)

    (candidate,) = await school.learned()
    assert (candidate.state, candidate.question, candidate.answer) == ("proposed", ASKED, ANSWER)
    assert (candidate.handoff_id, candidate.operator_id) == (claimed.handoff_id, "opr_anna")
    assert candidate.question_message_id == missed.message_id
    assert len(candidate.answer_message_ids) == 1
    assert candidate.findings == []
    assert (await school.desk.ask(ASKED)).outcome == "abstained"

    published = await school.publish(candidate)
    assert (published.state, published.decided_by) == ("published", "supervisor:opr_boss")
    again = await school.desk.ask(ASKED)
    assert again.outcome == "answered"
    (reply,) = await school.desk.messages(again.conversation_id, "bot")
    assert "提前一天" in reply.text
    async with school.desk.database.transaction(school.shop_id) as scope:
        chunk, document = await chunk_with_document(scope, reply.citations[0]["chunk_id"])
    assert (document.doc, chunk.text) == ("faq-learned", ANSWER)
    (version,) = await school.versions()
    async with school.desk.database.transaction(school.shop_id) as scope:
        content = await scope.one("select content from documents where id = :id", id=version.id)
    assert f"source: {claimed.handoff_id}" in bytes(content.content).decode()

    withdrawn = await school.withdraw(candidate)
    assert (withdrawn.state, withdrawn.document_version) == ("withdrawn", 2)
    assert (await school.desk.ask(ASKED)).outcome == "abstained"
    assert [one.version for one in await school.versions()] == [1, 2]
    actions = [one.action for one in await school.bench.audited(claimed.handoff_id)]
    assert actions[-3:] == ["candidate_proposed", "candidate_published", "candidate_withdrawn"]
