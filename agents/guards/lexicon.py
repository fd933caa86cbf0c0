"""The guard's word lists, read once from the package's data folder."""

import re
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "data"


@cache
def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((_DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def words(file: str, *path: str) -> tuple[str, ...]:
    """The list at `path`, longest word first so that an alternation of it prefers the longer."""
    node: Any = load(file)
    for key in path:
        node = node[key]
    return tuple(sorted({str(word) for word in node}, key=lambda w: (-len(w), w)))


@cache
def pattern(file: str, *path: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words(file, *path)))


def has(text: str, file: str, *path: str) -> bool:
    return pattern(file, *path).search(text) is not None


@cache
def synonyms() -> tuple[re.Pattern[str], dict[str, str]]:
    group_of = {word: group for group, members in _groups() for word in members if len(word) > 1}
    ordered = sorted(group_of, key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, ordered))), group_of


def _groups() -> list[tuple[str, list[str]]]:
    return [(group, [str(m).lower() for m in members]) for group, members in load("lexicon")["synonyms"].items()]


@cache
def single_synonyms() -> dict[str, str]:
    """Synonyms of one character: they count only where the segmenter takes them for a word."""
    return {word: group for group, members in _groups() for word in members if len(word) == 1}


@cache
def light() -> frozenset[str]:
    return frozenset(str(word) for word in load("lexicon")["light"])


@cache
def classes() -> dict[str, tuple[str, ...]]:
    return {name: words("lexicon", "classes", name) for name in load("lexicon")["classes"]}


@cache
def units() -> dict[str, tuple[str, Fraction]]:
    """Unit → (dimension, factor to the base unit)."""
    table: dict[str, tuple[str, Fraction]] = {}
    for dimension, members in load("units").items():
        if dimension != "frozen":
            table.update({str(unit): (dimension, Fraction(factor)) for unit, factor in members.items()})
    return table
