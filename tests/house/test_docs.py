"""The README is true: settings, dependencies and commands are those of the code; both languages have one outline."""

import ast
import re
from pathlib import Path

import pytest

import livecrew
from tests.house import tables
from tests.house.tree import ROOT, product_files, trees

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"(?<![\w./-])livecrew ([a-z][a-z_-]*)")
_VARIABLE = re.compile(r"\bLIVECREW_[A-Z0-9_]*[A-Z0-9]\b")


def read(name: str) -> str:
    path = ROOT / name
    assert path.is_file(), f"{name} is missing"
    return path.read_text(encoding="utf-8")


def outline(markdown: str) -> list[int]:
    """Levels of the headings in order."""
    return [len(marks) for marks in re.findall(r"^(#{1,6}) ", _FENCE.sub("", markdown), re.MULTILINE)]


def commands_told(markdown: str) -> set[str]:
    return {name for code in _CODE.findall(markdown) for name in _COMMAND.findall(code)}


def test_the_settings_table_is_the_settings() -> None:
    told = tables.settings_told(read("README.md"))
    assert sorted(told) == sorted((row.name, row.default) for row in tables.settings())


def test_the_dependency_table_is_the_dependencies() -> None:
    assert sorted(tables.dependencies_told(read("README.md"))) == sorted(tables.dependencies())


def test_the_readme_names_the_commands_there_are() -> None:
    assert commands_told(read("README.md")) == set(livecrew._COMMANDS)


def test_both_readmes_have_one_outline_and_link_to_each_other() -> None:
    english, chinese = read("README.md"), read("README.zh-CN.md")
    assert outline(chinese) == outline(english)
    assert "(README.zh-CN.md)" in english
    assert "(README.md)" in chinese


def test_the_chinese_readme_contradicts_nothing() -> None:
    """It may leave tables to the English one; those it has are the same."""
    english, chinese = read("README.md"), read("README.zh-CN.md")
    assert commands_told(chinese) <= commands_told(english)
    if told := tables.settings_told(chinese):
        assert sorted(told) == sorted(tables.settings_told(english))
    if names := tables.dependencies_told(chinese):
        assert sorted(names) == sorted(tables.dependencies_told(english))


def test_every_variable_we_speak_of_is_a_setting() -> None:
    known = {row.name for row in tables.settings()}
    papers = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob(".env.example"), *ROOT.glob("Makefile")]
    papers += [path for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    found = {f"{path.name}: {name}" for path in papers for name in _VARIABLE.findall(path.read_text(encoding="utf-8"))
             if name not in known}  # fmt: skip
    assert found == set()


def test_links_to_files_lead_somewhere() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", read(name))
        assert [target for target in targets if not (ROOT / target).exists()] == []


def test_settings_are_one_frozen_class_a_package_and_read_the_same_places() -> None:
    classes = tables.settings_classes()
    assert len({cls.__module__ for cls in classes}) == len(classes)
    for cls in classes:
        assert cls.model_config.get("frozen"), cls.__name__
        assert cls.model_config.get("env_prefix") == "LIVECREW_", cls.__name__
        assert cls.model_config.get("env_file") == ".env", f"{cls.__name__} does not read the .env file"


def test_settings_classes_live_in_settings_modules_only() -> None:
    found = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in trees(product_files())
        if len(Path(path).parts) != 2 or Path(path).name != "settings.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).rpartition(".")[2] == "BaseSettings" for base in node.bases)
    ]
    assert found == []


def test_tables_are_read_as_written() -> None:
    written = "\n".join(
        ["| a | b | c |", "|---|---|---|", "| `LIVECREW_HOME` | `~/.livecrew` | x |", "| `LIVECREW_KEY` | — | y |", ""]
    )
    assert tables.settings_told(written) == [("LIVECREW_HOME", "~/.livecrew"), ("LIVECREW_KEY", "")]
    assert tables.dependencies_told("| a | b |\n|---|---|\n| `fastapi` | web |\n| `psycopg[binary]` | x |\n") == [
        "fastapi",
        "psycopg",
    ]
    assert tables.dependencies_told("| a |\n|---|\n| `GET /v1/health` |\n") == []


def test_the_printed_skeleton_is_what_the_readme_must_hold(capsys: pytest.CaptureFixture[str]) -> None:
    tables.main()
    printed = capsys.readouterr().out
    assert sorted(tables.settings_told(printed)) == sorted((row.name, row.default) for row in tables.settings())
    assert tables.dependencies_told(printed) == tables.dependencies()


def test_commands_and_headings_are_read_from_the_right_places() -> None:
    page = "# A\n```sh\n# no heading\nlivecrew demo --port 1\n```\n## B\nlivecrew is prose; `livecrew ask Q` is not\n"
    assert outline(page) == [1, 2]
    assert commands_told(page) == {"demo", "ask"}
