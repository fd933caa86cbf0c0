"""Arrows point down, each vendor SDK has one home, and one module commits."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, called, imported, is_within, product_files, text_of, trees

_MODELS = ("agents/llm/", "knowledge/index/embedders.py")
HOMES = {
    "chromadb": ("knowledge/index/",),
    "langchain": _MODELS,
    "langchain_core": _MODELS,
    "langchain_openai": _MODELS,
    "langchain_community": _MODELS,
    "langchain_text_splitters": (*_MODELS, "evals/raw.py"),
    "langsmith": _MODELS,
    "openai": _MODELS,
    "tiktoken": ("knowledge/kit/tokens.py",),
    "tiktoken_ext": ("knowledge/kit/tokens.py",),
    "fastapi": ("api/", "evals/load/"),
    "starlette": ("api/",),
    "uvicorn": ("api/", "evals/load/"),
    "alembic": ("api/migrations/",),
    "nicegui": ("api/console/",),
    "jwt": ("api/auth/",),
    "pwdlib": ("api/auth/",),
    "ijson": ("knowledge/imports/",),
    "tests": (),
}
SETTINGS = tuple(f"{package}/settings.py" for package in PACKAGES)
# A cache in a SQLite file of its own: it holds no state of any shop, and no transaction of ours spans it.
_OWN_FILE = "knowledge/index/embed_cache.py"
_ENVIRONMENT = ("os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv")


def foreign_imports(path: str, tree: ast.AST) -> list[str]:
    return [
        f"{path}:{line}: {name} has its home in {' and '.join(homes) or 'no shipped module'}"
        for name, line in imported(tree)
        for vendor, homes in HOMES.items()
        if is_within(name, vendor) and not path.startswith(homes)
    ]


def environment_reads(path: str, tree: ast.AST) -> list[str]:
    if path in SETTINGS:
        return []
    lines = [line for name, line in imported(tree) if name in _ENVIRONMENT]
    os_names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "os"
    }
    lines += [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in os_names
        and f"os.{node.attr}" in _ENVIRONMENT
    ]
    return [f"{path}:{line}: the environment is read in settings only" for line in lines]


def commits(path: str, tree: ast.AST) -> list[str]:
    """Calls of commit, and COMMIT as a statement of its own."""
    if path == "knowledge/kit/db.py":
        return []
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and called(node).endswith("commit")]
    if path != _OWN_FILE:
        literals = [(node.lineno, text_of(node)) for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        lines += [line for line, text in literals if text is not None and text.strip(" ;").lower() == "commit"]
    return [f"{path}:{line}: knowledge/kit/db.py is the sole committer" for line in lines]


def http_exceptions(path: str, tree: ast.AST) -> list[str]:
    if path == "api/errors.py":
        return []
    names = [(node.attr, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    names += [(node.id, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Name)]
    found = {line for name, line in [*names, *imported(tree)] if name.endswith("HTTPException")}
    return [f"{path}:{line}: raise a LiveCrewError; api/errors.py maps it" for line in sorted(found)]


Rule = Callable[[str, ast.AST], list[str]]
RULES: tuple[Rule, ...] = (foreign_imports, environment_reads, commits, http_exceptions)


@pytest.mark.parametrize("rule", RULES)
def test_the_tree_keeps_the_rule(rule: Rule) -> None:
    found = [line for path, tree in trees(product_files()) for line in rule(path, tree)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (foreign_imports, "agents/support/gather.py", "import chromadb.config"),
        (foreign_imports, "agents/support/gather.py", "def f():\n    from langchain_core.messages import BaseMessage"),
        (foreign_imports, "knowledge/index/chroma.py", "from openai import OpenAI"),
        (foreign_imports, "evals/raw.py", "import langchain_core"),
        (foreign_imports, "knowledge/kit/text.py", "import tiktoken"),
        (foreign_imports, "agents/support/turns.py", "from starlette.requests import Request"),
        (foreign_imports, "api/app.py", "from tests.support import shop"),
        (foreign_imports, "livecrew.py", "importlib.import_module('chromadb')"),
        (environment_reads, "livecrew.py", "import os\nHOME = os.environ['HOME']"),
        (environment_reads, "api/app.py", "import os as system\nsystem.getenv('HOME')"),
        (environment_reads, "api/commands/settings.py", "from os import environ"),
        (commits, "knowledge/documents/service.py", "async def f(scope):\n    await scope.session.commit()"),
        (commits, "knowledge/documents/service.py", "connection.execute('COMMIT;')"),
        (commits, "knowledge/index/embed_cache.py", "self._db.commit()"),
        (http_exceptions, "api/routes/health.py", "from fastapi import HTTPException"),
        (http_exceptions, "api/app.py", "import fastapi\nraise fastapi.HTTPException(404)"),
    ],
)
def test_the_rule_catches(rule: Rule, path: str, source: str) -> None:
    assert rule(path, ast.parse(source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("knowledge/index/chroma.py", "import chromadb"),
        ("knowledge/index/embedders.py", "from langchain_openai import OpenAIEmbeddings"),
        ("evals/raw.py", "import langchain_text_splitters"),
        ("agents/settings.py", "import os\nos.environ['HOME']"),
        ("knowledge/kit/db.py", "session.commit()"),
        ("api/errors.py", "from starlette.exceptions import HTTPException"),
        ("agents/guards/text.py", "import openai_like\nfrom knowledge.kit import text\nos.path.join('a')"),
    ],
)
def test_the_rules_leave_alone(path: str, source: str) -> None:
    assert [rule(path, ast.parse(source)) for rule in RULES] == [[]] * len(RULES)


def test_import_linter_contracts_are_kept(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [program, "--config", "pyproject.toml", "--cache-dir", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_layer_contract_covers_every_package_and_has_the_one_exception() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = [contract for contract in linter["contracts"] if contract["type"] == "layers"]
    assert set(linter["root_packages"]) == set(PACKAGES)
    assert layers["layers"] == ["evals", "api", "agents", "knowledge : prompts"]
    exceptions = [line for contract in linter["contracts"] for line in contract.get("ignore_imports", [])]
    assert exceptions == ["prompts.library -> knowledge.kit.errors"]


def test_every_agent_is_under_the_independence_contract() -> None:
    """What the agents share may be imported by all of them; any other package in agents/ is an agent."""
    shared = {"conversations", "guards", "handoff", "llm"}
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (independent,) = [contract for contract in linter["contracts"] if contract["type"] == "independence"]
    agents = {path.parent.name for path in (ROOT / "agents").glob("*/__init__.py")} - shared
    assert {f"agents.{name}" for name in agents} == set(independent["modules"])
