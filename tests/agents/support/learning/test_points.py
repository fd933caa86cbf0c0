"""Which question, and the one point of the answer: read from the conversation, whoever was polite in between."""

from itertools import count

import pytest

from agents.conversations.models import Message, Turn
from agents.support.learning.flags import CaseFacts
from agents.support.learning.points import Talk, lasting, point_of

ASKED = "帐篷可以到门店自提吗？"
GIVEN = "可以自提，提前一天预约。"


def talk(*said: str, reasons: tuple[str, ...] = ("customer_request",), facts: CaseFacts | None = None) -> Talk:
    """`S:` the shopper, answered; `M:` missed; `T:` missed and the trigger; `P:` the trigger; `O:` the operator."""
    messages: list[Message] = []
    turns: list[Turn] = []
    triggers: set[str] = set()
    replies: dict[str, str] = {}
    for position, line in zip(count(1), said, strict=False):
        kind, _, text = line.partition(":")
        author = "operator" if kind == "O" else "shopper"
        message = Message(id=f"msg_{position}", position=position, author=author, text=text)
        messages.append(message)
        if kind == "O":
            replies[message.id] = "opr_anna"
            continue
        outcome = {"S": "answered", "M": "abstained", "T": "handed_off", "P": "handed_off", "N": None}[kind]
        if outcome:
            turns.append(Turn(id=f"trn_{position}", message_id=message.id, outcome=outcome))
        if kind in ("T", "P"):
            triggers.add(message.id)
    return Talk(reasons, frozenset(triggers), tuple(messages), tuple(turns), replies, facts or CaseFacts())


@pytest.mark.parametrize(
    ("given", "question", "missed"),
    [
        pytest.param(talk(f"M:{ASKED}", "P:转人工", f"O:{GIVEN}"), ASKED, True, id="a call asks nothing"),
        pytest.param(
            talk(f"M:{ASKED}", "S:谢谢", "P:人工", f"O:{GIVEN}"), ASKED, True, id="nor are thanks"
        ),
        pytest.param(talk(f"S:{ASKED}", "P:转人工", f"O:{GIVEN}"), ASKED, False, id="answered by the bot"),
        pytest.param(
            talk(f"T:{ASKED}", f"O:{GIVEN}", reasons=("knowledge_gap",)), ASKED, True, id="the gap itself"
        ),
        pytest.param(
            talk(f"M:{ASKED}", "T:你没回答我的问题", f"O:{GIVEN}", reasons=("repeated_failure",)), ASKED, True,
            id="a complaint that it is still open",
        ),
        pytest.param(
            talk("M:会员积分怎么用", "P:东西坏了，我要投诉你们", f"O:{GIVEN}", reasons=("complaint",)),
            "东西坏了，我要投诉你们", False, id="another matter than what was missed",
        ),
        pytest.param(
            talk(f"M:{ASKED}", "T:帐篷能不能门店自提", f"O:{GIVEN}", reasons=("repeated_failure",)), ASKED, True,
            id="asked again in other words",
        ),
    ],
)  # fmt: skip
def test_the_question_is_what_the_handoff_was_about(given: Talk, question: str, missed: bool) -> None:
    found = point_of(given)
    assert found is not None
    assert (found.question.text, found.missed) == (question, missed)
    assert (found.answer, found.operator_id) == (GIVEN, "opr_anna")


def test_other_wordings_of_the_missed_question_come_along() -> None:
    found = point_of(talk(f"M:{ASKED}", "M:帐篷能门店自提吗", "P:转人工", f"O:{GIVEN}"))
    assert found is not None
    assert (found.question.text, found.wordings) == ("帐篷能门店自提吗", (ASKED,))


@pytest.mark.parametrize(
    ("replies", "answer"),
    [
        (["您好，很高兴为您服务", "稍等我帮您查一下", GIVEN], GIVEN),
        (["亲亲，可以自提，提前一天预约"], GIVEN),
        (["可以自提。", "提前一天预约就行。", "还有什么可以帮您？"], "可以自提。提前一天预约就行。"),
        (["可以自提，提前一天预约。另外发票会随货寄出。"], GIVEN),
        (["请问您的订单号是多少？", GIVEN, "祝您生活愉快"], GIVEN),
    ],
)
def test_the_answer_is_one_point_without_the_talk_around_it(replies: list[str], answer: str) -> None:
    found = point_of(talk(f"M:{ASKED}", "P:转人工", *(f"O:{one}" for one in replies)))
    assert found is not None
    assert found.answer == answer


def test_of_two_matters_the_one_asked_is_answered() -> None:
    found = point_of(
        talk(f"M:{ASKED}", "P:转人工", "O:门店自提要提前一天预约。", "N:那发票什么时候给", "O:发票随货寄出。")
    )
    assert found is not None
    assert (found.answer, [one.position for one in found.answer_messages]) == ("门店自提要提前一天预约。", [3])


@pytest.mark.parametrize("replies", [[], ["您好"], ["稍等，帮您查一下"], ["请问是哪一款？"]])
def test_nothing_said_that_lasts_is_nothing_learned(replies: list[str]) -> None:
    assert point_of(talk(f"M:{ASKED}", "P:转人工", *(f"O:{one}" for one in replies))) is None


def test_what_is_kept_is_masked() -> None:
    facts = CaseFacts(names=frozenset({"李小满"}))
    found = point_of(
        talk(
            "M:帐篷可以自提吗？我电话13812345678",
            "P:转人工",
            "O:李小满您好，王女士可以自提，打13912345678。",
            facts=facts,
        )
    )
    assert found is not None
    assert "139" not in found.answer
    assert "李小满" not in found.answer
    assert "王女士" not in found.answer


def test_question_and_replies_can_be_chosen_by_hand() -> None:
    given = talk("S:会员有什么用", f"M:{ASKED}", "P:转人工", f"O:{GIVEN}", "O:会员满一百减五。")
    found = point_of(given, question_id="msg_1", answer_ids=["msg_5"])
    assert found is not None
    assert (found.question.id, found.answer, found.missed) == ("msg_1", "会员满一百减五。", False)
    assert point_of(given, question_id="msg_4") is None


def test_sentences_keep_their_marks() -> None:
    assert lasting("亲，可以的！满99元包邮；不满收8元") == ["可以的！", "满99元包邮；", "不满收8元。"]
