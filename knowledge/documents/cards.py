"""Law cards: each clause a shopper may need in our own plain words, from `knowledge/cards/*.yaml`."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from knowledge.documents.parse_blocks import refuse
from knowledge.documents.parse_yaml import load_mapping
from knowledge.documents.parsed import ParsedDocument, Section

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Card(BaseModel):
    """`says` are sentences that may be quoted each on its own; `ask` are ways shoppers put the question."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    article: int = Field(ge=1)
    topic: Words
    says: tuple[Words, ...] = Field(min_length=1)
    ask: tuple[Words, ...] = Field(min_length=1)


class CardFile(BaseModel):
    """`doc` is the document key its cards stand for: the stem of the statute's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    doc: Words
    title: Words
    effective_from: date
    cards: tuple[Card, ...] = Field(min_length=1)


@cache
def load_cards() -> tuple[CardFile, ...]:
    """Every shipped file, by name. Raises InvalidInputError naming file and card."""
    folder = files("knowledge") / "cards"
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda e: e.name)
    loaded = tuple(parse_cards(entry.name, entry.read_text(encoding="utf-8")) for entry in entries)
    seen: dict[str, str] = {}
    for entry, card_file in zip(entries, loaded, strict=True):
        if card_file.doc in seen:
            refuse(entry.name, f"{card_file.doc} already stands in {seen[card_file.doc]}", rule="one file a document")
        seen[card_file.doc] = entry.name
    return loaded


def parse_cards(name: str, text: str) -> CardFile:
    try:
        card_file = CardFile.model_validate(load_mapping(name, text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = first["loc"]
        number = place[1] + 1 if len(place) > 1 and place[0] == "cards" and isinstance(place[1], int) else None
        where = f"card {number}, " if number else ""
        field = ".".join(str(part) for part in place[2 if number else 0 :])
        refuse(name, f"{where}{field}: {first['msg']}", rule=first["type"], row=number, field=field, cause=error)
    seen: set[tuple[int, str]] = set()
    for number, card in enumerate(card_file.cards, start=1):
        for field, words in (("says", card.says), ("ask", card.ask)):
            if repeated := next(_repeats(words), None):
                refuse(
                    name, f"card {number} ({card.topic}) repeats: {repeated}", rule="unique", row=number, field=field
                )
        if (card.article, card.topic) in seen:
            detail = f"card {number}: article {card.article}, topic {card.topic} is given twice"
            refuse(name, detail, rule="unique article and topic", row=number, field="topic")
        seen.add((card.article, card.topic))
    return card_file


def _repeats(words: tuple[str, ...]) -> Iterator[str]:
    return (word for index, word in enumerate(words) if word in words[:index])


def to_document(card_file: CardFile) -> ParsedDocument:
    """One section, and so one chunk, a card."""
    sections = tuple(
        Section((card.topic,), "card", "".join(card.says), card.article, card.ask, card.says)
        for card in card_file.cards
    )
    return ParsedDocument(card_file.title, sections, {"kind": "card", "doc": card_file.doc}, card_file.effective_from)
