"""Colloquial wording to the words documents use: added to the lexical query at a lower weight, never replacing it."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.index.cut import cut, normalise
from knowledge.kit.errors import ConfigurationError

ADDED_WEIGHT = 0.5  # of an original term; flat between 0.3 and 0.7 on questions the groups were not written from


MODIFIER_WEIGHT = 0.6  # of a word that names the product; +1 hit in 98 at every setting tried, nothing lost elsewhere


@dataclass(frozen=True)
class SynonymGroup:
    """When any of `says` stands in a query, the words of `means` are also looked for; not the other way round."""

    says: tuple[str, ...]
    means: tuple[str, ...]


def read_groups(path: Path) -> tuple[SynonymGroup, ...]:
    """Raises: ConfigurationError naming the group that lacks a side."""
    groups = []
    for row, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1):
        says, means = entry.get("says"), entry.get("means")
        if not says or not means or not all(isinstance(word, str) for word in [*says, *means]):
            raise ConfigurationError(f"{path.name}: group {row} needs words under says and means", row=row)
        groups.append(SynonymGroup(tuple(map(normalise, says)), tuple(map(normalise, means))))
    return tuple(groups)


@functools.cache
def shipped_groups() -> tuple[SynonymGroup, ...]:
    return read_groups(Path(__file__).parent / "synonyms.yaml")


@functools.cache
def modifiers() -> frozenset[str]:
    lines = (Path(__file__).parent / "modifiers.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def meanings(query: str, groups: tuple[SynonymGroup, ...]) -> list[str]:
    """Canonical words for the query that it does not hold already, in the order of the groups."""
    text = normalise(query)
    added = [
        word for group in groups if any(said in text for said in group.says) for word in group.means if word not in text
    ]
    return list(dict.fromkeys(added))


def weighted_terms(query: str, groups: tuple[SynonymGroup, ...] = ()) -> Mapping[str, float]:
    """Query term → weight: how often it stands in the query, or `ADDED_WEIGHT` when only expansion brings it."""
    terms: dict[str, float] = {}
    for term in cut(query):
        terms[term] = terms.get(term, 0.0) + (MODIFIER_WEIGHT if term in modifiers() else 1.0)
    for word in meanings(query, groups):
        for term in cut(word):
            terms.setdefault(term, ADDED_WEIGHT)
    return terms
