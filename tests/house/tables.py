"""What the README must say about settings and dependencies, read from the code.

`python -m tests.house.tables` prints both tables to paste; the last column is for people to word.
"""

import ast
import inspect
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from tests.house.tree import PACKAGES, ROOT, text_of

_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, order=True)
class Setting:
    name: str
    default: str
    meaning: str = ""


def settings_classes() -> list[type[BaseSettings]]:
    found: list[type[BaseSettings]] = []
    for package in PACKAGES:
        if (ROOT / package / "settings.py").is_file():
            module = import_module(f"{package}.settings")
            found += [
                value
                for value in vars(module).values()
                if inspect.isclass(value) and issubclass(value, BaseSettings) and value.__module__ == module.__name__
            ]
    return found


def settings() -> list[Setting]:
    """In the order of the classes; a name that two classes read with different defaults comes twice."""
    rows: list[Setting] = []
    for cls in settings_classes():
        meanings = _meanings(cls)
        prefix = cls.model_config.get("env_prefix", "")
        for name, field in cls.model_fields.items():
            default = "" if field.is_required() else shown(field.get_default(call_default_factory=True))
            rows.append(Setting(f"{prefix}{name}".upper(), default, field.description or meanings.get(name, "")))
    return list(dict.fromkeys(rows))


def shown(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _meanings(cls: type[BaseSettings]) -> dict[str, str]:
    """Field name → the string literal below it in the class body, on one line."""
    found: dict[str, str] = {}
    (definition,) = ast.parse(inspect.getsource(cls)).body
    body = getattr(definition, "body", [])
    for field, after in pairwise(body):
        text = text_of(after.value) if isinstance(after, ast.Expr) else None
        if text is not None and isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            found[field.target.id] = " ".join(text.split())
    return found


def dependencies() -> list[str]:
    """Names without extras and limits, spelled as in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [bare(line) for line in project["dependencies"]]


def bare(requirement: str) -> str:
    match = _NAME.match(requirement.strip())
    if match is None:
        raise ValueError(f"{requirement!r} is no requirement")
    return match[0]


def tables_of(markdown: str) -> list[list[list[str]]]:
    """Tables as rows of cells, header and rule left out, backquotes stripped."""
    tables: list[list[list[str]]] = []
    for block in re.findall(r"(?:^\|.*\n?)+", markdown, re.MULTILINE):
        rows = [[cell.strip().strip("`").strip() for cell in line.strip().strip("|").split("|")] for line in
                block.splitlines()]  # fmt: skip
        tables.append(rows[2:])
    return tables


def settings_told(markdown: str) -> list[tuple[str, str]]:
    """(name, default) of every row whose first cell is a LIVECREW_ variable; — and blank both mean no default."""
    rows = [row for table in tables_of(markdown) for row in table if row[0].startswith("LIVECREW_")]
    return [(row[0], "" if row[1] in ("", "—", "-") else row[1].replace("_", "") if _is_number(row[1]) else row[1])
            for row in rows]  # fmt: skip


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d_]+", text))


def dependencies_told(markdown: str) -> list[str]:
    """First cells of the table that names most of our dependencies; empty where no table names any."""
    known = set(dependencies())
    named = [[bare(row[0]) for row in table if _NAME.match(row[0])] for table in tables_of(markdown)]
    best = max(named, key=lambda names: len(known & set(names)), default=[])
    return best if known & set(best) else []


def main() -> None:
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for row in settings():
        lines.append(f"| `{row.name}` | {f'`{row.default}`' if row.default else '—'} | {row.meaning or '…'} |")
    lines += ["", "| package | what for |", "|---|---|", *(f"| `{name}` | … |" for name in dependencies())]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
