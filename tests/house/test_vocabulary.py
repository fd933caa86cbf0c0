"""One word, one idea: names in our Python, our SQL and our routes use the words of the design."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.tree import ROOT, product_files, trees

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SQL_GRAMMAR = {"references"}
_SQL_COMMENT = re.compile(r"--[^\n]*")
_ROUTE = re.compile(r"/[A-Za-z0-9_{}/.-]*")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Rule:
    say: str
    words: list[str]
    bad: list[str]
    good: list[str]
    within: tuple[str, ...] = ("",)
    modules: bool = False
    allow: dict[str, str] = field(default_factory=dict)

    def forbids(self, path: str, name: str) -> bool:
        snake = _HUMP.sub("_", name).strip("_").lower()
        if snake in self.allow or not path.startswith(self.within):
            return False
        return any(re.fullmatch(word, snake) for word in self.words)


@cache
def rules() -> tuple[Rule, ...]:
    raw: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("vocabulary.yaml").read_text(encoding="utf-8"))
    return tuple(Rule(**{**one, "within": tuple(one.get("within", [""]))}) for one in raw)


def identifiers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Names with their lines, those inside route addresses included."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for key in ("id", "attr", "arg", "name", "asname"):
            if isinstance(name := getattr(node, key, None), str) and not isinstance(node, ast.alias):
                yield name, line
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ROUTE.fullmatch(node.value):
            yield from ((name.replace("-", "_"), line) for name in re.findall(r"[A-Za-z_-]+", node.value))


def violations(path: str, names: Iterable[tuple[str, int]], *, modules: bool = False) -> list[str]:
    return [
        f"{path}:{line}: {name}: say {rule.say}"
        for name, line in names
        for rule in rules()
        if rule.modules == modules and rule.forbids(path, name)
    ]


def module_names(path: str) -> list[tuple[str, int]]:
    return [(part, 1) for part in Path(path).with_suffix("").parts]


def test_python_uses_our_words() -> None:
    found = [line for path, tree in trees(product_files()) for line in violations(path, identifiers(tree))]
    assert not found, "\n".join(found)


def test_sql_uses_our_words() -> None:
    found: list[str] = []
    for path in sorted((ROOT / "api" / "migrations").rglob("*.sql")):
        for number, line in enumerate(_SQL_COMMENT.sub("", path.read_text(encoding="utf-8")).splitlines(), start=1):
            names = ((name, number) for name in _WORD.findall(line) if name.lower() not in _SQL_GRAMMAR)
            found += violations(str(path.relative_to(ROOT)), names)
    assert not found, "\n".join(found)


def test_modules_are_named_after_what_they_are_about() -> None:
    paths = [path.as_posix() for path in product_files()]
    found = [line for path in paths for line in violations(path, module_names(path), modules=True)]
    found += [line for path in paths for line in violations(path, module_names(path)[-1:])]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.say.split()[0])
def test_each_rule_tells_bad_lines_from_good_ones(rule: Rule) -> None:
    def caught(sample: str) -> bool:
        path = sample if rule.modules else f"{rule.within[0]}sample.py"
        names = module_names(sample) if rule.modules else identifiers(ast.parse(sample))
        return any(rule.forbids(path, name) for name, _ in names)

    assert [line for line in rule.bad if not caught(line)] == []
    assert [line for line in rule.good if caught(line)] == []


def test_routes_are_read_as_names() -> None:
    found = violations(
        "api/routes/handoffs.py", identifiers(ast.parse("@router.get('/v1/tickets/{id}')\ndef f(): ..."))
    )
    assert found == ["api/routes/handoffs.py:1: tickets: say handoff"]
