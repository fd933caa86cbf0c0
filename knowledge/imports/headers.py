"""The words by which a kind's columns go: one YAML file a kind, beside the code that imports it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml

_MARKS = re.compile(r"[\s_*\-·.]+|[\[(【](?:必填|选填|可选|required|optional)[\])】]")


@dataclass(frozen=True)
class Headers:
    """`keywords`: folded header → field; `words`: field → the same as written; `choices`: field → word → code;
    `opened`: prefix of a column → open field; `never`: parts of headers that are not taken as open columns."""

    keywords: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    choices: Mapping[str, Mapping[str, str]]
    opened: Mapping[str, str]
    never: tuple[str, ...]


def fold(header: str) -> str:
    """For comparing: NFKC, lower case, no blanks, underscores, hyphens or marks of duty."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", header).strip().lower())


def load_headers(package: str, name: str) -> Headers:
    """`package`/headers/`name`.yaml. Raises: ValueError when one keyword is given to two fields."""
    raw = yaml.safe_load((files(package) / "headers" / f"{name}.yaml").read_text(encoding="utf-8"))
    keywords: dict[str, str] = {}
    for field, words in raw["fields"].items():
        for word in words if field.endswith("_fen") else (field, *words):  # `price_fen` is `price` counted in fen
            if keywords.setdefault(fold(word), field) != field:
                raise ValueError(f"{name}.yaml: {word} is a keyword of {field} and of {keywords[fold(word)]}")
    choices = {
        field: {str(word).lower(): code for code, words in codes.items() for word in (code, *words)}
        for field, codes in raw.get("choices", {}).items()
    }
    opened = {fold(word): field for field, prefixes in raw.get("open", {}).items() for word in prefixes}
    words = {field: tuple(written) for field, written in raw["fields"].items()}
    return Headers(keywords, words, choices, opened, tuple(map(fold, raw.get("never", ()))))
