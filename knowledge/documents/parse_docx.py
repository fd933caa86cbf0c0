"""Word documents, block by block in document order, without deleted text and generated contents tables."""

import io
import re
from collections.abc import Iterator
from typing import Any

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from knowledge.documents.parse_blocks import Block, Draft, refuse
from knowledge.documents.parse_lines import line_blocks
from knowledge.documents.parse_numbering import numbering_rank
from knowledge.documents.parse_table import table_blocks
from knowledge.kit.text import clean, collapse_spaces, ends_sentence

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NOT_SHOWN = frozenset(
    (f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
)
_HEADING = re.compile(r"^(?:heading|标题)\s*(?P<level>[1-9])$", re.I)
_LIST = re.compile(r"^(?:list (?P<kind>bullet|number|paragraph)?|列表|项目符号)", re.I)
_BOLD_LEVEL, _BOLD_LENGTH = 9, 30


def parse_docx(name: str, data: bytes) -> Draft:
    try:
        return _read(docx.Document(io.BytesIO(data)))
    except Exception as error:  # python-docx lets KeyError, lxml and zip errors through
        refuse(name, f"this is no readable .docx: {error}", rule="intact file", cause=error)


def _read(document: Any) -> Draft:
    blocks: list[Block] = []
    title = ""
    for row, element in enumerate(_elements(document.element.body), start=1):
        if element.tag == f"{_W}tbl":
            blocks += _table(Table(element, document), row)
            continue
        paragraph = Paragraph(element, document)
        style = str(paragraph.style.name or "") if paragraph.style is not None else ""
        if style.lower().startswith("toc"):
            continue
        text = clean(_text(element))
        if style in ("Title", "标题") and not title and text.strip():
            title = " ".join(text.split())
        else:
            blocks += _paragraph(paragraph, style, text, row)
    return Draft(tuple(blocks), title)


def _elements(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, also inside content controls and inserted text; a generated contents table is skipped."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag == f"{_W}sdt":
            gallery = child.find(f".//{_W}docPartGallery")
            if gallery is None or "Contents" not in gallery.get(f"{_W}val", ""):
                yield from _elements(child)
        elif child.tag in (f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _elements(child)


def _text(element: Any) -> str:
    """python-docx's own `.text` loses tracked insertions and content controls."""
    if element.tag in _NOT_SHOWN:
        return ""
    if element.tag == f"{_W}t":
        return str(element.text or "")
    if element.tag in (f"{_W}br", f"{_W}cr"):
        return "\n"
    if element.tag == f"{_W}tab":
        return " "
    joined = "".join(_text(child) for child in element)
    return joined + "\n" if element.tag == f"{_W}p" else joined


def _paragraph(paragraph: Paragraph, style: str, text: str, row: int) -> list[Block]:
    lines = [line for line in collapse_spaces(text).split("\n") if line]
    if not lines:
        return []
    if level := _heading_level(paragraph, style):
        return [Block("heading", " ".join(lines), row, level=level)]
    properties: Any = paragraph._p.pPr
    numbering = properties.numPr if properties is not None else None
    listed = _LIST.match(style)
    if (numbering is not None or listed) and not numbering_rank(lines[0]):
        depth = int(numbering.ilvl.val) if numbering is not None and numbering.ilvl is not None else 0
        ordered = _is_ordered(paragraph, numbering, depth) or bool(
            listed and (listed["kind"] or "").lower() == "number"
        )
        return [Block("item", "\n".join(lines), row, level=depth, ordered=ordered)]
    if len(lines) == 1 and _is_bold_heading(paragraph, lines[0]):
        return [Block("heading", lines[0], row, level=_BOLD_LEVEL)]
    return line_blocks([(row, line) for line in lines], 0)


def _heading_level(paragraph: Paragraph, style: str) -> int:
    if match := _HEADING.match(style):
        return int(match["level"])
    outline = paragraph._p.find(f"{_W}pPr/{_W}outlineLvl")
    value = outline.get(f"{_W}val", "") if outline is not None else ""
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else 0


def _is_ordered(paragraph: Paragraph, numbering: Any, depth: int) -> bool:
    """Automatic numbers are no text in the file; only their kind is read, from the numbering part."""
    if numbering is None or numbering.numId is None:
        return False
    try:
        part: Any = paragraph.part
        root = part.numbering_part.element
    except (KeyError, NotImplementedError):
        return False
    number = root.find(f"{_W}num[@{_W}numId='{numbering.numId.val}']")
    link = number.find(f"{_W}abstractNumId") if number is not None else None
    if link is None:
        return False
    path = f"{_W}abstractNum[@{_W}abstractNumId='{link.get(f'{_W}val')}']/{_W}lvl[@{_W}ilvl='{depth}']/{_W}numFmt"
    kind = root.find(path)
    return kind is not None and kind.get(f"{_W}val") not in ("bullet", "none")


def _is_bold_heading(paragraph: Paragraph, text: str) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    short = len(text) <= _BOLD_LENGTH and not ends_sentence(text.rstrip("？?")) and not re.search(r"[，,；;:：]", text)
    return short and bool(runs) and all(run.bold for run in runs)


def _table(table: Table, row: int) -> list[Block]:
    grid: list[list[str]] = []
    single: set[int] = set()
    for index, table_row in enumerate(table.rows):
        cells = list(table_row.cells)  # one entry a grid column: a merged cell stands in each of its columns
        texts = [" ".join(clean(_text(cell._tc)).split()) for cell in cells]
        grid.append([""] * table_row.grid_cols_before + texts)
        if len({id(cell._tc) for cell, text in zip(cells, texts, strict=True) if text}) == 1:
            single.add(index)
    return table_blocks(grid, first_row=row, single=single)
