"""What keeps the console safe and cheap is how it is built: held here, not remembered."""

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, product_files, run_python, trees

PAGES = [path for path in product_files() if path.parts[:3] == ("api", "console", "pages")]


def test_a_page_reaches_services_and_database_through_the_check_of_rights_only() -> None:
    """`visit.may` and `visit.scope` look the operator up again each time; nothing else gives a page a connection."""
    found = [
        f"{path}:{node.lineno}: {node.attr}"
        for path, tree in trees(PAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("_console", "transaction")
    ]
    assert found == []


def test_every_page_names_its_right() -> None:
    open_to_all = {"home.py", "account.py"}  # what they show is decided right by right
    for path, tree in trees(PAGES):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "page":
                right = ast.unparse(node.args[1])
                assert right.startswith("Right.") or Path(path).name in open_to_all, path


def test_there_is_no_sql_in_the_console() -> None:
    sql = re.compile(r"\b(select .+ from|insert into|update \w+ set|delete from)\b", re.I | re.S)
    texts = [
        (path, node.value)
        for path, tree in trees(path for path in product_files() if path.parts[:2] == ("api", "console"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [path for path, text in texts if sql.search(text)] == []


def test_nothing_is_loaded_before_the_first_visit_and_nothing_kept_or_told_after(tmp_path: Path) -> None:
    """In an empty folder, because NiceGUI would keep its storage in the working one."""
    program = f"""
import json, sys
sys.path.insert(0, {str(ROOT)!r})
def loaded(*names): return [name for name in names if name in sys.modules]
import api.app
before = loaded("nicegui", "socketio")
import api.console.shell as made
made.shell()
print(json.dumps([before, loaded("matplotlib", "plotly", "pandas", "posthog", "sentry_sdk")]))
"""
    done = run_python("-c", program, cwd=tmp_path)
    assert done.stdout.strip() == "[[], []]", done.stderr
    assert list(tmp_path.iterdir()) == []
