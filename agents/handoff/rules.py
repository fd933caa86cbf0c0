"""The queue's figures as a shop sets them: `settings["queue"]`, each with a default that a shop can run on."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agents.handoff.hours import Hours
from agents.handoff.reasons import HandoffReason
from knowledge.kit.errors import ConfigurationError


class QueueRules(BaseModel):
    """`t1_s`: claimed without a reply; `t2_s`: silent after the shopper's message; `t3_s`: waited, so any skill will
    do. `sticky_s`: how long the last operator has it to themselves. `offline_s`: not heard of, so not there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    lease_s: int = Field(default=60, ge=10, le=3600)
    offline_s: int = Field(default=45, ge=5, le=3600)
    t1_s: int = Field(default=120, ge=10, le=86_400)
    t2_s: int = Field(default=300, ge=10, le=86_400)
    t3_s: int = Field(default=120, ge=0, le=86_400)
    sticky_s: int = Field(default=30, ge=0, le=3600)
    sticky_days: int = Field(default=7, ge=0, le=365)
    first_s: int = Field(default=180, ge=10, le=86_400)
    next_s: int = Field(default=300, ge=10, le=86_400)
    resolution_s: int = Field(default=86_400, ge=60, le=30 * 86_400)
    opens: int = Field(default=8, ge=0, le=23)
    closes: int = Field(default=23, ge=1, le=24)
    vip_tiers: tuple[str, ...] = ("vip", "svip", "金卡", "钻石", "黑金")
    skills: dict[HandoffReason, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "QueueRules":
        if self.opens >= self.closes:
            raise ValueError("opens must be before closes")
        return self

    @property
    def hours(self) -> Hours:
        return Hours(self.opens, self.closes)

    def skills_for(self, reason: HandoffReason) -> tuple[str, ...]:
        """What an operator must be able to do to take work of this reason first."""
        return self.skills.get(reason, ())

    def is_vip(self, tier: str) -> bool:
        """A tier counts by how it begins: 金卡 covers 金卡会员."""
        return tier.strip().lower().startswith(tuple(one.lower() for one in self.vip_tiers))


def rules_of(settings: Mapping[str, Any]) -> QueueRules:
    """Raises: ConfigurationError naming the first setting that is out of range."""
    try:
        return QueueRules.model_validate(settings.get("queue") or {})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "queue"
        raise ConfigurationError(f"The shop's setting queue.{where} is wrong: {first['msg']}.") from error
