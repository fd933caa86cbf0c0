"""Blocks become sections: headings a path, lists joined to their lead-in, questions joined to their answers."""

import itertools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from knowledge.documents.parse_blocks import Block, Draft, refuse
from knowledge.documents.parse_faq import wordings
from knowledge.documents.parse_lines import also_asked
from knowledge.documents.parse_numbering import block_rank, promote_headings
from knowledge.documents.parsed import Section, SectionKind
from knowledge.kit.text import ends_sentence, split_sentences

_LEAD_IN = re.compile(r"(?:[:：]$|如下|下列|以下|包括)")
_CONTINUES = re.compile(r"^(?:但|除外|其中|前款|前述|上述)")
_QUESTION = re.compile(
    r"^(?:问题?\s*\d{0,3}|[Qq]\s*\d{0,3})\s*[:：.、]\s*(?P<q>.+?)(?:\s+(?:答|[Aa])\s*[:：.、]\s*(?P<a>.+))?$", re.S
)
_ANSWER = re.compile(r"^(?:答案?|回答|[Aa])\s*\d{0,3}\s*[:：.、]\s*")
_CAPTION = 20
_ASKS = re.compile(r"[？?]$")


@dataclass(slots=True)
class _Run:
    """What stands between one heading and the next."""

    path: tuple[str, ...]
    heading: Block | None
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    """A section being gathered; it takes blocks that rank deeper than `rank`, and after a lead-in one whole list."""

    kind: SectionKind
    lines: list[str]
    path: tuple[str, ...]
    row: int
    rank: float = math.inf
    lead_in: bool = False
    questions: tuple[str, ...] = ()
    listed: tuple[int, bool] | None = None

    def takes(self, block: Block) -> bool:
        rank = block_rank(block)
        if self.lead_in and self.listed is None and rank != self.rank:
            self.listed = rank, block.ordered
        if self.listed is not None:
            return rank > self.listed[0] or (rank, block.ordered) == self.listed
        return rank > self.rank


def assemble(name: str, draft: Draft) -> tuple[Section, ...]:
    """Raises InvalidInputError for a question without an answer."""
    runs = _runs(promote_headings(list(draft.blocks)))
    sections: list[Section] = []
    for index, run in enumerate(runs):
        following = runs[index + 1].heading if index + 1 < len(runs) else None
        innermost = following is None or run.heading is None or following.level <= run.heading.level
        sections += _sections(name, run, innermost=innermost, faq=draft.faq)
    return _ask_document(tuple(sections), draft)


def _runs(blocks: Iterable[Block]) -> list[_Run]:
    runs = [_Run((), None)]
    open_headings: list[Block] = []
    for block in blocks:
        if block.kind == "heading":
            while open_headings and open_headings[-1].level >= block.level:
                open_headings.pop()
            open_headings.append(block)
            runs.append(_Run(tuple(heading.text for heading in open_headings), block))
        else:
            runs[-1].blocks.append(block)
    return runs


def _sections(name: str, run: _Run, *, innermost: bool, faq: bool) -> list[Section]:
    if run.heading is None:
        return _body(name, run)
    if not run.blocks:
        # a heading with nothing at all below it still says something
        return [Section(run.path[:-1], "text", run.heading.text)] if innermost else []
    similar = also_asked(run.blocks[0].text)
    below = run.blocks if similar is None else run.blocks[1:]
    answer = list(itertools.takewhile(_is_words, below))
    if similar is not None and not answer:
        _refuse_unanswered(name, run.heading.text, run.blocks[0].row)
    if similar is not None or (answer and innermost and (faq or _ASKS.search(run.heading.text))):
        text = "\n".join([_ANSWER.sub("", answer[0].text), *(block.text for block in answer[1:])])
        pair = Section(run.path[:-1], "faq", text, questions=wordings(run.heading.text, similar or ""))
        return [pair, *_body(name, _Run(run.path, run.heading, below[len(answer) :]))]
    return _body(name, run)


def _is_words(block: Block) -> bool:
    return block.kind in ("paragraph", "item") and not _QUESTION.match(block.text)


def _body(name: str, run: _Run) -> list[Section]:
    groups: list[_Group] = []
    current: _Group | None = None
    for block, following in itertools.zip_longest(run.blocks, run.blocks[1:]):
        if block.kind in ("row", "faq"):
            kind: SectionKind = "faq" if block.kind == "faq" else "table_row"
            groups.append(_Group(kind, [block.text], run.path + block.path, block.row, questions=block.questions))
            current = None
        elif question := _QUESTION.match(block.text):
            answer = [question["a"].strip()] if question["a"] else []
            current = _Group("faq", answer, run.path, block.row, questions=(question["q"].strip(),))
            groups.append(current)
        elif current is not None and not current.lines and (similar := also_asked(block.text)) is not None:
            current.questions = wordings(current.questions[0], similar)
        elif current is not None and _continues(current, block):
            current.lines.append(_ANSWER.sub("", block.text) if current.kind == "faq" else block.text)
            if current.kind == "text" and block_rank(block):
                current.kind = "clause"
        else:
            current = _open(block, run.path + block.path, following)
            groups.append(current)
    for group in groups:
        if not group.lines:
            _refuse_unanswered(name, group.questions[0], group.row)
    return [Section(g.path, g.kind, "\n".join(g.lines), questions=g.questions) for g in groups]


def _refuse_unanswered(name: str, question: str, row: int) -> NoReturn:
    refuse(name, f"question without an answer: {question}", rule="answer", row=row, field="答案")


def _continues(group: _Group, block: Block) -> bool:
    if group.kind == "faq":
        return True
    if block_rank(block) == 0:
        return group.kind == "clause" and _CONTINUES.match(block.text) is not None
    return group.takes(block)


def _open(block: Block, path: tuple[str, ...], following: Block | None) -> _Group:
    rank = block_rank(block)
    sentences = split_sentences(block.text)
    lead_in = bool(sentences) and _LEAD_IN.search(sentences[-1]) is not None
    if rank == 0:
        # 注意事项 on a line of its own, straight above a list, leads it in too
        caption = len(block.text) <= _CAPTION and not ends_sentence(block.text)
        lead_in = lead_in or (caption and following is not None and block_rank(following) > 0)
        return _Group("text", [block.text], path, block.row, lead_in=lead_in)
    numbered = block.kind == "paragraph" or block.ordered
    return _Group(
        "clause" if numbered else "text", [block.text], path, block.row, rank, lead_in and block.kind != "item"
    )


def _ask_document(sections: tuple[Section, ...], draft: Draft) -> tuple[Section, ...]:
    """Questions asked of a whole document belong to its opening section."""
    if not draft.questions or not sections:
        return sections
    first = sections[0]
    kind: SectionKind = "faq" if draft.faq and len(sections) == 1 else first.kind
    questions = (*first.questions, *draft.questions)
    return (Section(first.path, kind, first.text, first.article, questions, first.statements), *sections[1:])
