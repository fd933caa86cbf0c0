"""What waits for a person, to look at."""

from agents.handoff import repository
from api.auth.rights import Right
from api.console.frame import page
from api.console.guard import PATH
from api.console.masking import masked
from api.console.parts import box, column, empty, table
from api.console.visit import Visit
from api.console.wording import HANDOFF_STATES, REASONS, moment, named

_LIMIT = 200
_TONES = {"queued": "human", "claimed": "wait", "resolved": "good"}


@page("/handoffs", Right.HANDOFFS_READ, ("转人工记录", "Handoff log"), wide=True)
async def handoffs(visit: Visit) -> None:
    async with visit.scope(Right.HANDOFFS_READ) as scope:
        found = await repository.listed(scope, state=None, limit=_LIMIT)
    found.sort(key=lambda one: one.state not in ("queued", "claimed"))
    with box("lc-card tight"):
        if not found:
            return empty(visit.t("没有等待人工的会话", "Nothing waits for a person"))
        rows = [
            {
                "id": one.id,
                "href": f"{PATH}/conversation?id={one.subject_id}",
                "ask": masked(str(one.packet.get("ask", "")))[:80] or "—",
                "reason": named(REASONS, one.reason, english=visit.english),
                "state": {
                    "text": named(HANDOFF_STATES, one.state, english=visit.english),
                    "tone": _TONES.get(one.state, "quiet"),
                },
                "priority": one.priority,
                "at": moment(one.enqueued_at),
            }
            for one in found
        ]
        columns = [
            column("ask", visit.t("诉求", "Asks"), classes="lc-cell-wrap"),
            column("reason", visit.t("原因", "Reason")),
            column("state", visit.t("状态", "State")),
            column("priority", visit.t("紧急度", "Priority"), align="right"),
            column("at", visit.t("排队时间", "Queued at")),
        ]
        table(columns, rows, key="id", link="ask", badges="state")
