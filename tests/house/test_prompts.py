"""No prompt text in Python, no prompt without a user, and what a prompt declares is what it uses."""

import ast
import re
from collections.abc import Iterator

import pytest

from prompts.library import load_all, names
from tests.house.tree import ROOT, called, product_files, trees

_HAN = re.compile(r"[一-鿿]")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_LONGEST = 80
# Written ahead of the step that will use them. Remove a name as soon as its step exists.
AWAITING_USE = {"support_clarify", "support_understand", "conversation_summary"}


def texts(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """String literals with their lines, `+` and f-string parts joined; neither docstrings nor patterns given to re."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if isinstance(node, ast.Call) and called(node).startswith("re."):
            skipped.update(id(inner) for inner in ast.walk(node))
        if id(node) in skipped or not isinstance(node, ast.expr):
            continue
        text = _joined(node)
        if text is not None:
            skipped.update(id(inner) for inner in ast.walk(node))
            yield text, node.lineno


def _joined(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_joined(part) or "" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = _joined(node.left), _joined(node.right)
        return None if parts == (None, None) else "".join(part or "" for part in parts)
    return None


def prompt_texts(path: str, tree: ast.AST) -> list[str]:
    """English words with a Chinese example in them are no prompt: at least a fifth of the characters is Chinese."""
    return [
        f"{path}:{line}: {len(text)} characters: {text[:30]!r}"
        for text, line in texts(tree)
        if len(text) > _LONGEST and len(_HAN.findall(text)) * 5 >= len(text)
    ]


def test_every_prompt_loads_and_uses_exactly_its_variables() -> None:
    prompts = load_all()
    assert prompts
    for prompt in prompts:
        used = set(_PLACEHOLDER.findall(prompt.system + prompt.user))
        assert used == set(prompt.variables), prompt.name
        assert prompt.render(**dict.fromkeys(prompt.variables, "值")), prompt.name


def test_every_prompt_is_used() -> None:
    paths = [path for path in product_files() if path.parts[0] != "prompts"]
    literals = {
        node.value
        for _, tree in trees(paths)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(names()) - literals - AWAITING_USE == set()


def test_a_prompt_file_holds_data_between_markers_apart_from_its_rules() -> None:
    """raw_rag is the baseline that does neither, on purpose."""
    for prompt in load_all():
        if prompt.name != "raw_rag":
            assert prompt.system, f"{prompt.name} has no line that parts rules from data"
            assert not _PLACEHOLDER.search(prompt.system), f"{prompt.name} puts data among its rules"


def test_no_prompt_text_in_the_agents() -> None:
    paths = [path for path in product_files() if path.parts[0] == "agents"]
    found = [line for path, tree in trees(paths) for line in prompt_texts(path, tree)]
    assert not found, "\n".join(found)


_LONG = "你是网店客服，只凭编号证据回答顾客，不靠常识，也不猜。" * 4


@pytest.mark.parametrize(
    "source",
    [
        f"PROMPT = {_LONG!r}",
        f"PROMPT = {_LONG[:60]!r} {_LONG[60:]!r}",
        f"PROMPT = {_LONG[:60]!r} + {_LONG[60:]!r}",
        f"PROMPT = f'{_LONG[:60]}{{name}}{_LONG[60:]}'",
        f"ask(messages=[{{'role': 'system', 'content': {_LONG!r}}}])",
    ],
)
def test_the_rule_catches(source: str) -> None:
    assert len(prompt_texts("a.py", ast.parse(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        f"def f():\n    {_LONG!r}",
        f"import re\nPATTERN = re.compile({_LONG!r})",
        f"SHORT = {_LONG[:40]!r}, {_LONG[:60]!r}",
        "DETAIL = 'A colloquial tail is scaled: 三百二 is 320. " + "It says so in English. " * 4 + "'",
    ],
)
def test_the_rule_leaves_alone(source: str) -> None:
    assert prompt_texts("a.py", ast.parse(source)) == []


def test_awaited_prompts_exist() -> None:
    missing = [name for name in AWAITING_USE if not (ROOT / "prompts" / f"{name}.md").is_file()]
    assert missing == []
