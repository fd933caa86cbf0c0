from agents.support.cards import OrderCard, PolicyCard
from agents.support.live import Live
from agents.support.tools.base import Fact, ToolResult
from agents.support.wants import Want

ORDER = OrderCard(
    order_id="A1", state="shipped", state_text="已发货", placed_at="2026-11-01T00:00:00Z", paid_fen=100, items=()
)
REFUSED = PolicyCard(title="退换货", result="no", lines=("不支持七天无理由退货。",), as_of="2026-11-01T00:00:00Z")


def test_what_is_silenced_stays_evidence_and_shows_no_verdict() -> None:
    fact = Fact("policy_result", "policy:A1", "订单 A1", "不支持七天无理由退货。", ("不支持七天无理由退货。",))
    spoken = Live().plus(Want.RETURN, ToolResult("found", (fact,), (REFUSED, ORDER)))
    silent = spoken.silent()
    assert (spoken.says, silent.says) == (True, False)
    assert [one.text for one in silent.facts] == [fact.text]
    assert silent.cards == (ORDER,)
