"""Which attribute a product question is after, in the words of shoppers and of shops."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agents.support.floor_text import load
from knowledge.catalog.facts import Attribute
from knowledge.index.cut import normalise


@dataclass(frozen=True)
class Aspect:
    name: str
    asks: re.Pattern[str]
    names: tuple[str, ...]

    def held_by(self, attribute: Attribute) -> bool:
        return any(name in attribute.name or attribute.name in name for name in self.names)


@cache
def aspects() -> tuple[Aspect, ...]:
    return tuple(
        Aspect(name, re.compile("|".join(raw["asks"]), re.IGNORECASE), tuple(raw["names"]))
        for name, raw in load("aspects.yaml").items()
    )


def asked(text: str) -> tuple[str, ...]:
    """Names of the aspects a question is after, in the order of the lexicon."""
    folded = normalise(text)
    return tuple(aspect.name for aspect in aspects() if aspect.asks.search(folded))


def attributes_asked(text: str, attributes: Sequence[Attribute]) -> tuple[Attribute, ...]:
    """Those the question names itself, then those of the aspects it is after."""
    folded = normalise(text)
    named = [one for one in attributes if normalise(one.name) in folded]
    wanted = set(asked(text))
    meant = [
        one for aspect in aspects() if aspect.name in wanted for one in attributes if aspect.held_by(one)
    ]  # fmt: skip
    return tuple(dict.fromkeys([*named, *meant]))
