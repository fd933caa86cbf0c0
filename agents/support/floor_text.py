"""The form of a message that rules read: lower case, simplified, pinyin spelled out, one clause a line."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LEXICON = Path(__file__).parent / "lexicon"
_NAME = re.compile(r"\{([a-z_]+)\}")
_SPACED = re.compile(r"(?<![\u4e00-\u9fff])(?:[\u4e00-\u9fff][ .·・_*-]+){2,}[\u4e00-\u9fff](?![\u4e00-\u9fff])")
_BREAK = re.compile(r"(?:(?!\d\.\d)[,，、。.!！;；~…\s]|(?<=[?？]))+|(?<=[\u4e00-\u9fff])-+(?=[\u4e00-\u9fff])")


def load(name: str) -> Any:
    return yaml.safe_load((LEXICON / name).read_text(encoding="utf-8"))


@cache
def concepts() -> dict[str, str]:
    return {name: "|".join(entries) for name, entries in load("concepts.yaml").items()}


def expand(pattern: str) -> str:
    """`{name}` becomes the alternation of that concept; unknown names raise KeyError, `{0,4}` is left alone."""
    return _NAME.sub(lambda found: f"(?:{expand(concepts()[found[1]])})", pattern)


def compile_all(patterns: list[str]) -> re.Pattern[str] | None:
    """One alternation in which `.` crosses clauses and `^`, `$` hold at clause ends (a question mark may follow)."""
    if not patterns:
        return None
    joined = "|".join(f"(?:{expand(pattern)})" for pattern in patterns)
    return re.compile(joined.replace("$", r"(?=\??$)"), re.IGNORECASE | re.DOTALL | re.MULTILINE)


@cache
def _variants() -> tuple[dict[int, int], list[tuple[re.Pattern[str], str]]]:
    data = load("variants.yaml")
    pairs = "".join(data["traditional"].split())
    table = {ord(pairs[i]): ord(pairs[i + 1]) for i in range(0, len(pairs), 2)}
    spelled = [(re.compile(form, re.IGNORECASE), word) for form, word in data["spelled"].items()]
    return table, spelled


@cache
def _masks() -> re.Pattern[str]:
    return re.compile("|".join(load("stances.yaml")["masks"]), re.IGNORECASE)


def fold(text: str) -> str:
    """Clauses as lines; a question keeps its mark. Expects screened text (NFKC, no invisible characters)."""
    table, spelled = _variants()
    folded = text.translate(table).lower()
    for form, word in spelled:
        folded = form.sub(word, folded)
    folded = _SPACED.sub(lambda found: re.sub(r"[^\u4e00-\u9fff]", "", found[0]), folded)
    folded = folded.replace("？", "?")
    if not re.search(r"[\u4e00-\u9fff]", folded):
        return folded
    return _BREAK.sub("\n", folded).strip("\n")


def without_product_talk(folded: str) -> str:
    """Words such as 人工智能 or 防爆 are blanked: they name goods or exaggerate, and no floor rule may read them. So is
    an allergy told of before anything was used."""
    text = _masks().sub("□", folded)
    if pattern_in("stances.yaml", "exposed").search(text):
        return text
    return pattern_in("stances.yaml", "conditions").sub("□", text)


@cache
def pattern_in(file: str, name: str) -> re.Pattern[str]:
    """The expressions under `name` of a lexicon file, as one. Raises ValueError when there are none."""
    pattern = compile_all(load(file)[name])
    if pattern is None:
        raise ValueError(f"{file}: {name}")
    return pattern
