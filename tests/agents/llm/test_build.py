"""Which writer a process gets, the scripted one, and the switch that forbids real calls."""

from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, ValidationError

from agents.llm.build import build_writer
from agents.llm.ledger import MemoryLedger
from agents.llm.ports import OfflineWriter
from agents.llm.scripted import ScriptedWriter, WriterDownError
from agents.llm.switch import ModelCallForbiddenError, allow_model_calls, forbid_model_calls
from agents.llm.writer import LLMWriter
from agents.settings import AgentSettings
from knowledge.kit.clock import FrozenClock
from prompts.library import PromptVariablesError
from tests.agents.llm.endpoint import OFFLINE, Answer, FakeEndpoint, Rig, answer_task

CLOCK = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "MODEL", "API_KEY"):
        monkeypatch.delenv(f"LIVECREW_LLM_{name}", raising=False)


@pytest.mark.usefixtures("blank")
async def test_without_settings_the_offline_writer() -> None:
    writer = build_writer(AgentSettings(), MemoryLedger(), CLOCK)
    assert isinstance(writer, OfflineWriter)
    written = await writer.write(answer_task())
    assert (written.output, written.writer, written.degraded) == (OFFLINE, "offline", "")


@pytest.mark.usefixtures("blank")
async def test_environment_makes_an_llm_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVECREW_LLM_MODEL", "qwen-plus")
    assert not AgentSettings().llm_configured
    monkeypatch.setenv("LIVECREW_LLM_API_KEY", "sk-secret")
    settings = AgentSettings()
    assert settings.llm_configured
    assert "sk-secret" not in f"{settings!r} {settings.model_dump_json()}"
    writer = build_writer(settings, MemoryLedger(), CLOCK)
    assert isinstance(writer, LLMWriter)
    assert writer.dialect.token_field == "max_completion_tokens"  # no address: OpenAI itself
    await writer.aclose()


def test_settings_are_frozen_and_checked() -> None:
    with pytest.raises(ValidationError):
        AgentSettings().llm_model = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        AgentSettings(llm_timeout_s=0)


async def test_forbidden_calls_break_the_test_instead_of_degrading(server: FakeEndpoint) -> None:
    rig = Rig(server)
    with allow_model_calls():
        forbid_model_calls()
        with pytest.raises(ModelCallForbiddenError):
            await rig.writer.write(answer_task())
    assert (await rig.writer.write(answer_task())).writer == "mock"
    assert len(server.requests) == 1
    await rig.writer.aclose()


async def test_scripted_writer_records_and_answers() -> None:
    writer = ScriptedWriter(lambda task: Answer(answer=task.variables["question"]))
    written = await writer.write(answer_task())
    assert (written.output.answer, written.writer) == ("能退吗", "scripted")
    assert writer.tasks[0].subject_id == "trn_1"
    assert "能退吗" in writer.sent[0].user


async def test_scripted_failure_is_the_offline_words() -> None:
    def down(task: object) -> BaseModel:
        raise WriterDownError("timeout")

    written = await ScriptedWriter(down).write(answer_task())
    assert (written.output, written.degraded) == (OFFLINE, "timeout")


async def test_scripted_writer_catches_the_callers_mistakes() -> None:
    class Other(BaseModel):
        pass

    with pytest.raises(PromptVariablesError):
        await ScriptedWriter(lambda task: OFFLINE).write(answer_task(variables={"surplus": "甲"}))
    with pytest.raises(TypeError):
        await ScriptedWriter(lambda task: Other()).write(answer_task())
    with pytest.raises(ZeroDivisionError):
        await ScriptedWriter(lambda task: 1 // 0).write(answer_task())  # type: ignore[arg-type, return-value]
