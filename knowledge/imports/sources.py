"""A file as a header and rows of text cells, streamed; what a cell shows is what is read."""

import csv
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import openpyxl

from knowledge.imports.json_source import json_rows
from knowledge.imports.refusal import Refusals
from knowledge.imports.survey import Survey
from knowledge.kit.errors import InvalidInputError

Row = tuple[int, list[str]]
"""Row number and as many cells as the header has."""

_DELIMITERS = ",\t;"
_ZEROS = re.compile(r"0{2,}")
_XLSX_BYTES, _XLSX_TEXT_BYTES = 1_000_000_000, 200_000_000  # unpacked; the texts are held in memory
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number


@dataclass(frozen=True)
class Source:
    """`header_row` is 0 where the format has none; `share` tells how much of the file has been read, 0 to 1."""

    header: list[str]
    header_row: int
    rows: Iterator[Row]
    share: Callable[[], float]


@contextmanager
def open_source(path: Path, surveyed: Survey, nested: str, refusals: Refusals) -> Iterator[Source]:
    """`nested` names the JSON list that becomes several rows. Raises: InvalidInputError when it cannot be read at
    all; a bad row is added to `refusals` and reading goes on where it can."""
    if surveyed.format == "xlsx":
        with _xlsx(path, refusals) as source:
            yield source
    elif surveyed.format == "json":
        with json_rows(path, surveyed.size, nested, refusals) as (header, rows, share):
            yield Source(header, 0, rows, share)
    else:
        with path.open("rb") as raw, TextIOWrapper(raw, encoding=surveyed.encoding, newline="") as text:
            yield _csv(text, lambda: raw.tell() / surveyed.size, refusals)


def _csv(text: TextIOWrapper, share: Callable[[], float], refusals: Refusals) -> Source:
    first = next((line for line in text if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    text.seek(0)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    header: list[str] = []
    number = 0
    try:
        while not any(header):
            header = [cell.strip() for cell in next(reader)]
            number += 1
    except StopIteration:
        header = []
    except csv.Error as error:
        refusals.add(number + 1, "file", f"csv: {error}")
    while header and not header[-1]:
        header.pop()

    def rows() -> Iterator[Row]:
        width, at = len(header), number
        try:
            for at, cells in enumerate(reader, start=number + 1):
                if len(cells) != width:
                    if not any(cell.strip() for cell in cells):
                        continue
                    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
                        refusals.add(at, "file", f"{width} cells as in the header, not {len(cells)}")
                        continue
                    cells = cells[:width]
                yield at, cells
        except csv.Error as error:
            refusals.add(at + 1, "file", f"csv: {error}")

    return Source(header, number, rows(), share)


@contextmanager
def _xlsx(path: Path, refusals: Refusals) -> Iterator[Source]:
    """The first visible sheet."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if sum(sizes.values()) > _XLSX_BYTES or sizes.get("xl/sharedStrings.xml", 0) > _XLSX_TEXT_BYTES:
                raise InvalidInputError("The workbook is too large; save it as csv.", field="file", rule="<= 1 GB")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except InvalidInputError:
        raise
    except Exception as error:  # openpyxl lets KeyError, ValueError, zip and XML errors through
        raise InvalidInputError(f"This is no readable .xlsx: {error}.", field="file", rule="intact xlsx") from error
    try:
        sheet = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
        total = sheet.max_row or 0
        sheet.reset_dimensions()  # the file's own claim may be wrong
        grid = enumerate(sheet.iter_rows(), start=1)
        titled = ((at, [_shown(cell, at, refusals).strip() for cell in cells]) for at, cells in grid)
        header_row, header = next(((at, cells) for at, cells in titled if any(cells)), (0, []))
        while header and not header[-1]:
            header.pop()
        at, width = header_row, len(header)

        def rows() -> Iterator[Row]:
            nonlocal at
            for at, cells in grid:
                shown = [_shown(cell, at, refusals) for cell in cells[:width]]
                if any(shown):
                    yield at, shown + [""] * (width - len(shown))
                if any(cell.value is not None for cell in cells[width:]):
                    refusals.add(at, "file", f"{width} cells as in the header, not more")

        yield Source(header, header_row, rows(), lambda: min(1.0, at / total) if total else 0.0)
    finally:
        book.close()


def _shown(cell: Any, row: int, refusals: Refusals) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        bare = value.time() == time() and "h" not in str(cell.number_format).lower()
        return value.date().isoformat() if bare else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            rule = "text: a spreadsheet keeps only 15 digits of a number, so format the column as text"
            refusals.add(row, "file", rule, value)
            return ""
        if value == int(value):
            form = str(cell.number_format)
            return str(int(value)).zfill(len(form)) if _ZEROS.fullmatch(form) else str(int(value))
        return format(value, ".15g")
    return str(value)
