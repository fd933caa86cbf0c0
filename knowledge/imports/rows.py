"""Rows of cells → checked values → bytes for COPY, a batch at a time and without waiting for anything."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from operator import itemgetter
from typing import Any

from knowledge.imports.columns import Columns, OpenColumn, parser_of
from knowledge.imports.kind import Field, Kind
from knowledge.imports.refusal import BrokenRuleError, Refusals
from knowledge.imports.sources import Row

BATCH = 5_000
_VALUE = 400


@dataclass(frozen=True)
class Batch:
    heads: bytes
    lines: bytes
    rows: int


class RowCompiler:
    """Rows that follow each other with one key and the same head are one head and several lines; the cells of a head
    may be left empty after its first row, as merged cells of a sheet are."""

    def __init__(self, kind: Kind, columns: Columns, refusals: Refusals) -> None:
        self._kind = kind
        self._refusals = refusals
        self._heads = _plan(kind.fields, columns)
        self._lines = _plan(kind.lines, columns)
        self._heads_open = _open_plan(kind.fields, columns)
        self._lines_open = _open_plan(kind.lines, columns)
        raw = [index for _, index in self._heads]
        raw += [column.index for _, found in self._heads_open for column in found]
        self._head_cells = _getter(raw)
        self._blank_head = ("",) * len(raw)
        self._key_at = [[field.name for field, _ in self._heads].index(name) for name in kind.key]
        self._head_raw: tuple[str, ...] | None = None
        self._key: list[Any] = []
        self._ordinal = 0

    def batches(self, rows: Iterator[Row]) -> Iterator[Batch]:
        while chunk := list(islice(rows, BATCH)):
            heads: list[list[Any]] = []
            lines: list[list[Any]] = []
            for number, cells in chunk:
                self._take(number, cells, heads, lines)
            yield Batch(_encoded(heads), _encoded(lines), len(chunk))

    def _take(self, number: int, cells: list[str], heads: list[list[Any]], lines: list[list[Any]]) -> None:
        raw = self._head_cells(cells)
        if not (self._kind.lines and self._continues(raw)):
            self._head_raw, self._ordinal = raw, 0
            values = self._values(number, cells, self._heads, self._heads_open)
            self._key = [values[at] for at in self._key_at] if values else [None] * len(self._key_at)
            if values and self._keeps_rule(number, values):
                heads.append([number, *values])
        if self._kind.lines:
            self._take_line(number, cells, lines)

    def _take_line(self, number: int, cells: list[str], lines: list[list[Any]]) -> None:
        if not self._kind.lines_required and not any(cells[index].strip() for _, index in self._lines):
            return
        self._ordinal += 1
        values = self._values(number, cells, self._lines, self._lines_open)
        if values is not None and None not in self._key:
            lines.append([number, self._ordinal, *self._key, *values])

    def _continues(self, raw: tuple[str, ...]) -> bool:
        """Same key and same head as the row before; or no head at all, as below a merged cell."""
        first = self._head_raw
        if first is None:
            return False
        if raw == first or raw == self._blank_head:
            return True
        if any(raw[at] != first[at] for at in self._key_at):
            return False
        return all(not cell or cell == before for cell, before in zip(raw, first, strict=True))

    def _values(
        self,
        number: int,
        cells: list[str],
        plan: list[tuple[Field, int]],
        opened: list[tuple[str, list[OpenColumn]]],
    ) -> list[Any] | None:
        """None when a cell broke a rule; every broken one has been told."""
        values: list[Any] = []
        fine = True
        for field, index in plan:
            raw = cells[index].strip()
            if raw:
                try:
                    values.append(field.parse(raw))
                except BrokenRuleError as error:
                    self._refusals.add(number, field.name, error.rule, raw)
                    fine = False
            elif field.required:
                self._refusals.add(number, field.name, "not empty")
                fine = False
            else:
                values.append(field.blank)
        for name, columns in opened:
            gathered = {}
            for column in columns:
                cell = cells[column.index].strip()
                if len(cell) > _VALUE:
                    self._refusals.add(number, f"{name}:{column.label}", f"at most {_VALUE} characters", cell)
                    fine = False
                gathered[column.label] = cell + column.unit if cell and cell[-1].isdigit() else cell
            values.append(json.dumps(gathered, ensure_ascii=False))
        return values if fine else None

    def _keeps_rule(self, number: int, values: list[Any]) -> bool:
        if self._kind.row_rule is None:
            return True
        named = dict(zip((field.name for field, _ in self._heads), values, strict=False))
        fine = True
        for name, rule in self._kind.row_rule(named):
            self._refusals.add(number, name, rule, named.get(name, ""))
            fine = False
        return fine


def _plan(fields: tuple[Field, ...], columns: Columns) -> list[tuple[Field, int]]:
    return [(parser_of(field, columns), columns.at[field.name]) for field in fields if field.name in columns.at]


def _open_plan(fields: tuple[Field, ...], columns: Columns) -> list[tuple[str, list[OpenColumn]]]:
    return [(field.name, columns.opened[field.name]) for field in fields if field.name in columns.opened]


def _getter(indexes: Sequence[int]) -> Any:
    if len(indexes) == 1:
        return lambda cells: (cells[indexes[0]],)
    return itemgetter(*indexes)


def _encoded(rows: list[list[Any]]) -> bytes:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()
