import itertools

import pytest

from agents.handoff.lifecycle import OPEN_STATES, HandoffAction, HandoffState, next_state
from agents.handoff.priority import base_priority
from agents.handoff.reasons import HandoffReason, most_urgent
from knowledge.kit.errors import ConflictError

S, A = HandoffState, HandoffAction


def test_a_handoff_is_claimed_before_it_is_resolved() -> None:
    assert next_state(S.QUEUED, A.CLAIM) is S.CLAIMED
    assert next_state(S.CLAIMED, A.RESOLVE) is S.RESOLVED
    assert next_state(S.CLAIMED, A.EXPIRE) is next_state(S.CLAIMED, A.RELEASE) is S.QUEUED
    with pytest.raises(ConflictError):
        next_state(S.QUEUED, A.RESOLVE)


@pytest.mark.parametrize(
    ("state", "action"), list(itertools.product([S.RESOLVED, S.RETURNED_TO_BOT, S.CANCELLED], HandoffAction))
)
def test_what_has_ended_stays_so(state: HandoffState, action: HandoffAction) -> None:
    with pytest.raises(ConflictError) as raised:
        next_state(state, action)
    assert raised.value.data == {"state": state.value, "action": action.value}


def test_nobody_claims_twice() -> None:
    with pytest.raises(ConflictError):
        next_state(S.CLAIMED, A.CLAIM)


def test_every_open_state_can_end() -> None:
    for state in OPEN_STATES:
        assert next_state(state, A.RETURN) is S.RETURNED_TO_BOT
        assert next_state(state, A.CANCEL) is S.CANCELLED


def test_every_reason_has_a_class_and_a_more_urgent_one_never_waits_behind() -> None:
    assert {base_priority(reason) > 0 for reason in HandoffReason} == {True}
    assert base_priority(HandoffReason.SAFETY) == max(map(base_priority, HandoffReason))
    order = [HandoffReason.SAFETY, HandoffReason.FRAUD, HandoffReason.LEGAL, HandoffReason.CUSTOMER_REQUEST,
             HandoffReason.COMPLAINT, HandoffReason.KNOWLEDGE_GAP]  # fmt: skip
    assert sorted(order, key=base_priority, reverse=True) == order


def test_of_several_reasons_the_most_urgent_leads() -> None:
    assert most_urgent([HandoffReason.COMPLAINT, HandoffReason.SAFETY, HandoffReason.LEGAL]) is HandoffReason.SAFETY
    assert most_urgent([]) is None
