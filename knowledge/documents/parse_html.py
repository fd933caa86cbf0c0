"""HTML to blocks. What a reader does not see is not read: scripts, navigation, hidden elements."""

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, PageElement, PreformattedString, Tag

from knowledge.documents.parse_blocks import Block, Draft, refuse
from knowledge.documents.parse_lines import line_blocks
from knowledge.documents.parse_table import table_blocks
from knowledge.kit.text import clean, collapse_spaces, decode

_DROPPED = ("script", "style", "nav", "noscript", "template", "svg", "iframe", "aside", "footer", "head")
_BLOCKS = re.compile(
    r"address|article|blockquote|body|center|d[dlt]|details|div|fieldset|figcaption|figure|form|header|h[1-6r]"
    r"|html|main|p|pre|section|summary|table|[uo]l|li"
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CELLS = 200_000
_SPAN = 1_000
_SUMMARY_LEVEL = 7


def parse_html(name: str, data: bytes) -> Draft:
    source = clean(decode(data, name))
    soup = BeautifulSoup(source, "html.parser")
    title = collapse_spaces(soup.title.get_text().replace("\n", " ")) if soup.title else ""
    blocks = _Walker(name, 1).run(soup)
    tops = [block for block in blocks if block.kind == "heading" and block.level == 1]
    return Draft(tuple(blocks), "" if len(tops) == 1 else title)


def html_blocks(name: str, source: str, *, first_row: int) -> list[Block]:
    return _Walker(name, first_row).run(BeautifulSoup(source, "html.parser"))


def _is_hidden(tag: Tag) -> bool:
    style = tag.get("style")
    hidden = tag.has_attr("hidden") or tag.get("aria-hidden") == "true"
    return hidden or (isinstance(style, str) and _HIDDEN_STYLE.search(style) is not None)


@dataclass(slots=True)
class _Walker:
    name: str
    first_row: int
    blocks: list[Block] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    row: int = 1

    def run(self, soup: BeautifulSoup) -> list[Block]:
        for tag in soup.find_all(_DROPPED):
            tag.decompose()
        for tag in soup.find_all(_is_hidden):
            if not tag.decomposed:
                tag.decompose()
        self.row = self.first_row
        try:
            self._children(soup)
        except RecursionError as error:
            refuse(self.name, "elements are nested too deeply", rule="nesting", cause=error)
        self._flush()
        return self.blocks

    def _children(self, node: Tag) -> None:
        for child in node.children:
            self._visit(child)

    def _visit(self, node: PageElement) -> None:
        if isinstance(node, NavigableString):
            if not isinstance(node, Comment | PreformattedString):
                self.buffer.append(" ".join(re.split(r"\s+", str(node))))
        elif isinstance(node, Tag):
            if node.name == "br":
                self.buffer.append("\n")
            elif _BLOCKS.fullmatch(node.name):
                self._flush()
                self.row = self.first_row + (node.sourceline or 1) - 1
                self._block(node)
                self._flush()
            else:
                self._children(node)

    def _block(self, node: Tag) -> None:
        if node.name in ("ul", "ol"):
            self._list(node, 0)
        elif node.name == "table":
            self._table(node)
        elif re.fullmatch(r"h[1-6]", node.name) or node.name == "summary":
            level = int(node.name[1]) if node.name != "summary" else _SUMMARY_LEVEL
            if text := _inline_text(node):
                self.blocks.append(Block("heading", text, self.row, level=level))
        elif node.name == "pre":
            self.buffer.append(node.get_text())
        else:
            self._children(node)

    def _flush(self) -> None:
        lines = [collapse_spaces(line) for line in "".join(self.buffer).split("\n")]
        self.buffer.clear()
        self.blocks += line_blocks([(self.row, line) for line in lines], 0)

    def _list(self, node: Tag, depth: int) -> None:
        number = int(start) if isinstance(start := node.get("start"), str) and start.isdecimal() else 1
        for item in node.find_all("li", recursive=False):
            self.row = self.first_row + (item.sourceline or 1) - 1
            nested = [child for child in item.find_all(["ul", "ol", "table"]) if _owner(child) is item]
            for child in nested:
                child.extract()
            if text := _block_text(item):
                marker = f"{number}. " if node.name == "ol" else ""
                self.blocks.append(Block("item", marker + text, self.row, level=depth, ordered=node.name == "ol"))
                number += 1
            for child in nested:
                if child.name == "table":
                    self._table(child)
                else:
                    self._list(child, depth + 1)

    def _table(self, table: Tag) -> None:
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        if caption := table.find("caption"):
            self.blocks.append(Block("paragraph", _inline_text(caption), self.row))
        grid, single = self._grid(rows)
        first = rows[0].find_all(["td", "th"], recursive=False) if rows else []
        keyed = bool(first) and first[0].name == "th" and any(cell.name == "td" for cell in first)
        if keyed:
            grid = [["：".join(filter(None, (row[0], "；".join(filter(None, row[1:])))))] for row in grid]
            self.blocks += [Block("row", row[0], self.row) for row in grid if row[0]]
        else:
            self.blocks += table_blocks(grid, first_row=self.row, single=single)

    def _grid(self, rows: list[Tag]) -> tuple[list[list[str]], set[int]]:
        """Cells repeated over their colspan and rowspan; the rows whose text comes from one cell."""
        cells: dict[tuple[int, int], str] = {}
        sources: list[int] = [0] * len(rows)
        for y, row in enumerate(rows):
            x = 0
            for cell in row.find_all(["td", "th"], recursive=False):
                while (y, x) in cells:
                    x += 1
                text = " ".join(_block_text(cell).split())
                width, height = _span(cell, "colspan"), min(_span(cell, "rowspan"), len(rows) - y)
                if len(cells) + width * height > _CELLS:
                    refuse(self.name, f"a table has more than {_CELLS} cells", rule="table size", row=self.row)
                for dy in range(height):
                    cells.update({(y + dy, x + dx): text for dx in range(width)})
                    sources[y + dy] += bool(text)
                x += width
        columns = 1 + max((x for _, x in cells), default=-1)
        grid = [[cells.get((y, x), "") for x in range(columns)] for y in range(len(rows))]
        return grid, {y for y, count in enumerate(sources) if count == 1}


def _owner(node: Tag) -> Tag | None:
    """The list item or table a nested list belongs to."""
    return node.find_parent(["li", "ul", "ol", "table"])


def _span(cell: Tag, attribute: str) -> int:
    value = cell.get(attribute)
    return min(max(int(value), 1), _SPAN) if isinstance(value, str) and value.isdecimal() else 1


def _inline_text(node: Tag) -> str:
    return " ".join(_block_text(node).split())


def _block_text(node: Tag) -> str:
    """Text with a line break only where a block or <br> breaks it."""
    parts: list[str] = []
    for child in node.descendants:
        if isinstance(child, NavigableString) and not isinstance(child, Comment | PreformattedString):
            parts.append(" ".join(re.split(r"\s+", str(child))))
        elif isinstance(child, Tag) and (child.name == "br" or _BLOCKS.fullmatch(child.name)):
            parts.append("\n")
    lines = (collapse_spaces(line) for line in "".join(parts).split("\n"))
    return "\n".join(filter(None, lines))
