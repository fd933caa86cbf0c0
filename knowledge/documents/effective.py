"""Which version of a document holds on a day. Both ends are included; None is an open end; days are Asia/Shanghai."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

from knowledge.kit.errors import InvalidInputError

_DAY = timedelta(days=1)


class Versioned(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def effective_from(self) -> date | None: ...
    @property
    def effective_to(self) -> date | None: ...


VersionT = TypeVar("VersionT", bound=Versioned)


def check_span(effective_from: date | None, effective_to: date | None) -> None:
    if effective_from and effective_to and effective_from > effective_to:
        raise InvalidInputError(
            f"effective_to {effective_to} lies before effective_from {effective_from}",
            field="effective_to",
            rule="effective_to >= effective_from",
        )


def valid_on(effective_from: date | None, effective_to: date | None, on: date) -> bool:
    return (effective_from is None or effective_from <= on) and (effective_to is None or on <= effective_to)


def in_force(versions: Sequence[VersionT], on: date) -> VersionT | None:
    """Of the versions valid on the day, the one that began last, then the highest number.

    So a campaign's rule covers the standing one while it lasts and gives way again when it ends.
    """
    valid = [version for version in versions if valid_on(version.effective_from, version.effective_to, on)]
    return max(valid, key=lambda version: (_start(version), version.number), default=None)


def overlaps(versions: Sequence[VersionT]) -> tuple[tuple[VersionT, VersionT], ...]:
    """Every pair that shares a day, earlier start first."""
    ordered = sorted(versions, key=lambda version: (_start(version), version.number))
    return tuple(
        (early, late)
        for index, early in enumerate(ordered)
        for late in ordered[index + 1 :]
        if _start(late) <= _end(early)
    )


def gaps(versions: Sequence[Versioned]) -> tuple[tuple[date, date], ...]:
    """Stretches of days, both ends included, between the first start and the last end that no version covers."""
    found: list[tuple[date, date]] = []
    covered: date | None = None
    for start, end in sorted((_start(version), _end(version)) for version in versions):
        if covered is not None and (start - covered).days > 1:
            found.append((covered + _DAY, start - _DAY))
        covered = end if covered is None else max(covered, end)
        if covered == date.max:
            break
    return tuple(found)


def ensure_seamless(versions: Sequence[Versioned]) -> None:
    """Raises InvalidInputError where two versions claim one day or no version holds in between."""
    for version in versions:
        check_span(version.effective_from, version.effective_to)
    for early, late in overlaps(versions):
        raise InvalidInputError(
            f"versions {early.number} and {late.number} are both in force on {_start(late)}",
            row=late.number,
            field="effective_from",
            rule="no overlap",
        )
    for start, end in gaps(versions):
        raise InvalidInputError(f"no version is in force from {start} to {end}", field="effective_from", rule="no gap")


def _start(version: Versioned) -> date:
    return version.effective_from or date.min


def _end(version: Versioned) -> date:
    return version.effective_to or date.max
