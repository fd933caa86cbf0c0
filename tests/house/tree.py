"""Our own source as data: which files there are, their syntax trees, and names met in them."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import livecrew

ROOT = Path(livecrew.__file__).resolve().parent
PACKAGES = livecrew._PACKAGES


@cache
def product_files() -> tuple[Path, ...]:
    """Every Python file we ship, relative to ROOT."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return tuple(sorted(path.relative_to(ROOT) for path in [*found, ROOT / "livecrew.py"]))


@cache
def suite_files() -> tuple[Path, ...]:
    return tuple(sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py")))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def trees(paths: Iterable[Path]) -> Iterator[tuple[str, ast.Module]]:
    for path in paths:
        yield path.as_posix(), tree_of(path)


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Dotted names with their lines: `from a import b` gives a.b; names handed to import_module count as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and called(node).endswith(("import_module", "__import__")):
            yield from ((text, node.lineno) for text in map(text_of, node.args[:1]) if text is not None)


def text_of(node: ast.AST) -> str | None:
    """The value of a string literal; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def called(node: ast.Call) -> str:
    """The dotted name of what is called, as written: `chromadb.HttpClient`; empty for anything but names."""
    parts: list[str] = []
    target: ast.expr = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    parts.append(target.id if isinstance(target, ast.Name) else "")
    return ".".join(reversed(parts))


def is_within(name: str, root: str) -> bool:
    return name == root or name.startswith(f"{root}.")


def run_python(
    *arguments: str, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter with nothing of this process's environment but the search path for programs."""
    bare = {"PATH": str(Path(sys.executable).parent), "HOME": str(cwd), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=bare | (environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
