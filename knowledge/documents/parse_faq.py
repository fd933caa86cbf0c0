"""Question sheets: a header names the question and the answer; category and further wordings where given."""

import re
from collections.abc import Sequence

from knowledge.documents.parse_blocks import Block, refuse
from knowledge.kit.text import normalize

_COLUMNS = {
    "similar": re.compile(r"相似|扩展问|similar|变体|同义"),
    "question": re.compile(r"^(?:标准)?(?:问题?|问法|提问|question|q)(?:\b|描述|内容|标题|$|[(（])"),
    "answer": re.compile(r"^(?:标准)?(?:答案?|回答|回复|答复|answer|reply|a)(?:\b|内容|$|[(（])"),
    "category": re.compile(r"^(?:问题)?(?:分类|类别|类目|类型|category)"),
}
_WORDINGS = re.compile(r"[\n;；|｜]|(?<=[？?])")
_HEADER_WITHIN = 5
_CAPTION = 20


def faq_blocks(name: str, grid: Sequence[Sequence[str]]) -> list[Block] | None:
    """None when no header names both a question and an answer. Columns with other names are not part of the answer.

    Raises InvalidInputError naming the row for a question without an answer and the reverse.
    """
    for index, header in enumerate(grid[:_HEADER_WITHIN]):
        columns = _roles(header)
        if "question" in columns and "answer" in columns:
            above = [(number, text) for number, row in enumerate(grid[:index], start=1) for text in dict.fromkeys(row)]
            path = tuple(text for _, text in above if text and len(text) <= _CAPTION)
            notes = [Block("paragraph", text, number) for number, text in above if len(text) > _CAPTION]
            rows = enumerate(grid[index + 1 :], start=index + 2)
            return notes + [_pair(name, number, row, columns, path) for number, row in rows if any(row)]
    return None


def wordings(question: str, similar: str) -> tuple[str, ...]:
    """The question first, then each further wording once."""
    given = (" ".join(wording.split()) for wording in (question, *_WORDINGS.split(similar)))
    return tuple(dict.fromkeys(filter(None, given)))


def _roles(header: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for position, label in enumerate(header):
        words = normalize(label).strip().lower()
        role = next((role for role, pattern in _COLUMNS.items() if pattern.search(words)), "")
        if role == "question" and _COLUMNS["category"].search(words):
            role = "category"
        if role:
            columns.setdefault(role, position)
    return columns


def _pair(name: str, number: int, row: Sequence[str], columns: dict[str, int], path: tuple[str, ...]) -> Block:
    def cell(role: str) -> str:
        return row[columns[role]] if role in columns and columns[role] < len(row) else ""

    for role, label in (("question", "问题"), ("answer", "答案")):
        if not cell(role):
            refuse(name, f"this row has no {role}", rule="question and answer", row=number, field=label)
    questions = wordings(cell("question"), cell("similar"))
    category = (cell("category"),) if cell("category") else ()
    return Block("faq", cell("answer"), number, path=path + category, questions=questions)
