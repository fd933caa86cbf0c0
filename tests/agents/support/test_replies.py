import pytest

from agents.handoff.reasons import HandoffReason
from agents.support import replies
from agents.support.answer_types import AnswerDraft
from agents.support.verify import verify

_OTHER_ORIGINS = {HandoffReason.LINE_HOLD, HandoffReason.CANDIDATE_CONFLICT}


def test_abstaining_names_what_is_missing_and_no_more_than_three_things() -> None:
    said = "".join(replies.abstain(("保价", "七夕", "海淘", "第四样")))
    assert all(f"“{word}”" in said for word in ("保价", "七夕", "海淘"))
    assert "第四样" not in said
    assert "转人工" in said


def test_abstaining_without_a_name_still_reads() -> None:
    said = "".join(replies.abstain(()))
    assert "{" not in said
    assert "“”" not in said


def test_clarifying_offers_the_options() -> None:
    assert "“退货”、“换货”，还是“维修”" in replies.clarify(("退货", "换货", "维修"))
    assert "{" not in replies.clarify(("退货",)) + replies.clarify(())


@pytest.mark.parametrize("reason", sorted(set(HandoffReason) - _OTHER_ORIGINS))
def test_every_reason_of_support_has_words_that_promise_nothing_unbacked(reason: HandoffReason) -> None:
    said = replies.handoff(reason)
    assert "人工" in said
    findings = verify(AnswerDraft(answer=said), (), ()).findings
    assert "contact" not in {finding.kind for finding in findings}


def test_words_carry_no_marker() -> None:
    said = [*replies.chit_chat(thanks=True), *replies.chit_chat(thanks=False), *replies.abstain(("甲",))]
    assert not any("[" in line for line in said)


def test_suggestions_of_an_unknown_outcome_are_none() -> None:
    assert replies.suggestions("abstained")
    assert replies.suggestions("no such outcome") == ()
