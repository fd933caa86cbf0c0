"""JSON as rows: an array of objects, or one object a line; streamed twice, first for the names alone."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import ijson

from knowledge.imports.refusal import Refusals
from knowledge.imports.values import LIST_SEPARATOR
from knowledge.kit.errors import InvalidInputError

_NAMES = 500
_DIGITS = 30  # no figure of a shop is longer; writing out 1e999999999 would never end
_BOM = b"\xef\xbb\xbf"
_DEEP = ("attributes", "options", "returns")
"""Objects whose entries are columns of their own: `attributes:材质`."""


class _Names:
    """The header: names in the order of their first appearance."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {}

    def learn(self, cells: dict[str, str]) -> None:
        for name in cells:
            if name not in self.at:
                if len(self.at) >= _NAMES:
                    raise InvalidInputError(f"More than {_NAMES} names.", field="file", rule=f"<= {_NAMES} names")
                self.at[name] = len(self.at)


@contextmanager
def json_rows(
    path: Path, size: int, nested: str, refusals: Refusals
) -> Iterator[tuple[list[str], Iterator[tuple[int, list[str]]], Callable[[], float]]]:
    names = _Names()
    survey = Refusals()  # the second pass meets the same errors again and tells them
    with path.open("rb") as file:
        for _, value in _objects(file, survey):
            if isinstance(value, dict):
                for cells in _flattened(value, nested, 0, survey):
                    names.learn(cells)
    with path.open("rb") as file:

        def rows() -> Iterator[tuple[int, list[str]]]:
            header = list(names.at)
            for number, value in _objects(file, refusals):
                if not isinstance(value, dict):
                    refusals.add(number, "file", "an object", str(value)[:40])
                    continue
                for cells in _flattened(value, nested, number, refusals):
                    yield number, [cells.get(name, "") for name in header]

        yield list(names.at), rows(), lambda: file.tell() / size


def _objects(file: IO[bytes], refusals: Refusals) -> Iterator[tuple[int, Any]]:
    start = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
    file.seek(start)
    head = file.read(4096).lstrip()
    file.seek(start)
    number = 0
    try:
        found = ijson.items(file, "item") if head.startswith(b"[") else ijson.items(file, "", multiple_values=True)
        for number, value in enumerate(found, start=1):
            yield number, value
    except (ijson.JSONError, UnicodeDecodeError) as error:
        refusals.add(number + 1, "file", f"JSON: {' '.join(str(error).split())[:120]}")


def _flattened(value: dict[str, Any], nested: str, number: int, refusals: Refusals) -> Iterator[dict[str, str]]:
    """One dict of cells for each entry of the list `nested`, or one for the object itself."""
    lines = value.get(nested) if nested else None
    head: dict[str, str] = {}
    for name, one in value.items():
        if not (name == nested and isinstance(lines, list)):
            head.update(_cells(name, one, number, refusals))
    if not isinstance(lines, list) or not lines:
        yield head
        return
    for line in lines:
        if isinstance(line, dict):
            cells = dict(head)
            for name, one in line.items():
                cells.update(_cells(name if name in _DEEP else f"{nested}.{name}", one, number, refusals))
            yield cells
        else:
            refusals.add(number, nested, "a list of objects", str(line)[:40])


def _cells(name: str, value: Any, number: int, refusals: Refusals) -> dict[str, str]:
    if isinstance(value, dict) and name in _DEEP:
        return {f"{name}:{key}": _plain(name, one, number, refusals) for key, one in value.items()}
    if name in _DEEP and isinstance(value, list) and all(isinstance(one, dict) and "name" in one for one in value):
        return {
            f"{name}:{one['name']}": _plain(name, one if one.get("unit") or one.get("number") else one.get("value"),
                                            number, refusals)
            for one in value
        }  # fmt: skip
    return {name: _plain(name, value, number, refusals)}


def _plain(name: str, value: Any, number: int, refusals: Refusals) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            refusals.add(number, name, "no characters that cannot be stored")
            return ""
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        if abs(value.adjusted()) > _DIGITS:
            return str(value)
        return str(int(value)) if value == int(value) else format(value, "f")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "".join(f"{one}{LIST_SEPARATOR}" for one in value)
    return json.dumps(value, ensure_ascii=False, default=float)
