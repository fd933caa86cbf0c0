"""A citation chunk is searched through its index units: the whole text, windows of it, questions it answers."""

from dataclasses import dataclass
from typing import Literal

UnitKind = Literal["body", "window", "question", "says", "title"]


@dataclass(frozen=True)
class Unit:
    """`id` is unique in the collection; `question` and `says` are other wordings of the chunk, not part of its text."""

    id: str
    chunk_id: str
    kind: UnitKind
    text: str
