"""The lock pins every dependency with hashes and holds no index address."""

import re
import tomllib
from typing import Any

import pytest

from tests.house.tables import bare, dependencies
from tests.house.tree import ROOT

_PINNED = re.compile(r"([A-Za-z0-9._-]+)(\[[\w,.-]+\])?==([\w.!+*-]+)( ; [^\\]+)?((?: --hash=sha256:[0-9a-f]{64})+)")
_ADDRESS = re.compile(
    r"[a-z]+://|(?<!\S)(?:-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host|--emit-index)\b"
)
_OWN_PATH = re.compile(r"(?<!\S)(?:/|file:|\.\.?/)\S+")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(lock: str) -> list[str]:
    """Requirements, each on one line."""
    lines = lock.replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip() and not line.lstrip().startswith("#")]


def faults(lock: str) -> list[str]:
    loose = [f"not one name, version and hashes: {line[:80]}" for line in entries(lock) if not _PINNED.fullmatch(line)]
    addresses = [f"address: {line.strip()[:80]}" for line in lock.splitlines()
                 if _ADDRESS.search(line) or _OWN_PATH.search(line)]  # fmt: skip
    return loose + addresses


def pins(lock: str) -> set[str]:
    return {normal(match[1]) for line in entries(lock) if (match := _PINNED.fullmatch(line))}


@pytest.fixture(scope="module")
def lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_the_lock_holds_names_versions_and_hashes_only(lock: str) -> None:
    assert faults(lock) == []


def test_every_dependency_is_pinned(lock: str) -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*dependencies(), *map(bare, project["dependency-groups"]["dev"])]
    assert {normal(name) for name in wanted} - pins(lock) == set()


_HASH = f"--hash=sha256:{'0f' * 32}"


@pytest.mark.parametrize(
    "line",
    [
        "fastapi==0.1.0",
        f"fastapi>=0.1.0 {_HASH}",
        f"fastapi==0.1.0 --hash=sha256:{'0f' * 31}",
        f"fastapi @ https://example.invalid/fastapi.whl {_HASH}",
        f"--index-url https://example.invalid/simple\nfastapi==0.1.0 {_HASH}",
        f"# uv pip compile -i mirror\nfastapi==0.1.0 {_HASH}",
        f"# uv pip compile /home/me/pyproject.toml\nfastapi==0.1.0 {_HASH}",
        "-e .",
    ],
)
def test_the_rule_catches(line: str) -> None:
    assert faults(line)


def test_the_rule_leaves_alone() -> None:
    pin = f"Psycopg[binary]==3.2 ; python_version > '3' \\\n    {_HASH} \\\n    {_HASH}\n"
    lock = f"# uv pip compile --no-emit-index-url -o requirements.lock\n{pin}"
    assert faults(lock) == []
    assert pins(lock) == {"psycopg"}
