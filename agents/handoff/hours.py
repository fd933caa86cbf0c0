"""Business hours: clocks of the SLA run inside them only. Pure; the day is Asia/Shanghai's."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from knowledge.kit.clock import SHANGHAI


@dataclass(frozen=True)
class Hours:
    """Open from `opens` to before `closes`, whole hours of every day; 0 and 24 mean around the clock."""

    opens: int = 8
    closes: int = 23

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= 24:
            raise ValueError("hours open before they close, within one day")

    def are_open(self, instant: datetime) -> bool:
        return self.opens <= instant.astimezone(SHANGHAI).hour < self.closes

    def opens_in_s(self, instant: datetime) -> int:
        """0 while open."""
        if self.are_open(instant):
            return 0
        local = instant.astimezone(SHANGHAI)
        today = self._start(local)
        opening = today if local < today else self._start(local + timedelta(days=1))
        return int((opening - local).total_seconds()) or 1

    def elapsed_s(self, since: datetime, until: datetime) -> float:
        """Open seconds between the two; 0 where `until` is earlier."""
        start, end = since.astimezone(SHANGHAI), until.astimezone(SHANGHAI)
        if end <= start:
            return 0.0
        days = (end.date() - start.date()).days
        total = 0.0
        for day in {0, days}:
            total += self._on_day(start + timedelta(days=day), start, end)
        return total + max(0, days - 1) * (self.closes - self.opens) * 3600.0

    def _start(self, local: datetime) -> datetime:
        return datetime.combine(local.date(), time(self.opens), SHANGHAI)

    def _on_day(self, local: datetime, start: datetime, end: datetime) -> float:
        opening = self._start(local)
        closing = opening + timedelta(hours=self.closes - self.opens)
        return max(0.0, (min(end, closing) - max(start, opening)).total_seconds())
