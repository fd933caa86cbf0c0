"""Bodies about a shop's connections to Chatwoot. Tokens and secrets go in and never come out."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.base import Words

_Id = Annotated[int, Field(ge=1, lt=2**53)]
_Label = Annotated[Words, Field(min_length=1, max_length=100)]


class ChatwootConnect(BaseModel):
    model_config = ConfigDict(extra="forbid")

    base_url: Annotated[Words, Field(min_length=1, max_length=500)]
    account_id: _Id
    name: Annotated[Words, Field(max_length=100)] = ""
    bot_token: Annotated[Words, Field(max_length=500)] = ""
    secret: Annotated[Words, Field(max_length=500)] = ""
    require_signature: bool = True
    team_id: _Id | None = None
    labels: Annotated[list[_Label], Field(max_length=10)] = []


class ChatwootChange(BaseModel):
    """Only what is given changes; `team_id` null takes the team away."""

    model_config = ConfigDict(extra="forbid")

    base_url: Annotated[Words, Field(min_length=1, max_length=500)] = ""
    account_id: _Id = 1
    name: Annotated[Words, Field(max_length=100)] = ""
    bot_token: Annotated[Words, Field(max_length=500)] = ""
    secret: Annotated[Words, Field(max_length=500)] = ""
    require_signature: bool = True
    team_id: _Id | None = None
    labels: Annotated[list[_Label], Field(max_length=10)] = []


class ChatwootConnectionOut(BaseModel):
    """`webhook_path` on this service is the bot's outgoing URL. `waiting` and `dead` count what was delivered or must
    be done there; `oldest_s` is the age of the oldest that waits. `error` is empty once its API answered again."""

    id: str
    name: str
    base_url: str
    account_id: int
    has_token: bool
    has_secret: bool
    require_signature: bool
    team_id: int | None
    labels: list[str]
    webhook_path: str
    created_at: datetime
    received_at: datetime | None
    reached_at: datetime | None
    failed_at: datetime | None
    error: str
    waiting: int
    dead: int
    oldest_s: float


class ChatwootRetried(BaseModel):
    steps: int


class ChatwootAccepted(BaseModel):
    """`repeated`: this delivery was here before, and nothing follows from it."""

    repeated: bool
