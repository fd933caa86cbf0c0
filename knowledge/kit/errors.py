"""Errors are a contract: a stable `code`, one sentence, and data a program can read."""

from typing import Any, ClassVar


class LiveCrewError(Exception):
    """Base of all errors raised on purpose. `code` never changes once released; HTTP status is in api/errors.py."""

    code: ClassVar[str] = "internal"

    def __init__(self, detail: str, **data: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.data = data


class NotFoundError(LiveCrewError):
    code = "not_found"


class InvalidInputError(LiveCrewError):
    """Bad input: `data` names the field (and row, where there is one) and the rule it broke."""

    code = "invalid_input"


class ConflictError(LiveCrewError):
    code = "conflict"


class ForbiddenError(LiveCrewError):
    code = "forbidden"


class UnauthorizedError(LiveCrewError):
    code = "unauthorized"


class ConfigurationError(LiveCrewError):
    """The machine or a setting is at fault, not the caller; the sentence says what to change."""

    code = "configuration"
