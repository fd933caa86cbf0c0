"""No dependency phones home, whatever the environment asks for."""

import ast
import json
import sys
from pathlib import Path
from typing import Any

import chromadb
import pytest
from langchain_openai import ChatOpenAI
from langsmith.utils import tracing_is_enabled

from agents.llm.chat import ChatEndpoint
from agents.llm.switch import allow_model_calls
from agents.settings import AgentSettings
from knowledge.index import chroma
from prompts.library import Rendered
from tests.house.tree import called, product_files, run_python, trees

_CLIENTS = {
    "PersistentClient",
    "HttpClient",
    "AsyncHttpClient",
    "EphemeralClient",
    "Client",
    "CloudClient",
    "AdminClient",
}


def talkative_clients(path: str, tree: ast.AST) -> list[str]:
    """Chroma clients made without `settings=Settings(anonymized_telemetry=False)`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node).startswith("chromadb.") and called(node)[9:] in _CLIENTS:
            settings = {word.arg: ast.unparse(word.value) for word in node.keywords}.get("settings", "")
            if "anonymized_telemetry=False" not in settings:
                found.append(f"{path}:{node.lineno}: telemetry is left on")
    return found


def test_every_chroma_client_is_made_with_telemetry_off() -> None:
    assert [line for path, tree in trees(product_files()) for line in talkative_clients(path, tree)] == []
    assert talkative_clients("a.py", ast.parse("chromadb.PersistentClient(path='x')"))
    assert talkative_clients("a.py", ast.parse("chromadb.HttpClient(settings=Settings(anonymized_telemetry=True))"))


def test_the_embedded_chroma_is_quiet_even_when_asked_to_talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "True")
    assert chromadb.config.Settings().anonymized_telemetry is True
    assert chroma.embedded_client(tmp_path).get_settings().anonymized_telemetry is False


def test_the_chroma_of_a_server_is_quiet_too(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "True")
    monkeypatch.setattr(chromadb, "HttpClient", lambda **given: made.update(given))
    chroma.server_client("http://127.0.0.1:8000")
    assert made["settings"].anonymized_telemetry is False


async def test_a_model_call_is_not_traced_when_tracing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    async def generate(*_: object, **__: object) -> object:
        seen.append(tracing_is_enabled())
        raise TimeoutError

    monkeypatch.setattr("langsmith._internal._context._GLOBAL_TRACING_ENABLED", True)
    monkeypatch.setattr(ChatOpenAI, "_agenerate", generate)
    assert tracing_is_enabled() is True
    endpoint = ChatEndpoint(AgentSettings(llm_base_url="http://127.0.0.1:9/v1", llm_model="m"))
    with allow_model_calls(), pytest.raises(Exception, match="timeout"):
        await endpoint.call(Rendered(system="", user="能退吗"), {}, timeout_s=1)
    await endpoint.aclose()
    assert seen == [False]


def test_nothing_turns_tracing_on(tmp_path: Path) -> None:
    """In a process of its own: the service imported and Chroma opened, yet nobody collects traces or events."""
    program = """
import json, sys
from pathlib import Path
import api.app
from knowledge.index.chroma import embedded_client
from langsmith.utils import tracing_is_enabled
from opentelemetry import metrics, trace
client = embedded_client(Path(sys.argv[1]))
print(json.dumps({
    "langsmith": bool(tracing_is_enabled()),
    "collectors": [type(found).__module__ for found in (trace.get_tracer_provider(), metrics.get_meter_provider())
                   if type(found).__module__.startswith("opentelemetry.sdk")],
    "chroma collector": client.get_settings().chroma_otel_collection_endpoint or "",
    "modules": [name for name in ("posthog", "sentry_sdk") if name in sys.modules],
}))
"""
    done = run_python("-c", program, str(tmp_path))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {"langsmith": False, "collectors": [], "chroma collector": "", "modules": []}


def test_this_run_is_not_traced() -> None:
    assert not tracing_is_enabled()
    assert "sentry_sdk" not in sys.modules
