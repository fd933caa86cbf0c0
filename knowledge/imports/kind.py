"""What can be imported: its fields, the headers they answer to, and how its rows are written."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from knowledge.imports.headers import Headers
from knowledge.imports.refusal import Refusals
from knowledge.imports.values import Parser
from knowledge.kit.db import Scope


@dataclass(frozen=True)
class Field:
    """`sql` is the type it is staged as; `blank` what an empty cell means. A required one needs header and cell."""

    name: str
    parse: Parser
    sql: str = "text"
    required: bool = False
    blank: Any = None
    personal: bool = False


@dataclass(frozen=True)
class Counts:
    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class Staged:
    """The file as it lies in the temporary tables `incoming` (one row a key) and `incoming_lines`."""

    kind: "Kind"
    present: frozenset[str]
    refusals: Refusals

    def columns(self, fields: tuple[Field, ...]) -> list[str]:
        """Names of those fields that the file has, keys left out."""
        return [field.name for field in fields if field.name in self.present and field.name not in self.kind.key]


class RowWriter(Protocol):
    """`prepare` completes what is staged before the checks, `plan` counts and may still refuse; both change nothing but
    temporary tables. `apply` follows when all is well."""

    async def prepare(self, scope: Scope, staged: Staged, /) -> None: ...

    async def plan(self, scope: Scope, staged: Staged, /) -> Counts: ...

    async def apply(self, scope: Scope, staged: Staged, /) -> None: ...


@dataclass(frozen=True)
class Check:
    """`sql` selects (row_number, value) of rows that break the rule; it runs when the file has all of `needs`."""

    field: str
    rule: str
    sql: str
    needs: tuple[str, ...] = ()


RowRule = Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]
"""Values of one row's head by field → (field, rule) for each rule broken."""


@dataclass(frozen=True)
class Kind:
    """`lines` are the fields that differ between the rows of one key (the items of an order); a JSON object may hold
    them as a list named `nested`. `rest` is the field that takes columns nobody foresaw; `lock` holds off other
    writers of the same tables from the checks on."""

    name: str
    area: Literal["catalog", "orders"]
    headers: Headers
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    writer: RowWriter
    lines: tuple[Field, ...] = ()
    lines_required: bool = True
    nested: str = ""
    rest: str = ""
    row_rule: RowRule | None = None
    lock: Callable[[Scope], Awaitable[None]] | None = None
    checks: tuple[Check, ...] = ()

    @property
    def personal(self) -> frozenset[str]:
        return frozenset(field.name for field in (*self.fields, *self.lines) if field.personal)
