"""Signing in, incidents, the audit, and webhooks."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.base import Words
from api.schemas.handoffs import FenceIn as FenceIn
from api.schemas.handoffs import RefId


class _Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SignInIn(BaseModel):
    login: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class OperatorOut(BaseModel):
    """`origins`: whose handoffs this operator sees and works."""

    operator_id: str
    login: str
    name: str
    roles: list[str]
    rights: list[str]
    origins: list[str]


class SignedInOut(BaseModel):
    """`token` goes into `Authorization: Bearer …`. It ends at `expires_at`, and at once when the operator's roles or
    password change or the account is disabled; `POST /v1/sign-in/renew` makes a new one while it is good."""

    token: str
    expires_at: datetime
    shop_id: str
    operator: OperatorOut


class ClusterOut(_Read):
    cause: str
    handoff_ids: list[str]
    title: str


class IncidentIn(BaseModel):
    """What shares `cause` with an open incident joins it. Handoffs that have ended, or stand in another, stay out."""

    cause: Words = Field(min_length=1, max_length=300)
    title: Words = Field(min_length=1, max_length=300)
    handoff_ids: list[RefId] = Field(max_length=1000)


class IncidentOut(_Read):
    id: str
    title: str
    cause: str
    state: Literal["open", "ended"]
    decision: str
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime
    handoff_ids: list[str]
    drafts: int
    sent: int


class DecisionIn(BaseModel):
    text: Words = Field(min_length=1, max_length=2000)


class AuditLineOut(_Read):
    """`hash` = SHA-256(prev_hash + body); `body` is what was hashed, and the other fields repeat it."""

    seq: int
    at: datetime
    handoff_id: str
    subject_id: str
    order_ids: list[str]
    action: str
    actor: str
    fence: int
    detail: dict[str, Any]
    body: str
    prev_hash: str
    hash: str


class ChainHeadOut(BaseModel):
    seq: int
    hash: str


class AuditVerifiedOut(_Read):
    """`broken_at`: the first entry that does not follow from the one before it. Compare `head` with one kept elsewhere:
    that shows whether entries were cut from the end."""

    entries: int
    broken_at: int | None
    whole: bool
    head: ChainHeadOut


class AuditExportOut(BaseModel):
    """The entries asked for, each with what proves it, and the head of the chain they stand in."""

    shop_id: str
    head: ChainHeadOut
    entries: list[dict[str, Any]]


Topics = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=50)]


class WebhookIn(BaseModel):
    url: str = Field(max_length=2000)
    topics: Topics = ["handoff.*"]


class WebhookChangeIn(BaseModel):
    """What is left out stays."""

    url: str | None = Field(default=None, max_length=2000)
    topics: Topics | None = None
    enabled: bool | None = None


class WebhookOut(_Read):
    id: str
    url: str
    topics: list[str]
    enabled: bool
    created_at: datetime


class WebhookLineOut(WebhookOut):
    """With how many of its deliveries wait, were taken, and were given up."""

    pending: int
    delivered: int
    dead: int


class WebhookMadeOut(WebhookOut):
    """`secret` is shown this once."""

    secret: str


class DeliveryOut(_Read):
    """`id` is the same with every try. `last_status`: what the receiver answered last; `error`: what was wrong."""

    id: str
    topic: str
    state: Literal["pending", "delivered", "dead"]
    attempts: int
    next_attempt_at: datetime
    last_status: int | None
    error: str
    created_at: datetime
    finished_at: datetime | None
