"""Plain lines to blocks: .txt files, and the lines a PDF page gives up."""

import re
from collections.abc import Sequence

from knowledge.documents.parse_blocks import Block, Draft
from knowledge.documents.parse_numbering import numbering_rank
from knowledge.kit.text import clean, collapse_spaces, decode, ends_sentence, join_lines, squeeze_cjk

Line = tuple[int, str]  # row number, text; empty text is a blank line

_BULLET = re.compile(r"^(?:[-*○]\s+|[•·●■◆▪]\s*)")
_LEANS_BACK = re.compile(r"^[，。；：、！？）》」”,;:!?)]")
_PAIR = re.compile(r"^(?:问题?|答案?|回答|[QqAa])\s*\d{0,3}\s*[:：]")
_ALSO_ASKED = re.compile(r"^同问\s*[:：]\s*")
_TITLE_LENGTH = 40
_FULL = 0.88  # of the widest line: a line this full was broken by the margin, not by its writer
_NARROWEST = 16  # columns narrower than this are not running text


def parse_text(name: str, data: bytes) -> Draft:
    lines = [(row, collapse_spaces(line)) for row, line in enumerate(clean(decode(data, name)).split("\n"), start=1)]
    filled = [line for line in lines if line[1]]
    title = ""
    if len(filled) > 1 and len(filled[0][1]) <= _TITLE_LENGTH and _is_title(filled[0][1], lines):
        title = squeeze_cjk(filled[0][1])
        lines = [line for line in lines if line is not filled[0]]
    width = wrap_width([text for _, text in lines])
    return Draft(tuple(line_blocks(lines, width)), title)


def _is_title(first: str, lines: Sequence[Line]) -> bool:
    if ends_sentence(first) or numbering_rank(first) or re.search(r"[:：，,【]", first) or _BULLET.match(first):
        return False
    row = next(row for row, text in lines if text)
    return any(not text for number, text in lines if number == row + 1) or any(
        numbering_rank(text) in (1, 2) for _, text in lines
    )


def wrap_width(lines: Sequence[str]) -> int:
    """The margin of hard-wrapped text in columns; 0 where lines are paragraphs and must not be joined."""
    filled = [line for line in lines if line]
    widest = widest_line(filled)
    open_ended = [_columns(line) for line in filled if not ends_sentence(line)]
    full = sum(columns >= _FULL * widest for columns in open_ended)
    return widest if full >= 3 and full * 3 >= len(filled) else 0


def widest_line(lines: Sequence[str]) -> int:
    """In columns, a Chinese character being two; 0 when narrower than running text ever is."""
    widest = max(map(_columns, lines), default=0)
    return widest if widest >= 2 * _NARROWEST else 0


def starts_block(text: str) -> bool:
    """Numbered, bulleted, 同问 or one side of a 问/答 pair: never the rest of the line before."""
    return bool(numbering_rank(text) or _BULLET.match(text) or _PAIR.match(text) or _ALSO_ASKED.match(text))


def also_asked(text: str) -> str | None:
    """What a line `同问：甲；乙` lists; None for any other line."""
    return text[label.end() :] if (label := _ALSO_ASKED.match(text)) else None


def line_blocks(lines: Sequence[Line], width: int) -> list[Block]:
    """`width` as of `wrap_width`: lines that fill it and do not end a sentence run on into the next."""
    blocks: list[Block] = []
    runs_on = False
    for row, text in lines:
        if not text:
            runs_on = False
            continue
        if (runs_on and not starts_block(text)) or (width and blocks and _LEANS_BACK.match(text)):
            last = blocks.pop()
            blocks.append(Block(last.kind, join_lines(last.text, text), last.row))
        elif _BULLET.match(text):
            blocks.append(Block("item", _BULLET.sub("", text), row))
        else:
            blocks.append(Block("paragraph", text, row))
        runs_on = width > 0 and _columns(text) >= _FULL * width and not ends_sentence(text)
    return [block for block in blocks if block.text]


def _columns(text: str) -> int:
    return sum(1 if char.isascii() else 2 for char in text)
