"""The desk: what waits, who holds it, and what is done with it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.base import Words
from api.schemas.conversations import AttachmentOut

RefId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
SubjectId = Annotated[Words, StringConstraints(min_length=1, max_length=128)]
Skill = Annotated[Words, StringConstraints(min_length=1, max_length=60)]
Skills = Annotated[list[Skill], Field(max_length=50)]
Fence = Annotated[int, Field(ge=0, le=2**31 - 1)]
FENCE_TOLD = "What the claim returned: proof that you still hold the handoff. An older one is a 409 stale_fence."
Origin = Literal["support", "narration", "selection"]
ReplyWords = Annotated[Words, Field(max_length=2000)]


class _Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SlaClockOut(_Read):
    """Business seconds. `level` is warned from 70 % of the target on; `left_s` below 0 is overdue."""

    name: Literal["first", "next", "resolution"]
    target_s: int
    elapsed_s: float
    left_s: float
    running: bool
    level: Literal["ok", "warned", "breached"]


class HandoffOut(_Read):
    """One line of the queue. `position` 1 is taken next, 0 once claimed or ended. `ask` is what is wanted in one line,
    personal data hidden. `subject_id`: the conversation, line or candidate. `claimed_by` holds it, or ended it."""

    id: str
    origin: Origin
    subject_id: str
    reason: str
    reasons: list[str]
    state: str
    priority: int
    vip: bool
    skills: list[str]
    fence: int
    claimed_by: str | None
    lease_until: datetime | None
    enqueued_at: datetime
    queued_at: datetime
    claimed_at: datetime | None
    first_reply_at: datetime | None
    last_reply_at: datetime | None
    resolved_at: datetime | None
    shopper_waits_since: datetime | None
    resolution: str
    returns: int
    incident_id: str | None
    sticky_operator: str | None
    position: int
    clocks: list[SlaClockOut]
    ask: str


class NoteOut(_Read):
    id: str
    handoff_id: str
    operator_id: str
    text: str
    created_at: datetime


class DraftOut(_Read):
    """A prepared reply nobody was sent."""

    handoff_id: str
    incident_id: str
    text: str
    state: Literal["draft", "sent", "dropped"]


class HandoffDetailOut(HandoffOut):
    """`packet` is what to read before acting, with phone numbers, addresses and the like hidden; `POST …/reveal` shows
    them. `draft`: what an incident's decision prepared for this one."""

    packet: dict[str, Any]
    notes: list[NoteOut]
    draft: DraftOut | None


class RevealIn(BaseModel):
    """`why` is kept as a digest, with who asked and when."""

    why: Words = Field(min_length=1, max_length=500)


class RevealedOut(BaseModel):
    """The packet as it was written, with nothing hidden."""

    handoff_id: str
    packet: dict[str, Any]


class DeskMessageOut(BaseModel):
    """A message as the desk reads it: what the shopper wrote has its personal data hidden."""

    id: str
    position: int
    author: Literal["shopper", "bot", "operator", "system"]
    text: str
    citations: list[dict[str, Any]]
    cards: list[dict[str, Any]]
    attachments: list[AttachmentOut]
    created_at: datetime


class DeskConversationOut(BaseModel):
    """`last_offset`: follow the handoff's events after it and nothing is missed or repeated."""

    conversation_id: str
    owner: Literal["bot", "handoff"]
    state: Literal["open", "closed"]
    messages: list[DeskMessageOut]
    last_offset: int


class ClaimedOut(_Read):
    """`fence` goes with every later act; `lease_until` moves with every heartbeat, reply and sign of life."""

    handoff_id: str
    subject_id: str
    origin: Origin
    fence: int
    lease_until: datetime


class NextOut(BaseModel):
    """`claimed` null: nothing waits that you may take."""

    claimed: ClaimedOut | None


class TakeOverIn(BaseModel):
    conversation_id: RefId


class AssignIn(BaseModel):
    operator_id: RefId


class FenceIn(BaseModel):
    fence: Fence = Field(description=FENCE_TOLD)


class LeaseOut(BaseModel):
    lease_until: datetime


class WhyIn(BaseModel):
    """`fence` may be left out for what nobody holds, and by supervisors and keys."""

    fence: Fence | None = Field(default=None, description=FENCE_TOLD)
    why: Words = Field(default="", max_length=2000)


class ReleaseIn(FenceIn):
    why: Words = Field(default="", max_length=2000)


class EscalateIn(WhyIn):
    """`skills`: what whoever takes it next must be able to do; `release`: it goes back into the queue."""

    skills: Skills = []
    release: bool = False


class NoteIn(BaseModel):
    """`fence` may be left out while it is queued, and by supervisors and keys."""

    fence: Fence | None = Field(default=None, description=FENCE_TOLD)
    text: Words = Field(max_length=2000)


class ReplyIn(FenceIn):
    """The same `client_key` and text again sends nothing and returns what was sent; another text is a 422
    idempotency_key_reused."""

    text: ReplyWords
    client_key: Words = Field(min_length=1, max_length=100)


class SentOut(_Read):
    """`repeated`: this very reply had been sent before."""

    message_id: str
    position: int
    repeated: bool


class ResolveIn(FenceIn):
    """`end_conversation`: it is over until the shopper writes again; otherwise the bot goes on."""

    resolution: Words = Field(default="", max_length=2000)
    end_conversation: bool = False


class TrendDayOut(_Read):
    """`on` is a day in Asia/Shanghai; `median_s` from coming to the first word of a person."""

    on: date
    came: int
    answered: int
    within_target: int
    median_s: float | None


class OperatorStateOut(_Read):
    """`available`: online and heard of lately; `holding`: claimed now."""

    operator_id: str
    name: str
    skills: list[str]
    capacity: int
    status: Literal["online", "away", "offline"]
    last_seen_at: datetime
    available: bool
    holding: int


class QueueLoadOut(_Read):
    """Now. `first_response_rate`: of the last 24 hours, within the target. `last_offset`: follow `/events` after it."""

    queued: int
    claimed: int
    oldest_wait_s: float
    by_reason: dict[str, int]
    first_response_rate: float | None
    warned: int
    breached: int
    operators: list[OperatorStateOut]
    last_offset: int


class PresenceIn(BaseModel):
    """What is left out stays as it was."""

    status: Literal["online", "away", "offline"] | None = None
    skills: Skills | None = None
    capacity: int | None = Field(default=None, ge=0, le=100)
