"""Which column is which field: decided by the whole header after folding, never by a guess at part of it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.imports.headers import fold
from knowledge.imports.kind import Field, Kind
from knowledge.imports.refusal import Refusals
from knowledge.imports.values import fen, money

_UNIT = re.compile(r"[(\[](.{1,12})[)\]]$")
_PREFIXED = re.compile(r"^\s*([^:：]{1,20}?)\s*[:：]\s*(.+?)\s*$")
_FEN_SUFFIX = "fen"
_FEN_UNITS = ("fen", "分")
_LABEL = 40


@dataclass(frozen=True)
class ColumnTaken:
    """How a header was read: `taken_as` is a field, `attributes:材质` and the like, or empty for an ignored column."""

    header: str
    taken_as: str


@dataclass(frozen=True)
class OpenColumn:
    index: int
    label: str
    unit: str


@dataclass
class Columns:
    """`at`: field → index of its column. `fen`: fields whose header says that they count fen, not yuan."""

    at: dict[str, int] = field(default_factory=dict)
    fen: set[str] = field(default_factory=set)
    opened: dict[str, list[OpenColumn]] = field(default_factory=dict)
    taken: list[ColumnTaken] = field(default_factory=list)

    @property
    def present(self) -> frozenset[str]:
        return frozenset((*self.at, *self.opened))

    def staged(self, fields: Sequence[Field]) -> list[Field]:
        """Those of `fields` that the file has, in the order in which their values are written."""
        found = [field for field in fields if field.name in self.at]
        return found + [field for field in fields if field.name in self.opened]


def map_columns(kind: Kind, header: Sequence[str], row: int, refusals: Refusals) -> Columns:
    """`row` is where errors are told to be. Missing and doubtful headers are added to `refusals`."""
    columns = Columns()
    fields = {field.name: field for field in (*kind.fields, *kind.lines)}
    for index, title in enumerate(header):
        name, counts_fen = _field_of(kind, fields, title)
        if name and name in columns.at:
            rule = f"one column only, but both {header[columns.at[name]]} and {title} mean {name}"
            refusals.add(row, name, rule, title)
        elif name:
            columns.at[name] = index
            columns.taken.append(ColumnTaken(title, name))
            if counts_fen:
                columns.fen.add(name)
        else:
            columns.taken.append(ColumnTaken(title, _open(kind, columns, index, title, row, refusals)))
    for wanted in (*kind.fields, *kind.lines):
        optional = wanted in kind.lines and not kind.lines_required and not _has_any(columns, kind.lines)
        if wanted.required and wanted.name not in columns.at and not optional:
            known = " / ".join(kind.headers.words[wanted.name][:5])
            refusals.add(row, wanted.name, f"a column is needed, headed for example {known}")
    return columns


def _has_any(columns: Columns, fields: tuple[Field, ...]) -> bool:
    return any(field.name in columns.at for field in fields)


def _field_of(kind: Kind, fields: dict[str, Field], title: str) -> tuple[str, bool]:
    """(field or empty, whether it counts fen). A name inside a nested object answers to its own name as well."""
    prefix = f"{kind.nested}."
    if kind.nested and title.startswith(prefix):
        name, counts_fen = _field_of_folded(kind, fields, fold(title))
        return (name, counts_fen) if name else _field_of_folded(kind, fields, fold(title.removeprefix(prefix)))
    return _field_of_folded(kind, fields, fold(title))


def _field_of_folded(kind: Kind, fields: dict[str, Field], folded: str) -> tuple[str, bool]:
    if (name := kind.headers.keywords.get(folded)) is not None:
        return name, False
    if (unit := _UNIT.search(folded)) is not None:
        name = kind.headers.keywords.get(folded[: unit.start()])
        if name is not None and _is_money(fields[name]):
            return name, unit[1] in _FEN_UNITS
        if name is not None:
            return name, False
    if folded.endswith(_FEN_SUFFIX):
        name = kind.headers.keywords.get(folded.removesuffix(_FEN_SUFFIX))
        if name is not None and _is_money(fields[name]):
            return name, True
    return "", False


def _is_money(field: Field) -> bool:
    return field.parse is money


def _open(kind: Kind, columns: Columns, index: int, title: str, row: int, refusals: Refusals) -> str:
    """Takes a column nobody foresaw as an attribute where the kind has such; says as what."""
    label, target = title.strip(), kind.rest
    if (prefixed := _PREFIXED.match(title)) and (named := kind.headers.opened.get(fold(prefixed[1]))):
        label, target = prefixed[2], named
    elif not target or not label or any(word in fold(title) for word in kind.headers.never):
        return ""
    unit = _UNIT.search(unicodedata.normalize("NFKC", label))
    if unit:
        label = unicodedata.normalize("NFKC", label)[: unit.start()].strip()
    if not 1 <= len(label) <= _LABEL:
        refusals.add(row, target, f"a name of 1 to {_LABEL} characters", title)
    elif any(column.label == label for column in columns.opened.get(target, ())):
        refusals.add(row, target, f"one column only for {label}", title)
    else:
        columns.opened.setdefault(target, []).append(OpenColumn(index, label, unit[1] if unit else ""))
    return f"{target}:{label}"


def parser_of(field: Field, columns: Columns) -> Field:
    """The field as this file writes it: one that counts fen is parsed as such."""
    if field.name not in columns.fen:
        return field
    return Field(field.name, fen, field.sql, field.required, field.blank, field.personal)
