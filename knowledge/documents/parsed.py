"""What every parser yields, whatever the file was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

SectionKind = Literal["clause", "table_row", "faq", "article", "text", "card"]


@dataclass(frozen=True, slots=True)
class Section:
    """One citable piece. `path`: the headings above, outermost first; lines of `text` are paragraphs or list items.

    `statements` is filled for cards only: the sentences that may be quoted one by one.
    """

    path: tuple[str, ...]
    kind: SectionKind
    text: str
    article: int | None = None
    questions: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """`effective_to` is the last day of validity, itself included; None on either side is an open end."""

    title: str
    sections: tuple[Section, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    effective_from: date | None = None
    effective_to: date | None = None
