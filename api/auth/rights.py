"""Who may do what in the console. Pure: roles in, rights out; every action asks again."""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    MERCHANDISER = "merchandiser"
    HOST = "host"


class Right(StrEnum):
    SHOP_WRITE = "shop:write"
    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_WRITE = "documents:write"
    POLICIES_WRITE = "policies:write"
    DESK_TRY = "desk:try"
    CATALOG_READ = "catalog:read"
    IMPORTS_WRITE = "imports:write"
    MODEL_WRITE = "model:write"
    KEYS_WRITE = "keys:write"
    OPERATORS_WRITE = "operators:write"
    INSIGHTS_READ = "insights:read"
    CONVERSATIONS_READ = "conversations:read"
    PII_REVEAL = "pii:reveal"
    HANDOFFS_READ = "handoffs:read"
    AUDIT_READ = "audit:read"
    WEBHOOKS_WRITE = "webhooks:write"
    DESK_WORK = "desk:work"
    DESK_SUPERVISE = "desk:supervise"
    KNOWLEDGE_REVIEW = "knowledge:review"


_EVERYONE = frozenset({Right.DOCUMENTS_READ, Right.CATALOG_READ, Right.DESK_TRY})
_DESK = _EVERYONE | {Right.CONVERSATIONS_READ, Right.HANDOFFS_READ, Right.DESK_WORK}

RIGHTS = MappingProxyType(
    {
        Role.ADMIN: frozenset(Right),
        Role.SUPERVISOR: _DESK
        | {
            Right.DOCUMENTS_WRITE,
            Right.INSIGHTS_READ,
            Right.PII_REVEAL,
            Right.DESK_SUPERVISE,
            Right.AUDIT_READ,
            Right.KNOWLEDGE_REVIEW,
        },
        Role.OPERATOR: _DESK,
        Role.MERCHANDISER: _EVERYONE
        | {Right.DOCUMENTS_WRITE, Right.IMPORTS_WRITE, Right.INSIGHTS_READ, Right.DESK_WORK},
        Role.HOST: _EVERYONE | {Right.DESK_WORK},
    }
)

_ORIGINS = MappingProxyType(
    {
        Role.ADMIN: ("support", "narration", "selection"),
        Role.SUPERVISOR: ("support", "narration", "selection"),
        Role.OPERATOR: ("support", "narration", "selection"),
        Role.MERCHANDISER: ("selection",),
        Role.HOST: ("narration",),
    }
)


def origins_of(roles: Iterable[str]) -> tuple[str, ...]:
    """Whose work waits for these roles at the desk, by the agent it comes from."""
    known = {role.value: origins for role, origins in _ORIGINS.items()}
    mine = {origin for role in roles for origin in known.get(role, ())}
    return tuple(origin for origin in _ORIGINS[Role.ADMIN] if origin in mine)


def may_reveal(*, holds: bool) -> tuple[Right, ...]:
    """Any of these shows a handoff's masked personal data: whoever holds it needs no more than to work at the desk."""
    return (Right.PII_REVEAL, Right.DESK_WORK) if holds else (Right.PII_REVEAL,)


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """A role this version does not know gives nothing."""
    known = {role.value: rights for role, rights in RIGHTS.items()}
    return frozenset().union(*(known.get(role, frozenset()) for role in roles))
