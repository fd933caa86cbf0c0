"""The first page: what happened lately, and what waits for somebody."""

from datetime import timedelta

from agents.conversations import statistics
from agents.handoff import repository as handoffs
from api.auth.rights import Right
from api.console.charts import outcome_chart
from api.console.frame import page
from api.console.parts import box, card, figure, quiet_button, words
from api.console.visit import Visit
from knowledge.documents import repository as documents

_DAYS = 14


@page("/", None, ("概览", "Overview"))
async def home(visit: Visit) -> None:
    words(visit.t(f"{visit.who.name}，你好", f"Hello, {visit.who.name}"), "lc-hello")
    if visit.has(Right.INSIGHTS_READ):
        await _figures(visit)
    await _knowledge(visit)
    if visit.has(Right.HANDOFFS_READ):
        await _waiting(visit)


async def _figures(visit: Visit) -> None:
    since = visit.now() - timedelta(days=_DAYS)
    async with visit.scope(Right.INSIGHTS_READ, snapshot=True) as scope:
        days = await statistics.outcomes_by_day(scope, since)
        totals = await statistics.totals(scope, since)
    turns = sum(sum(day.counts.values()) for day in days)
    abstained = sum(day.counts.get("abstained", 0) for day in days)
    with box("lc-figures"):
        figure(f"{totals.conversations}", visit.t("近 14 天会话", "Conversations, 14 days"))
        figure(share(totals.resolved, totals.conversations), visit.t("AI 独立解决", "Resolved by the desk"))
        figure(share(abstained, turns), visit.t("未能回答", "Abstained"), tone="warn" if abstained * 5 > turns else "")
        figure(
            f"{totals.rating_sum / totals.ratings:.1f}" if totals.ratings else "—",
            visit.t(f"满意度（{totals.ratings} 条评价）", f"Rating ({totals.ratings} given)"),
        )
    if turns:
        with card(visit.t("每天的结果", "Outcomes by day")):
            outcome_chart(visit, days, since.date(), visit.now().date())


async def _knowledge(visit: Visit) -> None:
    async with visit.scope(Right.DOCUMENTS_READ) as scope:
        found = await documents.listed(scope)
    failed = [one for one in found if one.state == "failed"]
    with card(visit.t("资料", "Knowledge")):
        with box("lc-figures flat"):
            figure(f"{len({one.doc for one in found})}", visit.t("份文档", "documents"))
            figure(f"{sum(one.chunk_count for one in found)}", visit.t("个可引用的条目", "citable pieces"))
            figure(f"{len(failed)}", visit.t("份未通过", "refused"), tone="warn" if failed else "")
        with box("lc-actions left"):
            quiet_button(visit.t("打开文档", "Open documents"), lambda: visit.go("/documents"), icon="description")
            if visit.has(Right.DESK_TRY):
                quiet_button(visit.t("试问一句", "Ask a test question"), lambda: visit.go("/ask"), icon="quiz")


async def _waiting(visit: Visit) -> None:
    async with visit.scope(Right.HANDOFFS_READ) as scope:
        queued = await handoffs.listed(scope, state="queued", limit=100)
    with card(visit.t("等待人工", "Waiting for a person")):
        figure(f"{len(queued)}", visit.t("个会话在排队", "conversations queued"), tone="human" if queued else "")
        with box("lc-actions left"):
            quiet_button(visit.t("查看", "Open"), lambda: visit.go("/desk"), icon="support_agent")


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "—"
