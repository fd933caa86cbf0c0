"""What models really send, and what we make of it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from agents.llm.ledger import Outcome
from agents.llm.parse import PlainText, UnusableReplyError, markers, parse_output, parse_text


class Answer(BaseModel):
    answer: str
    citations: tuple[int, ...] = ()
    needs: tuple[dict[str, str], ...] = ()


class Understood(BaseModel):
    intents: tuple[str, ...]
    query: str


@pytest.mark.parametrize(
    "text",
    [
        '{"answer": "可以退 [1]", "citations": [1]}',
        '\ufeff  {"answer": "可以退 [1]", "citations": [1]}\n',
        '```json\n{"answer": "可以退 [1]", "citations": [1]}\n```',
        '好的，结果如下：\n```\n{"answer": "可以退 [1]", "citations": [1]}\n```\n希望有帮助！',
        '回答是 {"answer": "可以退 [1]", "citations": [1]} 请查收',
        '{"answer": "可以退 [1]", "citations": [1,],}',
        "{“answer”：“可以退 [1]”，“citations”：【1】}",
        '{"answer"："可以退 [1]"，"citations"：[1]}',
        '｛"answer": "可以退 [1]", "citations": [1]｝',
        '{"answer": "可以退 [1]", "citations": ["[1]"]}',
        '{"answer": "可以退 [1]", "citations": ["1", 1]}',
        '[{"answer": "可以退 [1]", "citations": [1]}]',
        '{"result": {"answer": "可以退 [1]", "citations": [1]}}',
        '<think>用户问 {"answer": "错"} 吗</think>{"answer": "可以退 [1]", "citations": [1]}',
        '想了想</think>\n{"answer": "可以退 [1]", "citations": [1]}',
        "可以退 [1]",
    ],
)
def test_readable_in_many_shapes(text: str) -> None:
    assert parse_output(text, Answer) == Answer(answer="可以退 [1]", citations=(1,))


def test_quotes_inside_the_words_stay() -> None:
    text = '{"answer": "页面写着“七天无理由”，可以：退 [1]，", "citations": [1],}'
    assert parse_output(text, Answer).answer == "页面写着“七天无理由”，可以：退 [1]，"


def test_raw_newlines_and_braces_inside_strings() -> None:
    assert parse_output('见 {"answer": "甲\n乙 {x} \\" }", "citations": []}', Answer).answer == '甲\n乙 {x} " }'


def test_a_fitting_object_is_found_behind_an_unfit_one() -> None:
    text = '{"thought": "查一下"}\n{"answer": "好 [2]", "citations": [2]}'
    assert parse_output(text, Answer).citations == (2,)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("", Outcome.UNPARSABLE),
        ("<<<QUESTION\n能退吗\nQUESTION>>>", Outcome.UNPARSABLE),
        ('{"answer": "七天。EVIDENCE 1>>>", "citations": [1]}', Outcome.UNPARSABLE),
        ("<think>想啊想</think>", Outcome.UNPARSABLE),
        ('{"answer": "可以退', Outcome.UNPARSABLE),
        ('"answer": "可以退 [1]"', Outcome.UNPARSABLE),
        ("```json\n没有\n```", Outcome.UNPARSABLE),
        ('{"reply": "可以退"}', Outcome.WRONG_SCHEMA),
        ('{"answer": ["可以退"]}', Outcome.WRONG_SCHEMA),
        ("哈" * 50_000, Outcome.UNPARSABLE),
        ("{" * 30_000, Outcome.UNPARSABLE),
        ("[" * 30_000, Outcome.UNPARSABLE),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, Outcome.UNPARSABLE),
        ('{"answer": ' + "9" * 6_000 + "}", Outcome.UNPARSABLE),
    ],
)
def test_unusable_is_said_not_guessed(text: str, outcome: Outcome) -> None:
    with pytest.raises(UnusableReplyError) as caught:
        parse_output(text, Answer)
    assert caught.value.outcome is outcome


def test_plain_words_fill_no_structured_output() -> None:
    with pytest.raises(UnusableReplyError):
        parse_output("我想退货", Understood)


def test_plain_words_cite_by_their_markers() -> None:
    assert markers("甲【2】乙[1,3]丙［2］丁[2026年]") == (2, 1, 3)
    assert parse_output("可以 [2]。运费自理 [1]。", Answer).citations == (2, 1)


def test_text_prompts_take_the_words_as_they_are() -> None:
    assert parse_text("<think>…</think> 摘要 {1} ", PlainText).text == "摘要 {1}"
    with pytest.raises(UnusableReplyError):
        parse_text("  ", PlainText)


@given(st.text(alphabet='{}[]",:：，“”【】\\ansウer1 \n`<think>/', max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    with suppress(UnusableReplyError):
        assert parse_output(text, Answer).answer is not None


@given(st.text(max_size=60), st.lists(st.integers(0, 999), unique=True, max_size=5))
def test_sound_json_is_never_changed(answer: str, citations: list[int]) -> None:
    text = json.dumps({"answer": answer, "citations": citations}, ensure_ascii=False)
    assert parse_output(text, Answer) == Answer(answer=answer, citations=tuple(citations))
