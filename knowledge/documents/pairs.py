"""The file of the learned document: questions, answers, and from which handoff each came.

Unlike a file somebody uploads it may hold no pair at all: that is how the last one is withdrawn.
"""

from collections.abc import Sequence
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from knowledge.documents.parse_blocks import refuse
from knowledge.documents.parse_yaml import load_mapping
from knowledge.documents.parsed import ParsedDocument, Section

PAIRS_SUFFIX = ".pairs.yaml"
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Pair(BaseModel):
    """`source` is the handoff; `candidate` the record that tells who reviewed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Words
    wordings: tuple[Words, ...] = ()
    answer: Words
    source: Words
    candidate: Words


class PairFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Words
    pairs: tuple[Pair, ...] = Field(default=())


def written(title: str, pairs: Sequence[Pair]) -> bytes:
    """The same pairs give the same bytes."""
    held = PairFile(title=title, pairs=tuple(pairs)).model_dump(mode="json")
    return yaml.safe_dump(held, allow_unicode=True, sort_keys=False, width=1000).encode()


def parse_pairs(name: str, text: str) -> PairFile:
    """Raises: InvalidInputError naming the field."""
    try:
        return PairFile.model_validate(load_mapping(name, text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        refuse(name, f"{field}: {first['msg']}", rule=first["type"], field=field, cause=error)


def to_document(file: PairFile) -> ParsedDocument:
    sections = tuple(
        Section((), "faq", pair.answer, questions=tuple(dict.fromkeys((pair.question, *pair.wordings))))
        for pair in file.pairs
    )
    return ParsedDocument(file.title, sections)
