import pytest

from agents.support import readings
from agents.support.gate import Answerability
from agents.support.readings import Reading, on_topic
from agents.support.triage_types import Utterance
from tests.agents.support.gate_kit import gathered, hit

ASKED = (Utterance(role="user", text="我的发票开好了吗"), Utterance(role="bot", text="订单的发票已申请。"))


def test_a_short_message_is_read_on_the_topic_before_it() -> None:
    assert on_topic("多久能好", ASKED) == Reading("多久能好", "发票，多久能好")
    assert on_topic("多久能好", ()) is None


def test_a_long_message_stands_alone() -> None:
    assert on_topic("我想问一下你们家的东西坏了以后大概多长时间能够修好呀", ASKED) is None


def test_words_added_do_not_answer_what_the_message_asks_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "judge", lambda _gathered: Answerability("answer"))
    reading = Reading("能放微波炉吗", "途小简保温杯，能放微波炉吗")
    beside = gathered(reading.query, [hit("途小简保温杯支持签收次日起7天无理由退货。")])
    assert reading.judge(beside).verdict == "abstain"
    assert reading.judge(gathered(reading.query, [hit("途小简保温杯不能放进微波炉。")])).verdict == "answer"
    assert Reading(reading.own, reading.own).judge(beside).verdict == "answer"
