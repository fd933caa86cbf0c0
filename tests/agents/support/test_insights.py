"""What to write next: grouping of unanswered questions, and the figures beside it."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.conversations import statistics
from agents.conversations.statistics import Unanswered
from agents.support.gate import Answerability
from agents.support.insights import group_questions
from knowledge.kit.clock import shanghai_date
from tests.support.desk import TWO_ANSWERS, Desk, faq
from tests.support.gates import set_verdict

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)


def asked(text: str, minute: int = 0, missing: tuple[str, ...] = (), conversation: str = "") -> Unanswered:
    at = NOON + timedelta(minutes=minute)
    return Unanswered(f"trn_{text}{minute}", conversation or f"cnv_{minute}", text, text, "abstained", missing, at)


def test_similar_wordings_come_together_the_most_frequent_first() -> None:
    groups = group_questions(
        [
            asked("你们有没有充电宝租借？", 5, ("充电宝", "租借")),
            asked("宠物能寄养吗", 4, ("寄养",)),
            asked("充电宝可以租借吗", 3, ("充电宝",)),
            asked("充电宝能租借吗", 2, ("充电宝",)),
            asked("能开收据到香港公司吗", 1),
        ]
    )
    assert [len(group.items) for group in groups] == [3, 1, 1]
    assert groups[0].missing[0] == "充电宝"
    assert set(groups[0].wordings) == {"你们有没有充电宝租借？", "充电宝可以租借吗", "充电宝能租借吗"}
    assert groups[1].title == "宠物能寄养吗"


def test_a_group_is_named_by_its_most_frequent_wording() -> None:
    (group,) = group_questions([asked("充电宝能不能租借呀", 3), asked("充电宝能租借吗", 2), asked("充电宝能租借吗", 1)])
    assert group.title == "充电宝能租借吗"
    assert len(group.conversations) == 3


def test_nothing_groups_to_nothing() -> None:
    assert group_questions([]) == []
    assert len(group_questions([asked("？"), asked("！", 1)])) in (1, 2)


async def test_figures_count_what_happened_in_this_shop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.ingest(faq("faq", TWO_ANSWERS))
    set_verdict(monkeypatch, Answerability("answer"))
    answered = await desk.ask(next(iter(TWO_ANSWERS)))
    await desk.ask("我要找人工客服", conversation_id=answered.conversation_id)
    set_verdict(monkeypatch, Answerability("abstain", missing=("充电宝",)))
    missed = await desk.ask("充电宝能租借吗")
    since = desk.clock.now() - timedelta(hours=1)
    async with desk.database.transaction(desk.shop_id) as scope:
        days = await statistics.outcomes_by_day(scope, since)
        totals = await statistics.totals(scope, since)
        found = await statistics.unanswered(scope, since, limit=10)
        listed, count = await statistics.listed(scope, outcome="abstained", limit=10, offset=0)
        everything, total = await statistics.listed(scope, limit=1, offset=1)
    (day,) = days
    assert day.on == shanghai_date(answered.created_at)
    assert day.counts == {"answered": 1, "handed_off": 1, "abstained": 1}
    assert (totals.conversations, totals.with_person, totals.resolved) == (2, 1, 0)
    assert [(one.text, one.missing) for one in found] == [("充电宝能租借吗", ("充电宝",))]
    assert [one.id for one in listed] == [missed.conversation_id]
    assert (count, total, len(everything)) == (1, 2, 1)
    assert everything[0].outcomes == ("answered", "handed_off")
