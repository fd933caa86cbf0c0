"""One sentence that fails rejects the draft; what passes is renumbered in order of first use."""

import pytest

from agents.support.answer_types import AnswerDraft
from agents.support.verify import renumbered, verify
from knowledge.evidence import Evidence, SourceRef

_TEXTS = ("现货商品在付款后72小时内发货。", "退货运费由买家承担。", "电子普通发票在提交申请后48小时内开具。")
EVIDENCE = tuple(
    Evidence(number=n, kind="clause", text=text, source=SourceRef(doc=f"d{n}", title="规则", chunk_id=f"chk_{n}"))
    for n, text in enumerate(_TEXTS, start=1)
)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("现货商品在付款后24小时内发货。[1]", "number"),
        ("退货运费由卖家承担。[2]", "party"),
        ("退货运费由买家承担。[9]", "unknown_citation"),
        ("退货运费由买家承担。", "no_citation"),
        ("退货运费由买家承担。[2]现货付款后72小时内发货。", "uncited"),
        ("退货运费由买家承担。[2]我已经为您办理了退款。[2]", "promise"),
        ("退货运费由买家承担。[2]详情见 http://example.com/a 。[2]", "contact"),
        ("退货运费由买家承担。[2]加微信 abc12345 更快。", "contact"),
        ("", "no_citation"),
        ("您好！", "no_citation"),
    ],
)
def test_a_hostile_draft_is_rejected_for_its_fault(answer: str, kind: str) -> None:
    verified = verify(AnswerDraft(answer=answer), EVIDENCE, ())
    assert not verified.passed
    assert kind in {finding.kind for finding in verified.findings}


@pytest.mark.parametrize("text", _TEXTS)
def test_the_evidence_in_its_own_words_passes(text: str) -> None:
    number = _TEXTS.index(text) + 1
    verified = verify(AnswerDraft(answer=f"{text}[{number}]"), EVIDENCE, ())
    assert verified.passed, verified.findings
    assert verified.cited == (number,)


@pytest.mark.parametrize(
    ("answer", "cited"),
    [
        (_TEXTS[2], 2),
        (_TEXTS[0], 3),
        (_TEXTS[1], 3),
    ],
)
def test_a_citation_of_the_wrong_evidence_is_rejected(answer: str, cited: int) -> None:
    assert not verify(AnswerDraft(answer=f"{answer}[{cited}]"), EVIDENCE, ()).passed


def test_markers_are_renumbered_and_point_at_the_same_evidence() -> None:
    verified = verify(AnswerDraft(answer=f"您好！{_TEXTS[2]}[3]{_TEXTS[0]}[1]{_TEXTS[2]}[3]"), EVIDENCE, ())
    assert verified.passed, verified.findings
    sentences, cited = renumbered(verified, EVIDENCE)
    assert sentences == ("您好！", f"{_TEXTS[2]}[1]", f"{_TEXTS[0]}[2]", f"{_TEXTS[2]}[1]")
    assert [item.source.chunk_id for item in cited] == ["chk_3", "chk_1"]


def test_the_question_given_back_is_no_answer() -> None:
    question = "显示已签收可我压根没看到包裹"
    text = "物流显示签收但没收到包裹的，请先问家人、门卫和驿站。"
    item = Evidence(number=1, kind="faq", text=text, source=EVIDENCE[0].source)
    assert not verify(AnswerDraft(answer=f"{question}[1]"), (item,), (), question).passed
    assert verify(AnswerDraft(answer=f"{text}[1]"), (item,), (), question).passed
