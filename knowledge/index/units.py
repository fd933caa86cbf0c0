"""A citation chunk is searched through its index units: the whole text, windows of it, questions it answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

UnitKind = Literal["body", "window", "question", "says", "title"]

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+")
WINDOW_FROM = 200  # characters; a shorter chunk is one unit
WINDOW_SIZE = 120


@dataclass(frozen=True)
class Unit:
    """`id` is unique in the collection; `question` and `says` are other wordings of the chunk, not part of its text."""

    id: str
    chunk_id: str
    kind: UnitKind
    text: str


def windows(text: str, size: int = WINDOW_SIZE) -> list[str]:
    """Whole sentences gathered up to about `size` characters; each window repeats the last sentence of the one before,
    when that is short, so that a fact and its subject stay together."""
    gathered: list[str] = []
    held: list[str] = []
    for sentence in _pieces(text, size):
        if held and sum(map(len, held)) + len(sentence) > size:
            gathered.append("".join(held))
            held = [held[-1]] if len(held[-1]) <= size // 3 else []
        held.append(sentence)
    if held:
        gathered.append("".join(held))
    return [window.strip() for window in gathered if window.strip()]


def _pieces(text: str, size: int) -> Iterator[str]:
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        for start in range(0, len(sentence), size * 2):  # text without punctuation is cut by length
            yield sentence[start : start + size * 2]


def units_of(chunk_id: str, text: str, title: str = "") -> list[Unit]:
    """Body and windows of one chunk. A heading is put before each text to embed: a clause seldom names its subject."""
    head = f"{title} " if title and not text.startswith(title) else ""
    made = [Unit(f"{chunk_id}#0", chunk_id, "body", head + text)]
    if len(text) > WINDOW_FROM:
        parts = windows(text)
        if len(parts) > 1:
            made += [Unit(f"{chunk_id}#w{at}", chunk_id, "window", part) for at, part in enumerate(parts, 1)]
    return made
