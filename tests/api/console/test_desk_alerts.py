"""Whom a move of the queue calls, and what a packet's steps are called."""

from api.auth.rights import Role, origins_of
from api.console.desk.alerts import Alert, alert_of
from api.console.desk.cause import cause_words
from api.console.desk.packet_words import tried_words
from api.console.masking import masked

MOVE = {"origin": "support", "reason": "complaint", "claimed_by": None, "actor": "bot"}


def told(
    kind: str, *, supervises: bool = False, origins: tuple[str, ...] = ("support",), **data: object
) -> Alert | None:
    return alert_of(kind, {**MOVE, **data}, me="opr_me", origins=origins, supervises=supervises, english=False)


def test_what_comes_into_the_queue_calls_everybody_who_may_take_it() -> None:
    for kind in ("enqueued", "released", "expired"):
        assert told(kind) == Alert("new", "有新的待处理", "投诉")
    assert told("enqueued", origins=("narration",)) is None
    assert told("released", actor="operator:opr_me") is None
    assert told("claimed", claimed_by="opr_other") is None
    assert told("replied") is None


def test_a_deadline_calls_who_holds_it_whoever_may_and_supervisors() -> None:
    assert told("sla_warned") == Alert("warn", "时限将至", "投诉")
    assert told("sla_breached", claimed_by="opr_me") == Alert("warn", "已超时", "投诉")
    assert told("sla_breached", claimed_by="opr_other") is None
    assert told("sla_breached", claimed_by="opr_other", supervises=True) is not None


def test_what_a_supervisor_pushes_calls_the_one_who_got_it() -> None:
    assert told("assigned", claimed_by="opr_me", actor="supervisor:opr_chief") is not None
    assert told("assigned", claimed_by="opr_other", actor="supervisor:opr_chief") is None


def test_an_alert_never_holds_a_shoppers_words() -> None:
    alert = told("enqueued", ask="我的电话是13812345678")
    assert alert is not None
    assert "138" not in alert.title + alert.body


def test_each_role_works_the_origins_of_its_own_agents() -> None:
    assert origins_of([Role.OPERATOR]) == ("support", "narration", "selection")
    assert origins_of([Role.HOST]) == ("narration",)
    assert origins_of([Role.MERCHANDISER, Role.HOST]) == ("narration", "selection")
    assert origins_of(["no such role"]) == ()


def test_steps_and_causes_are_told_in_words() -> None:
    assert tried_words("order:found", english=False) == "查订单（有结果）"
    assert tried_words("documents:4", english=False) == "查资料（4 条）"
    assert tried_words("rejected:promise", english=False) == "草稿未通过核对"
    assert tried_words("rule:request.bare", english=False) == ""
    assert tried_words("a_new_tool:found", english=True) == "a_new_tool（found）"
    assert cause_words("complaint/logistics/圆通", english=False) == "投诉 · 物流 · 圆通"
    assert cause_words("complaint/complaint", english=False) == "投诉"
    assert cause_words("complaint/unknown", english=True) == "Complaint"


def test_words_without_anything_personal_stay_as_they_were_written() -> None:
    assert masked("快一点，谢谢！") == "快一点，谢谢！"
    assert "13812345678" not in masked("打13812345678给我")
