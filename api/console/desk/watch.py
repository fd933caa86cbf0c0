"""What a supervisor reads and does: load, ages, breaches, pushing work to somebody. Every act asks for the right."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from agents.handoff.figures import QueueLoad, TrendDay
from agents.handoff.presence import Presence
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Actor, Claimed, HandoffView, OperatorState
from api.auth.rights import Right
from api.console.visit import Visit
from knowledge.kit.clock import shanghai_date

TREND_DAYS = 14
_MOST = 100


@dataclass
class Watch:
    visit: Visit
    load: QueueLoad | None = None
    trend: list[TrendDay] = field(default_factory=list)
    views: list[HandoffView] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        return Actor(self.visit.who.operator_id, self.visit.who.name, "supervisor")

    @property
    def names(self) -> dict[str, str]:
        return {one.operator_id: one.name for one in self.load.operators} if self.load else {}

    @property
    def span(self) -> tuple[date, date]:
        today = shanghai_date(self.visit.now())
        return today - timedelta(days=TREND_DAYS - 1), today

    async def read(self) -> None:
        """What is breached first, then what warns, then the queue's order."""
        async with self.visit.may(Right.DESK_SUPERVISE) as services:
            queue, shop_id = HandoffQueue(services.database), self.visit.shop_id
            self.load = await queue.load(shop_id)
            found = [
                one for state in ("queued", "claimed") for one in await queue.listed(shop_id, state=state, limit=_MOST)
            ]
        self.views = sorted(found, key=lambda one: -worst(one))

    async def read_trend(self) -> None:
        async with self.visit.may(Right.DESK_SUPERVISE) as services:
            self.trend = await HandoffQueue(services.database).first_response_trend(self.visit.shop_id, days=TREND_DAYS)

    async def fitting(self, handoff_id: str) -> list[OperatorState]:
        async with self.visit.may(Right.DESK_SUPERVISE) as services:
            return await HandoffQueue(services.database).fitting(self.visit.shop_id, handoff_id)

    async def assign(self, handoff_id: str, operator_id: str) -> Claimed:
        async with self.visit.may(Right.DESK_SUPERVISE) as services:
            return await HandoffQueue(services.database).assign(
                self.visit.shop_id, handoff_id, operator_id, by=self.actor
            )

    async def take_over(self, handoff_id: str) -> Claimed:
        """To oneself; whoever takes work is at the desk from then on."""
        async with self.visit.may(Right.DESK_SUPERVISE) as services:
            await Presence(services.database).sign_in(
                self.visit.shop_id, self.visit.who.operator_id, name=self.visit.who.name
            )
        return await self.assign(handoff_id, self.visit.who.operator_id)


def worst(view: HandoffView) -> int:
    """2 breached, 1 warned, 0 in time; of the clocks that run."""
    levels = {one.level for one in view.clocks if one.running}
    return 2 if "breached" in levels else 1 if "warned" in levels else 0
