"""Sections to chunks: a chunk is what gets cited, its units are what gets indexed. No text is cut inside a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from knowledge.documents.parsed import ParsedDocument, Section, SectionKind
from knowledge.kit.text import count_characters, int_to_numeral, split_sentences

UnitKind = Literal["body", "window", "question", "says", "title"]

LONG = 300  # characters: beyond this a clause also gets windows
MERGED = 200  # adjoining loose paragraphs are joined up to this
LOOSE = 800  # a loose paragraph longer than this is split at sentence ends
WINDOW_LEAST, WINDOW_MOST = 100, 150


@dataclass(frozen=True, slots=True)
class UnitText:
    kind: UnitKind
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """`ordinal` counts from 0 in document order. `path` of a FAQ ends with its question; `text` is the answer."""

    ordinal: int
    path: tuple[str, ...]
    article: int | None
    text: str
    kind: SectionKind
    units: tuple[UnitText, ...]


def chunk(document: ParsedDocument) -> list[Chunk]:
    return [_chunk(n, document.title, section) for n, section in enumerate(_citable(document.sections))]


def windows(text: str) -> list[str]:
    """Whole sentences, about 100 to 150 characters a window, each sharing its first sentence with the one before."""
    sentences = split_sentences(text)
    lengths = [count_characters(sentence) for sentence in sentences]
    found: list[str] = []
    start = 0
    while start < len(sentences):
        end, total = start + 1, lengths[start]
        while end < len(sentences) and total < WINDOW_LEAST and total + lengths[end] <= WINDOW_MOST:
            total += lengths[end]
            end += 1
        found.append("".join(sentences[start:end]))
        if end == len(sentences):
            break
        overlap = end - start > 1 and lengths[end - 1] + lengths[end] <= WINDOW_MOST
        start = end - 1 if overlap else end
    return found


def _citable(sections: tuple[Section, ...]) -> Iterator[Section]:
    pending: Section | None = None
    for section in sections:
        if pending is not None and _joins(pending, section):
            pending = replace(pending, text=f"{pending.text}\n{section.text}")
            continue
        if pending is not None:
            yield from _split(pending)
        pending = section
    if pending is not None:
        yield from _split(pending)


def _joins(left: Section, right: Section) -> bool:
    loose = left.kind == right.kind == "text" and left.path == right.path and not right.questions
    return loose and count_characters(left.text) + count_characters(right.text) <= MERGED


def _split(section: Section) -> Iterator[Section]:
    """Only loose text is split; a clause stays whole however long it is, for its conditions bind all of it."""
    if section.kind != "text" or count_characters(section.text) <= LOOSE:
        yield section
        return
    lines = [
        (sentence, position == 0)
        for line in section.text.split("\n")
        for position, sentence in enumerate(split_sentences(line))
    ]
    part, questions = "", section.questions
    for sentence, opens_line in lines:
        if part and count_characters(part) + count_characters(sentence) > LOOSE // 2:
            yield replace(section, text=part, questions=questions)
            part, questions = sentence, ()
        else:
            part += ("\n" if part and opens_line else "") + sentence
    yield replace(section, text=part, questions=questions)


def _chunk(ordinal: int, title: str, section: Section) -> Chunk:
    path = section.path
    if section.kind == "faq" and section.questions:
        path = (*path, section.questions[0])
    return Chunk(ordinal, path, section.article, section.text, section.kind, tuple(_units(title, path, section)))


def _units(title: str, path: tuple[str, ...], section: Section) -> Iterator[UnitText]:
    if section.kind == "card":
        yield UnitText("title", " ".join(path))
    elif path or section.article is not None:
        article = f"第{int_to_numeral(section.article)}条" if section.article else ""
        yield UnitText("title", " ".join(filter(None, (title, *path, article))))
    asked = section.questions[0] + "\n" if section.kind == "faq" and section.questions else ""
    yield UnitText("body", asked + section.text)
    for statement in section.statements:
        yield UnitText("says", statement)
    if count_characters(section.text) > LONG:
        for window in windows(section.text):
            yield UnitText("window", window)
    for question in section.questions:
        yield UnitText("question", question)
