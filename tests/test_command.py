"""The `livecrew` command: what it lists, how it refuses, and what it must not import to say so."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import livecrew
from tests.house.tree import ROOT, run_python

_MARKER = '"""LiveCrew: marked like ours."""\n'


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "livecrew", *arguments, cwd=cwd, environment={"PYTHONPATH": str(ROOT)})


def one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.rstrip().endswith(".") and "Traceback" not in text


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("help",), ()])
def test_help_lists_every_command(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert livecrew.main(list(arguments)) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert listed == list(livecrew._COMMANDS)


def test_help_works_from_another_directory(tmp_path: Path) -> None:
    done = command("--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "demo" in done.stdout


def test_an_unknown_command_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert livecrew.main(["dmeo", "--help"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert one_sentence(said.err)
    assert "dmeo" in said.err


@pytest.fixture(scope="module")
def helped() -> dict[str, tuple[int, str]]:
    """Command → exit code and words of its --help, all from one fresh process; "" → `serve` with a wrong port."""
    program = """
import contextlib, io, json, os, livecrew
def run(*arguments):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = livecrew.main(list(arguments))
        except SystemExit as leave:
            code = leave.code
    return code, out.getvalue()
told = {name: run(name, "--help") for name in livecrew._COMMANDS}
os.environ["LIVECREW_PORT"] = "eighty"
told[""] = run("serve")
print(json.dumps(told))
"""
    done = run_python("-c", program)
    assert done.returncode == 0, done.stderr
    told: dict[str, tuple[int, str]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("name", list(livecrew._COMMANDS))
def test_each_command_explains_itself(name: str, helped: dict[str, tuple[int, str]]) -> None:
    code, words = helped[name]
    assert code == 0
    assert words.startswith(f"usage: livecrew {name}")
    _, options = words.split("\n\n", 1)
    assert not options.startswith(("options:", "positional")), "no line says what the command does"


@pytest.mark.parametrize("content", ["", '"""Somebody else\'s agents."""\n', _MARKER])
def test_a_foreign_package_of_our_name_is_named(tmp_path: Path, content: str) -> None:
    """Even one that bears our marker: it does not lie under our root."""
    taken = tmp_path / "agents"
    taken.mkdir()
    (taken / "__init__.py").write_text(content, encoding="utf-8")
    done = command("--help", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert one_sentence(done.stderr)
    assert str(taken.resolve()) in done.stderr


def test_the_guard_does_not_run_the_foreign_package(tmp_path: Path) -> None:
    taken = tmp_path / "agents"
    taken.mkdir()
    (taken / "__init__.py").write_text("raise SystemExit(77)\n", encoding="utf-8")
    assert command("ask", "能退吗", cwd=tmp_path).returncode == 3


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / "livecrew.py", tmp_path)
    for name in livecrew._PACKAGES[1:]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(_MARKER, encoding="utf-8")
    done = run_python("livecrew.py", "--help", cwd=tmp_path)
    assert done.returncode == 3
    assert one_sentence(done.stderr)
    assert livecrew._PACKAGES[0] in done.stderr


def test_an_overwritten_package_without_our_marker_is_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / "livecrew.py", tmp_path)
    for name in livecrew._PACKAGES:
        (tmp_path / name).mkdir()
        text = _MARKER if name != "agents" else '"""An agents SDK."""\n'
        (tmp_path / name / "__init__.py").write_text(text, encoding="utf-8")
    done = run_python("livecrew.py", "--help", cwd=tmp_path)
    assert done.returncode == 3
    assert "agents" in done.stderr


def test_every_package_bears_the_marker() -> None:
    for name in livecrew._PACKAGES:
        assert (ROOT / name / "__init__.py").read_text(encoding="utf-8").startswith(livecrew._MARKER)


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys, livecrew; livecrew.main(['--help']); livecrew.main(['nosuch']); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = run_python("-c", program)
    loaded = set(done.stdout.splitlines()[-1].split())
    heavy = {"chromadb", "sqlalchemy", "fastapi", "numpy", "pydantic", "langchain_core", "openai", "uvicorn", "yaml"}
    assert loaded & (heavy | set(livecrew._PACKAGES)) == set()


def test_a_wrong_setting_is_one_sentence_that_names_it(helped: dict[str, tuple[int, str]]) -> None:
    code, words = helped[""]
    assert code == 1
    assert one_sentence(words)
    assert "LIVECREW_PORT" in words


def test_a_wrong_option_is_usage(tmp_path: Path) -> None:
    done = command("eval", "nosuch", "--data", "x.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "usage: livecrew eval" in done.stderr
    assert "Traceback" not in done.stderr
