"""The conversations of the suite as they stand in the data files: what is said, and what a good desk does with it."""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.figures import read_rows
from knowledge.kit.errors import InvalidInputError

Capability = Literal[
    "order", "shipment", "product", "compare_products", "price_history", "policy_for_order", "documents", "identity",
    "handoff",
]  # fmt: skip
Outcome = Literal["answered", "clarified", "abstained", "handed_off", "silent"]
"""`silent`: a person owns the conversation, so the desk says nothing."""
CardKind = Literal["order", "product", "comparison", "policy", "price_history"]
Split = Literal["dev", "held"]

_HELD_OF_TEN = 4


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(_Row):
    """README.md explains every field; templates in braces are resolved by conversation_facts."""

    outcome: tuple[Outcome, ...] = Field(min_length=1)
    cite: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    cards: tuple[CardKind, ...] = ()
    handoff: tuple[str, ...] = ()


class Said(_Row):
    """`identify`: the shopper whose identity is proven before this message. `picture`: a photo comes with it."""

    say: str = ""
    identify: str = ""
    picture: bool = False
    expect: Expected


class Scripted(_Row):
    id: str = Field(pattern=r"^c\d{3}$")
    about: str
    capabilities: tuple[Capability, ...] = Field(min_length=1)
    shopper: str = ""
    turns: tuple[Said, ...] = Field(min_length=1, max_length=6)

    @property
    def split(self) -> Split:
        return split_of(self.id)


def split_of(conversation_id: str) -> Split:
    """By the id alone, which was given before anything was run."""
    return "held" if hashlib.sha256(conversation_id.encode()).digest()[0] % 10 < _HELD_OF_TEN else "dev"


def read_conversations(path: Path) -> list[Scripted]:
    """A file of JSON lines, or every such file of a folder. Raises: InvalidInputError naming file and row."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise InvalidInputError(f"{path} holds no .jsonl file.", field="--data", rule="conversations")
    found: list[Scripted] = []
    for file in files:
        for number, row in enumerate(read_rows(file), start=1):
            try:
                found.append(Scripted.model_validate(row))
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, first["loc"]))
                raise InvalidInputError(
                    f"{file.name} row {number}: {place}: {first['msg']}.", row=number, field=place, rule=first["type"]
                ) from error
    return found
