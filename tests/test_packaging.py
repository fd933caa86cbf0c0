"""The wheel holds the five packages, their data and nothing else, and runs from wherever it is unpacked."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, run_python

_LEFT_OUT = {"__pycache__", ".DS_Store"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the tree by hatchling itself: no network, no isolated environment."""
    folder = tmp_path_factory.mktemp("dist")
    done = run_python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def shipped_files() -> Iterator[str]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and not _LEFT_OUT & set(path.parts) and path.suffix != ".pyc":
                yield path.relative_to(ROOT).as_posix()


def test_the_roots_are_ours_alone(names: set[str]) -> None:
    roots = {name.partition("/")[0] for name in names}
    (info,) = (root for root in roots if root.endswith(".dist-info"))
    assert info.startswith("livecrew-")
    assert roots == {*PACKAGES, "livecrew.py", info}


def test_every_file_of_the_packages_is_in_it(names: set[str]) -> None:
    packed = {name for name in names if name.partition("/")[0] in PACKAGES}
    assert packed == set(shipped_files())


@pytest.mark.parametrize(
    ("folder", "endings"),
    [
        ("prompts/", (".md",)),
        ("api/web/", (".html",)),
        ("api/web/", (".js", ".mjs")),
        ("api/web/", (".css",)),
        ("api/migrations/", (".mako",)),
        ("api/migrations/versions/", (".sql",)),
        ("agents/support/lexicon/", (".yaml",)),
        ("agents/support/lexicon/floor/", (".yaml",)),
        ("agents/support/", ("replies.yaml",)),
        ("agents/guards/data/", (".yaml",)),
        ("evals/", ("gates.yaml",)),
        ("knowledge/cards/", (".yaml",)),
        ("knowledge/demo/catalogue/", (".yaml",)),
        ("knowledge/demo/faq/", (".yaml",)),
        ("knowledge/demo/orders/", (".yaml",)),
        ("knowledge/demo/policies/", (".md",)),
        ("knowledge/demo/products/", (".md",)),
        ("knowledge/demo/", ("shop.yaml",)),
        ("knowledge/index/", (".yaml",)),
        ("knowledge/index/", (".txt",)),
        ("knowledge/", (".npz",)),
    ],
)
def test_data_is_in_it(names: set[str], folder: str, endings: tuple[str, ...]) -> None:
    assert [name for name in names if name.startswith(folder) and name.endswith(endings)]


def test_no_tests_papers_or_caches_are_in_it(names: set[str]) -> None:
    assert [name for name in names if "__pycache__" in name or name.startswith(("tests/", "docs/", "deploy/"))] == []


def test_it_declares_the_command_and_its_dependencies(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        (metadata,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        assert "livecrew = livecrew:main" in archive.read(entry).decode()
        told = archive.read(metadata).decode()
    assert "Requires-Dist: fastapi" in told
    assert "Requires-Python: >=3.11" in told


def test_the_command_runs_from_another_directory(unpacked: Path, tmp_path: Path) -> None:
    done = run_python("-m", "livecrew", "--help", cwd=tmp_path, environment={"PYTHONPATH": str(unpacked)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "livecrew COMMAND" in done.stdout


def test_what_is_unpacked_finds_its_own_data(unpacked: Path, tmp_path: Path) -> None:
    program = """
import json
import api.app, api.migrations, prompts.library
from knowledge.demo.shop import DEMO_SHOP_ID
from knowledge.documents.law_cards import card_uploads
print(json.dumps([api.app.__file__, len(prompts.library.load_all()), len(list(card_uploads())), DEMO_SHOP_ID]))
"""
    done = run_python("-c", program, cwd=tmp_path, environment={"PYTHONPATH": str(unpacked)})
    assert done.returncode == 0, done.stderr
    where, prompts, cards, shop = json.loads(done.stdout.splitlines()[-1])
    assert Path(where).resolve().is_relative_to(unpacked.resolve())
    assert prompts == len(list((ROOT / "prompts").glob("*.md")))
    assert cards == len(list((ROOT / "knowledge" / "cards").glob("*.yaml")))
    assert shop
