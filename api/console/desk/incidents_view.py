"""Bursts: what shares a cause is put together, one decision is drafted for all, and each draft goes out by itself."""

from functools import partial

from nicegui import ui

from agents.handoff.errors import StaleFenceError
from agents.handoff.incidents import Incidents
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Cluster, IncidentView
from api.auth.rights import Right
from api.console.desk.cause import cause_words
from api.console.desk.dialogs import asked
from api.console.desk.keyed import Entry, Keyed
from api.console.desk.watch import Watch
from api.console.masking import masked
from api.console.parts import badge, box, card, confirm, main_button, quiet_button, words
from api.console.visit import Visit
from knowledge.kit.errors import ConflictError


class IncidentsView:
    def __init__(self, visit: Visit, watch: Watch) -> None:
        self._visit, self._watch = visit, watch
        with card(visit.t("集中问题", "Incidents"), visit.t("同一原因的多条转接，一次决定、逐条发送",
                  "Many handoffs with one cause: decided once, sent one by one")):  # fmt: skip
            self._list = Keyed(ui.element("div").classes("lc-list"))
            self._nothing = words(visit.t("目前没有集中出现的问题", "No burst at the moment"), "lc-hint")

    async def show(self) -> None:
        async with self._visit.may(Right.DESK_SUPERVISE) as services:
            incidents = Incidents(services.database)
            found = await incidents.listed(self._visit.shop_id, state="open")
            clusters = await incidents.clusters(self._visit.shop_id)
        self._list.show([
            *(Entry(one.id, one, partial(self._incident, one)) for one in found),
            *(Entry(one.cause, one, partial(self._cluster, one)) for one in clusters),
        ])  # fmt: skip
        self._nothing.set_visibility(not found and not clusters)

    def _cluster(self, cluster: Cluster) -> ui.element:
        visit = self._visit
        row = ui.element("div").classes("lc-row")
        with row:
            words(f"{len(cluster.handoff_ids)}", "lc-count")
            with box("lc-row-words grow"):
                words(cause_words(cluster.cause, english=visit.english), "lc-row-name")
                words(visit.t("最近一句：", "Latest: ") + masked(cluster.title)[:60], "lc-hint")
            quiet_button(visit.t("并为一个事件", "Make an incident"), partial(self._ask_title, cluster)).mark("group")
        return row

    def _ask_title(self, cluster: Cluster) -> None:
        visit = self._visit
        with asked(visit, visit.t("新事件", "A new incident")) as dialog:
            title = ui.input(visit.t("名称", "Name"), value=cause_words(cluster.cause, english=visit.english))
            title.props("outlined dense maxlength=100").classes("lc-field")

            async def group() -> None:
                async with visit.may(Right.DESK_SUPERVISE) as services:
                    await Incidents(services.database).group(
                        visit.shop_id, self._watch.actor, cause=cluster.cause, title=str(title.value or ""),
                        handoff_ids=cluster.handoff_ids,
                    )  # fmt: skip
                dialog.close()
                await self.show()

            with box("lc-actions"):
                quiet_button(visit.t("取消", "Cancel"), dialog.close)
                main_button(visit.t("建立", "Make"), visit.does(group)).mark("agreed")

    def _incident(self, one: IncidentView) -> ui.element:
        visit = self._visit
        place = ui.element("div").classes("lc-incident")
        with place:
            with box("lc-row"):
                words(f"{len(one.handoff_ids)}", "lc-count")
                with box("lc-row-words grow"):
                    words(one.title, "lc-row-name")
                    words(cause_words(one.cause, english=visit.english), "lc-hint")
                if one.drafts:
                    badge(visit.t(f"{one.drafts} 条待发送", f"{one.drafts} to send"), "wait")
                if one.sent:
                    badge(visit.t(f"{one.sent} 条已发送", f"{one.sent} sent"), "good")
            if one.decision:
                words(one.decision, "lc-message-text")
            with box("lc-actions left"):
                quiet_button(visit.t("写统一答复", "Write the reply"), partial(self._ask_text, one), icon="edit").mark(
                    "decide"
                )
                if one.drafts:
                    main_button(
                        visit.t("逐条发送", "Send one by one"), partial(self._ask_sending, one), icon="send"
                    ).mark("send-all")
                quiet_button(visit.t("结束事件", "End"), partial(self._ask_end, one)).mark("end-incident")
        return place

    def _ask_text(self, one: IncidentView) -> None:
        visit = self._visit
        with asked(visit, visit.t("统一答复", "The reply")) as dialog:
            words(
                visit.t("会为事件里的每条转接生成草稿，不会自动发出。", "Drafted for each handoff; nothing is sent."),
                "lc-hint",
            )
            text = ui.textarea(visit.t("答复", "Reply"), value=one.decision).props("outlined autogrow maxlength=2000")
            text.classes("lc-field")

            async def decide() -> None:
                async with visit.may(Right.DESK_SUPERVISE) as services:
                    await Incidents(services.database).decide(
                        visit.shop_id, one.id, self._watch.actor, str(text.value or "")
                    )
                dialog.close()
                await self.show()

            with box("lc-actions"):
                quiet_button(visit.t("取消", "Cancel"), dialog.close)
                main_button(visit.t("生成草稿", "Draft"), visit.does(decide)).mark("agreed")

    def _ask_sending(self, one: IncidentView) -> None:
        visit = self._visit
        with asked(visit, visit.t("逐条发送", "Send one by one")) as dialog:
            told = visit.t("排队中的由你逐条领取并发送；别的坐席手上的，由他们在坐席台确认后发送。",
                           "What is queued you claim and send, one by one; others send what they hold.")  # fmt: skip
            words(told, "lc-dialog-text")
            ends = ui.checkbox(visit.t("发送后标记为已解决", "Resolve each after sending"), value=True)

            async def send() -> None:
                dialog.close()
                await self._send(one, resolve=bool(ends.value))

            with box("lc-actions"):
                quiet_button(visit.t("取消", "Cancel"), dialog.close)
                main_button(visit.t("发送", "Send"), visit.does(send), icon="send").mark("agreed")

    async def _send(self, one: IncidentView, *, resolve: bool) -> None:
        sent = left = 0
        for handoff_id in one.handoff_ids:
            done = await self._send_one(one, handoff_id, resolve=resolve)
            sent, left = sent + (done is True), left + (done is False)
        visit = self._visit
        visit.note("incident_sent", incident=one.id, sent=sent, left=left)
        visit.tell(visit.t(f"已发送 {sent} 条，{left} 条在其他坐席手上", f"{sent} sent, {left} with other operators"))
        await self.show()

    async def _send_one(self, one: IncidentView, handoff_id: str, *, resolve: bool) -> bool | None:
        """Each under its own fence; False where somebody else holds it, None where there is nothing to send."""
        visit, actor = self._visit, self._watch.actor
        async with visit.may(Right.DESK_SUPERVISE) as services:
            queue, incidents = HandoffQueue(services.database), Incidents(services.database)
            if await incidents.draft_of(visit.shop_id, handoff_id) is None:
                return None
            view = await queue.read(visit.shop_id, handoff_id)
            if view.state not in ("queued", "claimed"):
                return None
            if view.state == "claimed" and view.claimed_by != actor.id:
                return False
            try:
                fence = view.fence if view.state == "claimed" else await self._taken(handoff_id)
                await incidents.send(visit.shop_id, one.id, handoff_id, actor, fence)
                if resolve:
                    await queue.resolve(visit.shop_id, handoff_id, actor, fence, resolution=one.title)
            except (StaleFenceError, ConflictError):  # taken or ended in between: theirs to send
                return False
            return True

    async def _taken(self, handoff_id: str) -> int:
        return (await self._watch.take_over(handoff_id)).fence

    def _ask_end(self, one: IncidentView) -> None:
        visit = self._visit

        async def end() -> None:
            async with visit.may(Right.DESK_SUPERVISE) as services:
                await Incidents(services.database).end(visit.shop_id, one.id, self._watch.actor)
            await self.show()

        confirm(
            visit, title=visit.t("结束事件？", "End the incident?"), act=end, button=visit.t("结束", "End"),
            text=visit.t("没发出的草稿会作废，各条转接照常处理。", "Unsent drafts are dropped; the handoffs go on."),
        )  # fmt: skip
