"""Nothing unreviewed is said, nobody overwrites another, and the document follows the table day by day."""

import asyncio
from datetime import timedelta

import pytest

from agents.conversations import privacy, proof
from agents.conversations import repository as conversations
from agents.handoff import audit
from agents.handoff.reasons import HandoffReason
from agents.support.learning.proposals import propose
from agents.support.learning.sweep import learn
from knowledge.candidates import repository
from knowledge.candidates.models import Candidate
from knowledge.candidates.publishing import DOC
from knowledge.documents.service import parse_file
from knowledge.kit.clock import shanghai_date
from knowledge.kit.errors import ConflictError, InvalidInputError, NotFoundError
from tests.agents.handoff.kit import ANNA, BOSS
from tests.agents.support.learning.school import School
from tests.support.desk import TWO_ANSWERS, new_shop

ASKED = "你们家帐篷可以到门店自提吗？"
ANSWER = "支持门店自提，提前一天在订单页预约即可。"
OTHER, OTHER_ANSWER = "露营桌能不能刻字？", "露营桌支持激光刻字，付款后两天内备注即可。"


async def _ready(school: School, asked: str = ASKED, *replies: str) -> Candidate:
    return await school.proposed([asked, "转人工"], replies or (ANSWER,))


async def _pairs(school: School, number: int) -> list[str]:
    """Questions of one version of the learned document."""
    async with school.desk.database.transaction(school.shop_id) as scope:
        row = await scope.one(
            "select file_name, content from documents where shop_id = :shop_id and doc = :doc and version = :n",
            doc=DOC, n=number,
        )  # fmt: skip
    return [one.questions[0] for one in parse_file(row.file_name, bytes(row.content)).sections]


async def test_a_flagged_answer_is_not_published_before_it_is_edited(school: School) -> None:
    candidate = await _ready(school, ASKED, "您这单可以自提，退您12元，电话13812345678。")
    assert {one["kind"] for one in candidate.findings} >= {"order_case", "order_figure", "personal"}
    assert "13812345678" not in candidate.answer
    with pytest.raises(InvalidInputError) as refused:
        await school.review.publish(school.shop_id, candidate.id, BOSS)
    assert {one["span"] for one in refused.value.data["findings"]} >= {"[手机号]"}
    with pytest.raises(InvalidInputError):
        await school.review.approve(school.shop_id, candidate.id, BOSS)
    assert await school.versions() == []
    edited = await school.edit(candidate, answer=ANSWER)
    assert (edited.state, edited.findings, edited.revision) == ("edited", [], 2)
    assert (await school.publish(edited)).state == "published"


async def test_a_rule_of_the_shop_is_kept_by_an_editor_s_word_only(school: School) -> None:
    candidate = await _ready(school, "漏发了配件怎么处理？", "漏发的配件我们会为您补发一件。")
    (flag,) = candidate.findings
    unedited = await school.edit(candidate, accepted=(flag["span"],))
    with pytest.raises(InvalidInputError):
        await school.review.publish(school.shop_id, candidate.id, BOSS)
    edited = await school.edit(unedited, answer=f"{candidate.answer}请先联系客服。")
    assert (await school.publish(edited)).state == "published"


async def test_two_reviewers_notice_each_other(school: School) -> None:
    candidate = await _ready(school)
    await school.edit(candidate, answer="支持自提。")
    with pytest.raises(ConflictError):
        await school.edit(candidate, answer="不支持自提。")
    with pytest.raises(ConflictError):
        await school.review.publish(school.shop_id, candidate.id, BOSS, revision=candidate.revision)
    assert (await school.review.read(school.shop_id, candidate.id)).candidate.answer == "支持自提。"


async def test_what_is_published_changes_with_an_edit_and_keeps_its_history(school: School) -> None:
    candidate = await school.publish(await _ready(school))
    with pytest.raises(InvalidInputError):
        await school.edit(candidate, answer="您这单可以自提。")
    changed = await school.edit(candidate, question="可以到店自提吗？", wordings=(ASKED,))
    assert (changed.state, changed.document_version) == ("published", 2)
    assert [await _pairs(school, n) for n in (1, 2)] == [[ASKED], ["可以到店自提吗？"]]
    await school.index()
    assert (await school.desk.ask(ASKED)).outcome == "answered"
    await school.withdraw(changed)
    again = await school.publish(candidate)
    assert [await _pairs(school, n) for n in (3, 4)] == [[], ["可以到店自提吗？"]]
    assert again.withdrawn_at is None


async def test_rejected_is_not_published_until_somebody_edits_it(school: School) -> None:
    candidate = await _ready(school)
    rejected = await school.review.reject(school.shop_id, candidate.id, BOSS, why="重复")
    assert (rejected.state, rejected.why) == ("rejected", "重复")
    with pytest.raises(ConflictError):
        await school.review.publish(school.shop_id, candidate.id, BOSS)
    assert (await school.edit(rejected)).state == "edited"


async def test_dates_of_a_pair_become_versions_of_the_document(school: School) -> None:
    today = shanghai_date(school.desk.clock.now())
    lasting = await school.publish(await _ready(school))
    campaign = await _ready(school, OTHER, OTHER_ANSWER)
    starts, ends = today + timedelta(days=2), today + timedelta(days=4)
    with pytest.raises(InvalidInputError):
        await school.edit(campaign, effective_from=ends, effective_to=starts)
    await school.publish(await school.edit(campaign, effective_from=starts, effective_to=ends))

    async def known(day: int) -> set[str]:
        found = await school.desk.retriever.search(school.shop_id, OTHER, as_of=today + timedelta(days=day))
        return {hit.text for hit in found.hits if hit.doc == "faq-learned"}

    assert [await known(day) for day in (0, 1, 5)] == [{ANSWER}] * 3
    assert [await known(day) for day in (2, 4)] == [{ANSWER, OTHER_ANSWER}] * 2
    await school.withdraw(lasting)
    assert [await known(day) for day in (0, 2, 5)] == [set(), {OTHER_ANSWER}, set()]


async def test_publishing_at_the_same_moment_loses_nothing(school: School) -> None:
    ready = [await _ready(school), await _ready(school, OTHER, OTHER_ANSWER)]
    await asyncio.gather(*(school.review.publish(school.shop_id, one.id, BOSS) for one in ready))
    assert set(await _pairs(school, 2)) == {ASKED, OTHER}


async def test_a_pair_the_shop_has_already_is_shown(school: School) -> None:
    question = next(iter(TWO_ANSWERS))
    handoff_id = await school.helped(["电子发票多长时间能开好", "转人工"], ["数电发票当天就能开好。"])
    candidate, new = await school.review.propose(school.shop_id, handoff_id, BOSS)
    assert new
    found = (await school.review.read(school.shop_id, candidate.id)).duplicates
    assert (found[0].question, found[0].answer) == (question, TWO_ANSWERS[question])
    assert (await school.review.propose(school.shop_id, handoff_id, BOSS))[1] is False
    published = await school.publish(candidate)
    assert "faq-learned" not in {one.doc for one in (await school.review.read(school.shop_id, published.id)).duplicates}


async def test_each_handoff_is_considered_once(school: School) -> None:
    await school.helped([next(iter(TWO_ANSWERS)), "转人工"], ["当天开好。"])
    await school.helped([ASKED, "转人工"], ["您好", "稍等"])
    await school.helped([OTHER, "转人工"], [OTHER_ANSWER])
    both = await asyncio.gather(*(learn(school.desk.database, school.shop_id) for _ in range(2)))
    assert "proposed" in {outcome for outcomes in both for outcome in outcomes}
    assert sorted((await _considered(school)).values()) == ["known", "nothing", "proposed"]
    assert await learn(school.desk.database, school.shop_id) == []
    assert len(await school.review.listed(school.shop_id)) == 1
    assert len(await school.review.teachable(school.shop_id)) == 2


async def _considered(school: School) -> dict[str, str]:
    async with school.desk.database.transaction(school.shop_id) as scope:
        rows = await scope.all("select handoff_id, outcome from handoffs_considered where shop_id = :shop_id")
    return {row.handoff_id: row.outcome for row in rows}


async def test_a_gap_is_proposed_without_a_call_for_a_person(school: School) -> None:
    accepted = await school.desk.ask(ASKED)
    await school.bench.ask(
        HandoffReason.KNOWLEDGE_GAP, subject=accepted.conversation_id, trigger=accepted.message_id, ask=ASKED
    )
    claimed = await school.bench.take()
    await school.bench.queue.reply(school.shop_id, claimed.handoff_id, ANNA, claimed.fence, ANSWER, client_key="1")
    await school.bench.queue.return_to_bot(school.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    (candidate,) = await school.learned()
    assert (candidate.question, candidate.reason) == (ASKED, "knowledge_gap")


async def test_only_what_a_person_ended_with_words_can_be_proposed(school: School) -> None:
    await school.asked(ASKED, "转人工")
    claimed = await school.bench.take()
    with pytest.raises(ConflictError) as early:
        await school.review.propose(school.shop_id, claimed.handoff_id, BOSS)
    assert early.value.data["reason"] == "open"
    await school.bench.queue.resolve(school.shop_id, claimed.handoff_id, ANNA, claimed.fence)
    with pytest.raises(ConflictError) as silent:
        await school.review.propose(school.shop_id, claimed.handoff_id, BOSS)
    assert silent.value.data["reason"] == "nothing"
    held = await school.bench.ask(HandoffReason.LINE_HOLD, subject="line_1", origin="narration")
    with pytest.raises(ConflictError) as foreign:
        await school.review.propose(school.shop_id, held.handoff_id, BOSS)
    assert foreign.value.data["reason"] == "origin"


async def test_another_shop_finds_nothing(school: School) -> None:
    candidate = await _ready(school)
    other = await new_shop(school.desk.database)
    with pytest.raises(NotFoundError):
        await school.review.read(other, candidate.id)
    with pytest.raises(NotFoundError):
        await school.review.publish(other, candidate.id, BOSS)
    async with school.desk.database.transaction(other) as scope:
        assert await repository.listed(scope, limit=10) == []
        with pytest.raises(NotFoundError):
            await propose(scope, candidate.handoff_id, BOSS)


async def test_erasing_the_shopper_takes_proposals_and_the_way_back(school: School) -> None:
    kept = await school.publish(await _ready(school))
    gone = await _ready(school, OTHER, OTHER_ANSWER)
    async with school.desk.database.transaction(school.shop_id) as scope:
        for one in (kept, gone):
            conversation = await conversations.get(scope, one.subject_id)
            await proof.bind(scope, conversation, shopper_id="anna", name="安安")
    async with school.desk.database.transaction(school.shop_id) as scope:
        assert await privacy.erase(scope, "anna") == 2
    (left,) = await school.review.listed(school.shop_id)
    detail = await school.review.read(school.shop_id, left.id)
    assert (left.id, left.subject_id, left.answer_message_ids, detail.said) == (kept.id, "", [], ())
    await school.index()
    assert (await school.desk.ask(ASKED)).outcome == "answered"
    assert (await school.withdraw(left)).state == "withdrawn"


async def test_the_chain_of_the_audit_holds_all_of_it_and_no_words(school: School) -> None:
    candidate = await school.edit(await _ready(school), answer="支持到店自提。")
    await school.review.approve(school.shop_id, candidate.id, BOSS)
    await school.publish(candidate)
    await school.withdraw(candidate)
    async with school.desk.database.transaction(school.shop_id) as scope:
        told = await audit.entries(scope, handoff_id=candidate.handoff_id)
        assert (await audit.verify(scope)).whole
    mine = [one for one in told if one.action.startswith("candidate_")]
    assert [one.action.removeprefix("candidate_") for one in mine] == [
        "proposed", "edited", "approved", "published", "withdrawn",
    ]  # fmt: skip
    assert {one.actor for one in mine} == {"system", "supervisor:opr_boss"}
    assert not any("自提" in one.body for one in mine)
