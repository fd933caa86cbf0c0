"""Excel sheets as cell grids: what the sheet shows is what is read — 00123 stays 00123, 123.0 is 123, dates are ISO."""

import io
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl

from knowledge.documents.parse_blocks import Block, Draft, refuse
from knowledge.documents.parse_faq import faq_blocks
from knowledge.documents.parse_table import table_blocks
from knowledge.kit.errors import InvalidInputError
from knowledge.kit.text import clean, collapse_spaces

_ROWS, _CELLS, _COLUMNS = 6_000, 1_000_000, 1_000
_ZEROS = re.compile(r"^0{2,}$")
_PERCENT = re.compile(r"^0(?:\.(?P<places>0+))?%$")
_DEFAULT_NAME = re.compile(r"^(?:sheet|工作表)\s*\d*$", re.I)


def parse_xlsx(name: str, data: bytes) -> Draft:
    try:
        formulas = _survey(name, data)
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except InvalidInputError:
        raise
    except Exception as error:  # openpyxl lets KeyError, ValueError, zip and XML errors through
        refuse(name, f"this is no readable .xlsx: {error}", rule="intact file", cause=error)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    blocks: list[Block] = []
    for sheet in visible:
        grid, single = _grid(name, sheet, formulas)
        if not grid:
            continue
        path = () if _DEFAULT_NAME.match(sheet.title) and len(visible) == 1 else (collapse_spaces(clean(sheet.title)),)
        found = faq_blocks(name, grid)
        if found is None:
            found = table_blocks(grid, single=single)
        blocks += [Block("heading", path[0], 1, level=1)] if path and found else []
        blocks += found
    return Draft(tuple(blocks), title=_file_title(name))


def _file_title(name: str) -> str:
    return re.sub(r"\.[^.]+$", "", name.rsplit("/", 1)[-1])


def _survey(name: str, data: bytes) -> set[tuple[str, str]]:
    """A streaming pass before the whole book is built in memory: bounds its size, and notes the formula cells."""
    formulas: set[tuple[str, str]] = set()
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    filled = seen = 0
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()  # the file's own claim may be wrong
        for row in sheet.iter_rows():
            seen += len(row)
            filled += any(cell.value is not None for cell in row)
            if filled > _ROWS or seen > _CELLS or len(row) > _COLUMNS:
                refuse(name, "the sheets are too large; split the file", rule=f"<= {_ROWS} rows, {_COLUMNS} columns")
            formulas.update((sheet.title, cell.coordinate) for cell in row if cell.data_type == "f")
    book.close()
    return formulas


def _grid(name: str, sheet: Any, formulas: set[tuple[str, str]]) -> tuple[list[list[str]], set[int]]:
    """Row texts with merged cells repeated, and the indexes of the rows whose text comes from one cell."""
    rows = [[_show(name, sheet, cell, formulas) for cell in row] for row in sheet.iter_rows(min_row=1, min_col=1)]
    sources = [sum(map(bool, row)) for row in rows]
    for merged in sheet.merged_cells.ranges:
        text = rows[merged.min_row - 1][merged.min_col - 1] if merged.min_row <= len(rows) else ""
        for y in range(merged.min_row - 1, min(merged.max_row, len(rows))):
            rows[y][merged.min_col - 1 : merged.max_col] = [text] * len(rows[y][merged.min_col - 1 : merged.max_col])
            sources[y] += bool(text) and y >= merged.min_row
    width = max((index + 1 for row in rows for index, text in enumerate(row) if text), default=0)
    grid = [row[:width] for row in rows]
    return (grid if width else []), {y for y, count in enumerate(sources) if count == 1}


def _show(name: str, sheet: Any, cell: Any, formulas: set[tuple[str, str]]) -> str:
    if cell.value is None and (sheet.title, cell.coordinate) in formulas:
        refuse(
            name,
            f"sheet {sheet.title}, cell {cell.coordinate}: the formula has no stored result; open and save it in Excel",
            rule="stored value",
            row=cell.row,
            field=f"{sheet.title}!{cell.coordinate}",
        )
    if cell.data_type == "e":
        refuse(
            name,
            f"sheet {sheet.title}, cell {cell.coordinate} holds the error {cell.value}",
            rule="no error values",
            row=cell.row,
            field=f"{sheet.title}!{cell.coordinate}",
        )
    return _words(cell.value, str(cell.number_format or ""))


def _words(value: Any, number_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        return str(value)
    return collapse_spaces(clean(str(value)))


def _number(value: int | float, number_format: str) -> str:
    if _ZEROS.match(number_format) and value == int(value):
        return str(int(value)).zfill(len(number_format))
    if percent := _PERCENT.match(number_format):
        shown = f"{Decimal(repr(value)) * 100:.{max(len(percent['places'] or ''), 2)}f}"
        return f"{_trimmed(shown)}%"
    if isinstance(value, int):
        return str(value)
    return _trimmed(f"{Decimal(f'{value:.15g}'):f}")


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
