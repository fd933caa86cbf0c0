"""What a file format yields before headings, lists and questions are made out: a flat run of blocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NoReturn

from knowledge.kit.errors import InvalidInputError

BlockKind = Literal["heading", "paragraph", "item", "row", "faq"]


@dataclass(frozen=True, slots=True)
class Block:
    """`level`: 1 is the outermost heading, 0 the first depth of a list. `row` counts from 1 in what the file's reader
    sees: lines, paragraphs, sheet rows, pages. `path` adds headings for this block alone."""

    kind: BlockKind
    text: str
    row: int
    level: int = 0
    ordered: bool = False
    path: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """`faq` says every innermost heading is a question; `questions` belong to the whole document."""

    blocks: tuple[Block, ...]
    title: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    effective_from: date | None = None
    effective_to: date | None = None
    questions: tuple[str, ...] = ()
    faq: bool = False


def refuse(
    name: str, detail: str, *, rule: str, row: int | None = None, field: str = "", cause: Exception | None = None
) -> NoReturn:
    """Raises InvalidInputError naming the file and, where known, row and field."""
    data: dict[str, Any] = {"file": name, "rule": rule}
    if row is not None:
        data["row"] = row
    if field:
        data["field"] = field
    where = f"{name}, row {row}" if row is not None else name
    raise InvalidInputError(f"{where}: {detail}", **data) from cause
