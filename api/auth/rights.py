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


_EVERYONE = frozenset({Right.DOCUMENTS_READ, Right.CATALOG_READ, Right.DESK_TRY})
_DESK = _EVERYONE | {Right.CONVERSATIONS_READ, Right.HANDOFFS_READ}

RIGHTS = MappingProxyType(
    {
        Role.ADMIN: frozenset(Right),
        Role.SUPERVISOR: _DESK | {Right.DOCUMENTS_WRITE, Right.INSIGHTS_READ, Right.PII_REVEAL},
        Role.OPERATOR: _DESK,
        Role.MERCHANDISER: _EVERYONE | {Right.DOCUMENTS_WRITE, Right.IMPORTS_WRITE, Right.INSIGHTS_READ},
        Role.HOST: _EVERYONE,
    }
)


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """A role this version does not know gives nothing."""
    known = {role.value: rights for role, rights in RIGHTS.items()}
    return frozenset().union(*(known.get(role, frozenset()) for role in roles))
