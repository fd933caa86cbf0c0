"""The size budget: small files, small functions, every function says what it returns. Data files are exempt."""

import ast
from math import ceil
from pathlib import Path
from statistics import median

import pytest

from tests.house.tree import ROOT, product_files, suite_files, trees

FILE_CAP, TEST_FILE_CAP = 400, 600
MEDIAN_CAP, P95_CAP = 120, 300
FUNCTION_CAP = 70
_WEB = (".js", ".mjs", ".css", ".html", ".sql")


def lines_of(path: Path) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def percentile(values: list[int], share: float) -> int:
    """The smallest value that at least `share` of the values do not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1]


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def long_functions(path: str, tree: ast.AST) -> list[str]:
    return [
        f"{path}:{node.lineno}: {node.name} has {length} lines"
        for node in functions(tree)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_CAP
    ]


def unannotated(path: str, tree: ast.AST) -> list[str]:
    return [f"{path}:{node.lineno}: {node.name} does not say what it returns" for node in functions(tree)
            if node.returns is None]  # fmt: skip


def test_no_file_passes_its_cap() -> None:
    found = [f"{path}: {n} lines" for path in product_files() if (n := lines_of(path)) > FILE_CAP]
    found += [f"{path}: {n} lines" for path in suite_files() if (n := lines_of(path)) > TEST_FILE_CAP]
    web = (path for path in (ROOT / "api").rglob("*") if path.suffix in _WEB)
    found += [f"{path.relative_to(ROOT)}: {n} lines" for path in web if (n := lines_of(path)) > FILE_CAP]
    assert not found, "\n".join(found)


def test_most_files_are_small() -> None:
    """Package markers hold one line and are left out: they would only flatter the figures."""
    sizes = {path: lines_of(path) for path in product_files() if path.name != "__init__.py"}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[: len(sizes) // 20 + 1]
    told = "\n".join(f"{path}: {size} lines" for path, size in largest)
    assert median(sizes.values()) <= MEDIAN_CAP
    assert percentile(list(sizes.values()), 0.95) <= P95_CAP, told


@pytest.mark.parametrize("rule", [long_functions, unannotated])
def test_functions_are_short_and_annotated(rule: object) -> None:
    assert callable(rule)
    found = [line for path, tree in trees((*product_files(), *suite_files())) for line in rule(path, tree)]
    assert not found, "\n".join(found)


def test_the_rules_catch() -> None:
    body = "\n".join("    a = 1" for _ in range(FUNCTION_CAP))
    long = ast.parse(f"class A:\n  async def f(self) -> None:\n{body}")
    assert len(long_functions("a.py", long)) == 1
    assert not long_functions("a.py", ast.parse(f"def f() -> None:\n{body[: -len('    a = 1')]}"))
    assert len(unannotated("a.py", ast.parse("def f(a: int): pass\ndef g() -> int: return lambda: 1"))) == 1
    assert (percentile(list(range(1, 101)), 0.95), percentile([7], 0.95)) == (95, 7)
