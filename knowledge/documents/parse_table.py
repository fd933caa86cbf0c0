"""A grid of cell texts, merged cells already repeated, becomes one block a row, each with its header."""

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from knowledge.documents.parse_blocks import Block

Grid = Sequence[Sequence[str]]
_PROSE = re.compile(r"[。；;！!，,:：]")
_BAND_LENGTH = 20


_ATTRIBUTE_COLUMN = frozenset({"属性", "参数", "项目", "规格项", "参数名", "attribute", "Attribute"})


def row_text(header: Sequence[str], cells: Sequence[str]) -> str:
    """`尺码：XL；库存：3`. A header repeated by a merge names its value once. A table of the attributes of
    one thing reads as sentences that stand alone: `保温杯的价格：99元。`"""
    if len(cells) == len(header) == 2 and header[0] in _ATTRIBUTE_COLUMN and header[1] and all(cells):
        return f"{header[1]}的{cells[0]}：{cells[1]}。"
    parts: list[str] = []
    for index, cell in enumerate(cells):
        if not cell:
            continue
        label = header[index] if index < len(header) else ""
        part = f"{label}：{cell}" if label and label != cell else cell
        if part not in parts:
            parts.append(part)
    return "；".join(parts)


def table_blocks(
    grid: Grid, *, first_row: int = 1, has_header: bool = True, single: Collection[int] | None = None
) -> list[Block]:
    """`single` holds the indexes of the rows whose text comes from one cell; counted when not given.

    Such rows above the header are its caption; below, short ones are bands over the rows that follow, else notes.
    """
    rows = [
        _Row(first_row + index, cells, sum(map(bool, cells)) == 1 if single is None else index in single)
        for index, row in enumerate(grid)
        if any(cells := [_one_line(cell) for cell in row])
    ]
    if all(row.single for row in rows):
        return [Block("paragraph", row.first, row.number) for row in rows]
    caption = list(itertools.takewhile(lambda row: row.is_band, rows))
    rows = rows[len(caption) :]
    header: list[str] = []
    if has_header:
        header = rows[0].cells
        if len(rows) == 1:
            texts = [*(row.first for row in caption), "；".join(dict.fromkeys(filter(None, header)))]
            return [Block("paragraph", text, rows[0].number) for text in texts]
        rows = rows[1:]
        if _is_second_header(header, rows[0].cells) and len(rows) > 1:
            header = _join_headers(header, rows[0].cells)
            rows = rows[1:]
    notes = [Block("paragraph", row.first, row.number) for row in caption if len(row.first) > _BAND_LENGTH]
    path = tuple(row.first for row in caption if len(row.first) <= _BAND_LENGTH)
    return [*notes, *_body(rows, header, path)]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: list[str]
    single: bool

    @property
    def first(self) -> str:
        return next(filter(None, self.cells))

    @property
    def is_band(self) -> bool:
        """One value merged over the width, or alone in the first of three columns or more; a lone code is data."""
        if not self.single or not self.cells[0]:
            return False
        merged = sum(map(bool, self.cells)) > 1
        return merged or (len(self.cells) >= 3 and not re.search(r"\d", self.first)) or len(self.cells) == 1


def _body(rows: list[_Row], header: list[str], path: tuple[str, ...]) -> list[Block]:
    blocks: list[Block] = []
    band: tuple[str, ...] = ()
    for row, following in itertools.zip_longest(rows, rows[1:]):
        if not row.is_band:
            blocks.append(Block("row", row_text(header, row.cells), row.number, path=path + band))
        elif following and not following.is_band and len(row.first) <= _BAND_LENGTH and not _PROSE.search(row.first):
            band = (row.first,)
        else:
            blocks.append(Block("paragraph", row.first, row.number, path=path))
    return blocks


def _is_second_header(header: list[str], below: list[str]) -> bool:
    """Only where a merged header cell spans columns that the next row tells apart by words."""
    spans = [i for i in range(1, len(header)) if header[i] and header[i] == header[i - 1] and i < len(below)]
    return any(
        below[i] != below[i - 1] and below[i] and below[i - 1] and not re.search(r"\d", below[i] + below[i - 1])
        for i in spans
    ) and any(i < len(below) and header[i] == below[i] for i in range(len(header)) if header[i])


def _join_headers(upper: list[str], lower: list[str]) -> list[str]:
    return [
        f"{above}·{below}" if above and below and above != below else above or below
        for above, below in zip(upper, lower + [""] * (len(upper) - len(lower)), strict=False)
    ]


def _one_line(cell: str) -> str:
    return " ".join(cell.split())
