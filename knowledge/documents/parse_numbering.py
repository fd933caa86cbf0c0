"""Plain numbering: which lines start 一、（一）1. or ①, and which of them are headings rather than clauses or items."""

import re
from dataclasses import replace

from knowledge.documents.parse_blocks import Block

_CN = "一二三四五六七八九十百"
_UNITS = "折元块万亿倍斤克米公厘毫升天日月年小分秒个件号版寸码%"
_RANKS = (
    (1, re.compile(f"^第\\s?[{_CN}零〇\\d]+\\s?[编章节部]")),
    (2, re.compile(f"^[{_CN}]{{1,4}}\\s?[、.]")),
    (3, re.compile(f"^[（(]\\s?[{_CN}]{{1,4}}\\s?[)）]")),
    (4, re.compile(r"^\d{1,2}\s?(?:[、)）]|\.(?!\d))")),
    (5, re.compile(f"^\\d{{1,2}}\\.\\d{{1,2}}(?![\\d.])(?!\\s?[{_UNITS}])\\s?[、.]?\\s?(?=\\D)")),
    (6, re.compile(f"^\\d{{1,2}}\\.\\d{{1,2}}\\.\\d{{1,2}}(?!\\d)(?!\\s?[{_UNITS}])\\s?")),
    (8, re.compile(r"^[（(]\s?\d{1,2}\s?[)）]")),
    (9, re.compile(r"^[①-⑳]")),
)
_LIST_RANK = 20
_PLAIN_LEVEL = 10  # real headings of a file are levels 1 to 9; numbered plain lines stand below them
_HEADING_LENGTH = 30
_SENTENCE = re.compile(r"[。；;！!，]|[:：]$")


def numbering_rank(text: str) -> int:
    """0 for a line without a number; else smaller is further out: 第一章 < 一、 < （一） < 1. < 1.1 < （1） < ①."""
    return next((rank for rank, pattern in _RANKS if pattern.match(text)), 0)


def block_rank(block: Block) -> int:
    return _LIST_RANK + block.level if block.kind == "item" else numbering_rank(block.text)


def promote_headings(blocks: list[Block]) -> list[Block]:
    """Numbered short lines with something of their own below them become headings; runs of short items stay items."""
    promoted: list[Block] = []
    for index, block in enumerate(blocks):
        rank = numbering_rank(block.text) if block.kind == "paragraph" else 0
        previous = promoted[-1] if promoted else None
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if rank and _looks_like_heading(block.text) and _stands_above(rank, previous, following):
            block = replace(block, kind="heading", level=_PLAIN_LEVEL + rank)
        promoted.append(block)
    return promoted


def _looks_like_heading(text: str) -> bool:
    return len(text) <= _HEADING_LENGTH and "\n" not in text and not _SENTENCE.search(text)


def _stands_above(rank: int, previous: Block | None, following: Block | None) -> bool:
    if following is None or following.kind == "heading":
        return rank == 1
    if rank == 1:
        return True
    # the item before it at the same depth was no heading, or a lead-in opened a list
    listed = previous is not None and previous.kind == "paragraph"
    if listed and previous and (numbering_rank(previous.text) == rank or previous.text.endswith((":", "："))):
        return False
    below = block_rank(following)
    return below == 0 or below > rank
