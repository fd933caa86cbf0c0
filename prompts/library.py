"""Prompts are markdown files beside this module; a prompt is a typed object that will not render with a wrong variable.

Front matter: `name, version, variables, output, language`. In the body `{{variable}}` is replaced in one pass, so data
is never expanded again; the line `=== data ===` parts what instructs (system) from what it is about (user).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, ClassVar, Literal

import yaml

from knowledge.kit.errors import ConfigurationError, InvalidInputError, NotFoundError
from prompts.fences import Fenced, neutralise

OutputKind = Literal["json", "text"]

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DATA_LINE = "\n=== data ===\n"
_EMPTY = "（无）"
_KEYS = {"name", "version", "variables", "output", "language"}


class PromptNotFoundError(NotFoundError):
    code: ClassVar[str] = "prompt_not_found"


class PromptFormatError(ConfigurationError):
    code: ClassVar[str] = "prompt_format"


class PromptVariablesError(InvalidInputError):
    """`data` has `missing` and `surplus`, both sorted."""

    code: ClassVar[str] = "prompt_variables"


@dataclass(frozen=True)
class Rendered:
    system: str
    user: str


@dataclass(frozen=True)
class Prompt:
    """`sha256` is over the whole file, so a changed version number alone changes it too."""

    name: str
    version: int
    variables: tuple[str, ...]
    output: OutputKind
    language: str
    sha256: str
    system: str
    user: str

    def render(self, **variables: str) -> str:
        parts = self.render_parts(variables)
        return "\n\n".join(part for part in (parts.system, parts.user) if part)

    def render_parts(self, variables: Mapping[str, str]) -> Rendered:
        """Raises: PromptVariablesError. Values that are not `Fenced` have their markers broken; blank ones say so."""
        missing = sorted(set(self.variables) - set(variables))
        surplus = sorted(set(variables) - set(self.variables))
        if missing or surplus:
            detail = f"Prompt {self.name}: missing {missing or 'nothing'}, surplus {surplus or 'nothing'}."
            raise PromptVariablesError(detail, prompt=self.name, missing=missing, surplus=surplus)
        values = {key: _as_data(value) for key, value in variables.items()}
        return Rendered(system=_fill(self.system, values), user=_fill(self.user, values))


def _as_data(value: str) -> str:
    if not value.strip():
        return _EMPTY
    return value if isinstance(value, Fenced) else neutralise(value)


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def parse(text: str, file: str) -> Prompt:
    """Raises: PromptFormatError naming the file and what is wrong with it."""

    def wrong(why: str) -> PromptFormatError:
        return PromptFormatError(f"Prompt file {file}: {why}.", file=file)

    match = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if match is None:
        raise wrong("no front matter between two lines of ---")
    try:
        front: Any = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        raise wrong("front matter is not YAML") from error
    if not isinstance(front, dict) or set(front) != _KEYS:
        raise wrong(f"front matter needs exactly the keys {sorted(_KEYS)}")
    variables = front["variables"] or []
    if not isinstance(variables, list) or len(set(variables)) != len(variables):
        raise wrong("variables is not a list of distinct names")
    if f"{front['name']}.md" != file:
        raise wrong("name differs from the file name")
    if front["output"] not in ("json", "text") or not isinstance(front["version"], int):
        raise wrong("output is json or text, version a whole number")
    used = set(_PLACEHOLDER.findall(match[2]))
    if used != set(variables):
        raise wrong(f"declared and used variables differ in {sorted(used ^ set(variables))}")
    system, found, user = match[2].partition(_DATA_LINE)
    return Prompt(
        name=front["name"],
        version=front["version"],
        variables=tuple(variables),
        output=front["output"],
        language=str(front["language"]),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        system=system.strip() if found else "",
        user=(user if found else system).strip(),
    )


@cache
def load(name: str) -> Prompt:
    """Raises: PromptNotFoundError, PromptFormatError."""
    file = resources.files("prompts") / f"{name}.md"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise PromptNotFoundError(f"No prompt is called {name}.", prompt=name, known=list(names()))
    return parse(file.read_text(encoding="utf-8"), f"{name}.md")


@cache
def names() -> tuple[str, ...]:
    found = (entry.name for entry in resources.files("prompts").iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in found if name.endswith(".md")))


def load_all() -> tuple[Prompt, ...]:
    return tuple(load(name) for name in names())
