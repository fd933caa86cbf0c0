"""One switch for the whole process: a test that reaches a real model fails instead of calling it."""

from collections.abc import Iterator
from contextlib import contextmanager


class ModelCallForbiddenError(RuntimeError):
    """Meant to break the test: no writer turns it into an offline answer."""


class _Switch:
    allowed = True


def forbid_model_calls() -> None:
    _Switch.allowed = False


@contextmanager
def allow_model_calls() -> Iterator[None]:
    """For tests that talk to a server of their own."""
    before, _Switch.allowed = _Switch.allowed, True
    try:
        yield
    finally:
        _Switch.allowed = before


def ensure_model_calls_allowed() -> None:
    if not _Switch.allowed:
        raise ModelCallForbiddenError("A model call was about to be made where model calls are forbidden.")
