"""Markdown with front matter. Headings, lists and tables by markdown-it; raw HTML goes the way of .html files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.documents.parse_blocks import Block, Draft, refuse
from knowledge.documents.parse_dates import find_dates
from knowledge.documents.parse_html import html_blocks
from knowledge.documents.parse_lines import also_asked, line_blocks, starts_block
from knowledge.documents.parse_table import table_blocks
from knowledge.documents.parse_yaml import load_mapping
from knowledge.kit.text import clean, collapse_spaces, decode, join_lines

_FRONT = re.compile(r"\A---[^\S\n]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.S | re.M)
_PARAGRAPH_INDENT = re.compile("^\u3000+", re.M)  # two of them open a Chinese paragraph; four blanks would be code
_BREAK = re.compile(r"<br\s*/?>", re.I)
_FRONT_LIMIT = 16_384


def parse_markdown(name: str, data: bytes) -> Draft:
    text = clean(_PARAGRAPH_INDENT.sub("", decode(data, name)))
    matter: Mapping[str, Any] = {}
    first_row = 1
    if front := _FRONT.match(text):
        if len(front["yaml"]) > _FRONT_LIMIT:
            refuse(name, "front matter is longer than 16 KB", rule="front matter <= 16384 characters", row=1)
        matter = load_mapping(name, front["yaml"], first_row=2) if front["yaml"].strip() else {}
        first_row, text = front[0].count("\n") + 1, text[front.end() :]
    elif re.match(r"---[^\S\n]*\n\w+[^\S\n]*:", text):
        refuse(name, "front matter is opened by --- and never closed", rule="closed front matter", row=1)
    blocks = _Walker(name, first_row).walk(MarkdownIt("commonmark").enable("table").parse(text))
    return _with_matter(name, blocks, matter)


def _with_matter(name: str, blocks: list[Block], matter: Mapping[str, Any]) -> Draft:
    meta = {key: _words(name, key, value) for key, value in matter.items()}
    questions = matter.get("questions") or ()
    kind = meta.get("kind", "")
    return Draft(
        tuple(blocks),
        title=meta.pop("title", ""),
        meta={key: value for key, value in meta.items() if key not in ("questions", "effective_from", "effective_to")},
        effective_from=_day(name, "effective_from", matter.get("effective_from")),
        effective_to=_day(name, "effective_to", matter.get("effective_to")),
        questions=tuple(map(str, questions)) if isinstance(questions, list) else (str(questions),) if questions else (),
        faq=kind.lower() == "faq",
    )


def _words(name: str, key: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    if any(isinstance(item, list | dict) for item in values):
        refuse(name, f"front matter field {key} must be a word or a list of words", rule="scalar", row=1, field=key)
    return "、".join("" if item is None else str(item) for item in values)


def _day(name: str, key: str, value: Any) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    days = find_dates(str(value))
    if len(days) != 1:
        refuse(name, f"{key} is no date: {value}", rule="YYYY-MM-DD", row=1, field=key)
    return days[0]


@dataclass(slots=True)
class _Walker:
    """Tokens come flat; `lists` holds the open lists as their next number, or None for bullets."""

    name: str
    first_row: int
    blocks: list[Block] = field(default_factory=list)
    lists: list[int | None] = field(default_factory=list)
    marker: str | None = None  # the open item's own first paragraph is still to come
    grid: list[list[str]] = field(default_factory=list)
    table_row: int = 0

    def walk(self, tokens: Sequence[Token]) -> list[Block]:
        for position, token in enumerate(tokens):
            row = self.first_row + (token.map[0] if token.map else 0)
            if token.type == "inline":
                self._inline(tokens[position - 1], token, row)
            elif token.type in ("fence", "code_block"):
                self._paragraph(collapse_spaces(token.content), row)
            elif token.type == "html_block":
                self.blocks += html_blocks(self.name, token.content, first_row=row)
            else:
                self._structure(token, row)
        return self.blocks

    def _structure(self, token: Token, row: int) -> None:
        match token.type:
            case "ordered_list_open":
                self.lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                self.lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                self.lists.pop()
            case "list_item_open":
                number = self.lists[-1]
                self.marker = "" if number is None else f"{number}. "
                if number is not None:
                    self.lists[-1] = number + 1
            case "table_open":
                self.grid, self.table_row = [], row
            case "tr_open":
                self.grid.append([])
            case "table_close":
                self.blocks += table_blocks(self.grid, first_row=self.table_row)

    def _inline(self, opener: Token, token: Token, row: int) -> None:
        if opener.type in ("th_open", "td_open"):
            self.grid[-1].append(collapse_spaces(" ".join(_plain(token))))
        elif opener.type == "heading_open":
            if text := collapse_spaces(" ".join(_plain(token))):
                self.blocks.append(Block("heading", text, row, level=int(opener.tag[1])))
        else:
            self._paragraph("\n".join(_plain(token)), row)

    def _paragraph(self, text: str, row: int) -> None:
        """A list item's later paragraphs join its text, so that the item stays one clause."""
        lines = [collapse_spaces(line) for line in text.split("\n")]
        if not self.lists:
            numbered = [(row + offset, line) for offset, line in enumerate(lines)]
            self.blocks += line_blocks(numbered, 0)
        elif self.marker is not None:
            ordered = bool(self.marker)
            joined = self.marker + "\n".join(filter(None, lines))
            self.blocks.append(Block("item", joined, row, level=len(self.lists) - 1, ordered=ordered))
            self.marker = None
        elif self.blocks:
            last = self.blocks.pop()
            joined = "\n".join([last.text, *filter(None, lines)])
            self.blocks.append(Block(last.kind, joined, last.row, last.level, last.ordered))


def _plain(inline: Token) -> list[str]:
    """Lines without markup. A soft break runs on, but not after a 同问 line nor into a number, a bullet, 问 or 答."""
    pieces: list[tuple[str, bool]] = [("", False)]  # text, and whether a soft break stands before it
    for token in inline.children or ():
        if token.type in ("softbreak", "hardbreak"):
            pieces.append(("", token.type == "softbreak"))
        elif token.type == "html_inline":
            if _BREAK.match(token.content):
                pieces.append(("", False))
        elif token.type in ("text", "code_inline", "text_special", "image"):
            # emphasis that touches Chinese punctuation is none to CommonMark; its marks are still no words
            content = token.content if token.type == "code_inline" else token.content.replace("**", "")
            pieces[-1] = (pieces[-1][0] + content, pieces[-1][1])
    lines: list[str] = []
    for text, soft in pieces:
        if soft and lines and not starts_block(text.strip()) and also_asked(lines[-1].strip()) is None:
            lines[-1] = join_lines(lines[-1], text)
        elif text.strip():
            lines.append(text)
    return lines
