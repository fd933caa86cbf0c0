"""What Chatwoot sends, read without trust in its types. Pure.

One thing comes in several shapes: `message_type` is a word at the top and a number inside a conversation, times are ISO
text or Unix seconds, `sender` and `content` may be null, and a conversation is the whole body or a part of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from knowledge.kit.storable import is_storable

_TYPES = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
_BOTS = ("agentbot", "agent_bot", "captain::assistant")
MARK = "livecrew"
"""Title of the item that carries our step's number inside a message of ours."""
_LONGEST_ID = 128


@dataclass(frozen=True)
class Theirs:
    """One message there. `mark` is the number of our step where it is a message of ours."""

    id: int
    kind: str
    private: bool
    text: str
    by_bot: bool
    files: tuple[tuple[str, str], ...]
    mark: int | None
    at: datetime | None


@dataclass(frozen=True)
class There:
    """A conversation as it stands in Chatwoot; `held` by a person, not by a bot."""

    id: int
    status: str
    held: bool
    priority: str
    team: bool
    attributes: Mapping[str, Any]
    last: tuple[Theirs, ...]


@dataclass(frozen=True)
class Event:
    """`identifier` is the shopper's id as Chatwoot proved it by HMAC, empty where it proved none."""

    name: str
    account_id: int | None
    there: There | None
    message: Theirs | None
    identifier: str
    shopper_name: str


def read_event(body: Mapping[str, Any]) -> Event:
    name = text_of(body.get("event"))
    is_message = name.startswith("message_")
    conversation = mapping(body.get("conversation")) if is_message else body
    there = read_conversation(conversation)
    sender = mapping(body.get("sender")) if is_message else mapping(mapping(body.get("meta")).get("sender"))
    account = mapping(body.get("account"))
    return Event(
        name=name,
        account_id=number(account.get("id", body.get("account_id"))),
        there=there,
        message=read_message(body) if is_message else None,
        identifier=_proven(conversation, sender),
        shopper_name=" ".join(text_of(sender.get("name")).split())[:60],
    )


def read_conversation(body: Mapping[str, Any]) -> There | None:
    """None where it has no display id."""
    found = number(body.get("id"))
    if found is None:
        return None
    meta = mapping(body.get("meta"))
    latest = [*sequence(body.get("messages")), body.get("last_non_activity_message")]
    return There(
        id=found,
        status=text_of(body.get("status")),
        held=_held(meta),
        priority=text_of(body.get("priority")),
        team=bool(mapping(meta.get("team"))),
        attributes=mapping(body.get("custom_attributes")),
        last=tuple(one for one in map(read_message, map(mapping, latest)) if one is not None),
    )


def read_message(body: Mapping[str, Any]) -> Theirs | None:
    found = number(body.get("id"))
    if found is None:
        return None
    files = [mapping(one) for one in sequence(body.get("attachments"))]
    sender = mapping(body.get("sender"))
    return Theirs(
        id=found,
        kind=_type(body.get("message_type")),
        private=body.get("private") is True,
        text=text_of(body.get("content")),
        by_bot=text_of(body.get("sender_type", sender.get("type"))).lower() in _BOTS,
        files=tuple((text_of(one.get("file_type")), text_of(one.get("data_url"))) for one in files),
        mark=_mark(body),
        at=instant(body.get("created_at")),
    )


def marked(step: int) -> dict[str, Any]:
    """`content_attributes` of a message that is step number `step` of ours."""
    return {"items": [{"title": MARK, "value": str(step)}]}


def _mark(body: Mapping[str, Any]) -> int | None:
    items = sequence(mapping(body.get("content_attributes")).get("items"))
    return next((number(one.get("value")) for one in map(mapping, items) if one.get("title") == MARK), None)


def _held(meta: Mapping[str, Any]) -> bool:
    assignee = mapping(meta.get("assignee"))
    if not assignee:
        return False
    kind = text_of(meta.get("assignee_type")) or text_of(assignee.get("type"))
    return kind.lower() not in _BOTS


def _proven(conversation: Mapping[str, Any], sender: Mapping[str, Any]) -> str:
    """What does not agree with itself proves nothing: the contact of the inbox, verified there, is who wrote."""
    inbox = mapping(conversation.get("contact_inbox"))
    said = mapping(conversation.get("meta")).get("hmac_verified", True)
    contact = number(inbox.get("contact_id"))
    if inbox.get("hmac_verified") is not True or said is not True or contact != number(sender.get("id")):
        return ""
    identifier = sender.get("identifier")
    if not isinstance(identifier, str) or not identifier.strip() or len(identifier) > _LONGEST_ID:
        return ""
    return identifier if is_storable(identifier) else ""


def _type(value: Any) -> str:
    code = number(value)
    return _TYPES.get(code, "") if code is not None else text_of(value)


def instant(value: Any) -> datetime | None:
    """From Unix seconds, whole or not, as a number or as text, or from ISO 8601."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        return datetime.fromtimestamp(float(value), UTC) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return value if fits else None


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def storable(value: Any) -> Any:
    """The same without what PostgreSQL cannot hold: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        return value if is_storable(value) else "".join(char for char in value if is_storable(char))
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in value.items()}
    return [storable(inner) for inner in value] if isinstance(value, list) else value
