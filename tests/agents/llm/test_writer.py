"""The writer against an endpoint that behaves, misbehaves and hangs: it always returns, the ledger tells the truth."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from agents.llm.ports import WriteTask
from prompts.fences import evidence_block
from prompts.library import load
from tests.agents.llm.endpoint import OFFLINE, Answer, FakeEndpoint, Rig, answer_task, completion, failure

MakeRig = Callable[..., Rig]
GOOD = completion('{"answer": "七天内可以退 [1]。", "citations": [1], "needs": []}')


def _mode(request: dict[str, Any]) -> str:
    return str(request.get("response_format", {}).get("type", "plain"))


async def test_good_json_becomes_the_output(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [GOOD]
    rig = make_rig()
    written = await rig.writer.write(answer_task(findings=("[1] 数字不符",)))
    assert written.output == Answer(answer="七天内可以退 [1]。", citations=(1,))
    assert (written.writer, written.degraded) == ("mock", "")
    (request,) = server.requests
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    user = request["messages"][1]["content"]
    assert "<<<EVIDENCE 1\n七天内可以退货。\nEVIDENCE 1>>>" in user
    assert "[1] 数字不符" in user
    assert request["max_tokens"] == rig.settings.llm_max_output_tokens
    assert "max_completion_tokens" not in request
    schema = request["response_format"]["json_schema"]["schema"]
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"answer", "citations", "needs"}
    assert server.headers[0]["authorization"] == "Bearer sk-test"


async def test_ledger_row_of_a_good_call(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [GOOD]
    rig = make_rig()
    await rig.writer.write(answer_task())
    (row,) = rig.ledger.rows
    assert (row.prompt, row.prompt_sha256) == ("support_answer", load("support_answer").sha256)
    assert (row.model, row.outcome.value, row.shop_id, row.subject_id) == ("mock", "ok", "shp_1", "trn_1")
    assert (row.input_tokens, row.output_tokens) == (1_000, 500)
    assert row.cost_fen == Decimal("0.6000")  # 1000 × 200 + 500 × 800 fen per million
    assert 0 <= row.ms < 5_000


async def test_tokens_are_estimated_where_the_endpoint_tells_none(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [completion('{"answer": "好"}', usage=False)]
    rig = make_rig()
    await rig.writer.write(answer_task())
    assert rig.ledger.rows[0].input_tokens > 300
    assert 0 < rig.ledger.rows[0].output_tokens < 20


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (completion("```json\n{坏"), "unparsable"),
        (completion(""), "unparsable"),
        (completion(None), "unparsable"),
        (completion('{"reply": "七天"}'), "wrong_schema"),
        (completion('{"answer": "七天内可以', finish="length"), "truncated"),
        (completion(None, refusal="不行"), "refused"),
        (completion("", finish="content_filter"), "refused"),
        ((200, "<html>登录</html>"), "server_error"),
        ((200, {"choices": []}), "server_error"),
        ((200, {"choices": None}), "server_error"),
        ((200, {"error": {"message": "坏了"}}), "server_error"),
        ((302, "moved"), "not_found"),
        (failure(401, "Incorrect API key provided: sk-test"), "unauthorized"),
        (failure(403), "unauthorized"),
        (failure(404, "no such model"), "not_found"),
        (failure(400, "maximum context length is 4096 tokens"), "rejected"),
        (failure(400, "data_inspection_failed: content inspection"), "rejected"),
    ],
)
async def test_every_failure_is_the_offline_words_with_a_reason(
    server: FakeEndpoint, make_rig: MakeRig, reply: tuple[int, Any], reason: str
) -> None:
    server.replies = [reply]
    rig = make_rig(llm_max_retries=0)
    written = await rig.writer.write(answer_task())
    assert written.output == OFFLINE
    assert (written.writer, written.degraded) == ("offline", reason)
    assert rig.outcomes == [reason]
    assert rig.writer.dialect.mode == "json_schema"


async def test_hostile_words_stay_words(server: FakeEndpoint, make_rig: MakeRig) -> None:
    hostile = ">>>\n{{findings}} <script>alert(1)</script> \u0000 [999]"
    server.replies = [completion(json.dumps({"answer": hostile, "citations": [999, -1], "system": "rm", "needs": []}))]
    written = await make_rig().writer.write(answer_task())
    assert written.output.answer == hostile  # judged by the guards, not here
    assert set(vars(written.output)) == {"answer", "citations", "needs"}


async def test_server_errors_are_retried_with_growing_waits(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [failure(500), failure(503), GOOD]
    rig = make_rig()
    written = await rig.writer.write(answer_task())
    assert written.writer == "mock"
    assert rig.outcomes == ["server_error", "server_error", "ok"]
    assert rig.ledger.rows[0].output_tokens == 0
    assert len(rig.waits) == 2
    assert rig.waits[0] < rig.waits[1] <= 10


async def test_retries_end(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [failure(500)]
    rig = make_rig(llm_max_retries=2)
    assert (await rig.writer.write(answer_task())).degraded == "server_error"
    assert len(server.requests) == 3


async def test_retry_after_is_honoured_or_too_long(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [failure(429), GOOD]
    server.reply_headers = {"Retry-After": "3"}
    rig = make_rig()
    assert (await rig.writer.write(answer_task())).writer == "mock"
    assert rig.waits == [3.0]
    assert rig.outcomes == ["rate_limited", "ok"]
    server.replies = [failure(429)]
    server.reply_headers = {"Retry-After": "600"}
    assert (await rig.writer.write(answer_task())).degraded == "rate_limited"
    assert rig.waits == [3.0]


async def test_a_hanging_endpoint_times_out(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.hang.set()
    rig = make_rig(llm_timeout_s=0.2, llm_max_retries=1)
    written = await rig.writer.write(answer_task())
    assert (written.output, written.degraded) == (OFFLINE, "timeout")
    assert rig.outcomes == ["timeout", "timeout"]


async def test_the_total_time_bounds_all_attempts(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.hang.set()
    rig = make_rig(llm_timeout_s=5, llm_total_timeout_s=0.3, llm_max_retries=9)
    async with asyncio.timeout(2):
        assert (await rig.writer.write(answer_task())).degraded == "timeout"
    assert len(server.requests) == 1


async def test_an_absent_endpoint(server: FakeEndpoint, make_rig: MakeRig) -> None:
    rig = make_rig(llm_base_url="http://127.0.0.1:9/v1", llm_max_retries=0)
    assert (await rig.writer.write(answer_task())).degraded == "connection"


async def test_structured_mode_is_discovered_once(server: FakeEndpoint, make_rig: MakeRig) -> None:
    def no_schema(request: dict[str, Any]) -> tuple[int, Any]:
        return failure(400, "response_format json_schema unsupported") if _mode(request) == "json_schema" else GOOD

    server.replies = [no_schema]
    rig = make_rig()
    for _ in range(2):
        assert (await rig.writer.write(answer_task())).writer == "mock"
    assert [_mode(request) for request in server.requests] == ["json_schema", "json_object", "json_object"]
    assert rig.outcomes == ["rejected", "ok", "ok"]


async def test_plain_mode_reads_an_answer_with_markers(server: FakeEndpoint, make_rig: MakeRig) -> None:
    plain = completion("七天内可以退 [1]，运费自理 [2]。")
    server.replies = [lambda request: failure(422, "extra fields") if "response_format" in request else plain]
    rig = make_rig()
    written = await rig.writer.write(answer_task())
    assert written.output == Answer(answer="七天内可以退 [1]，运费自理 [2]。", citations=(1, 2))
    assert rig.writer.dialect.mode == "plain"


async def test_unsupported_sampling_fields_are_learnt(server: FakeEndpoint, make_rig: MakeRig) -> None:
    def picky(request: dict[str, Any]) -> tuple[int, Any]:
        if "temperature" in request:
            return failure(400, "Unsupported value: 'temperature' does not support 0.2 with this model.")
        if "max_tokens" in request:
            return failure(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        return GOOD

    server.replies = [picky]
    rig = make_rig()
    assert (await rig.writer.write(answer_task())).writer == "mock"
    assert (await rig.writer.write(answer_task())).writer == "mock"
    assert len(server.requests) == 4
    assert server.requests[-1]["max_completion_tokens"] == rig.settings.llm_max_output_tokens
    assert _mode(server.requests[-1]) == "json_schema"


async def test_a_request_refused_everywhere_teaches_nothing(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [failure(400, "no")]
    rig = make_rig()
    assert (await rig.writer.write(answer_task())).degraded == "rejected"
    assert len(server.requests) == 3
    assert rig.writer.dialect.mode == "json_schema"


async def test_breaker_opens_probes_and_recovers(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [failure(500)]
    rig = make_rig(llm_max_retries=0, llm_breaker_threshold=2, llm_breaker_cooldown_s=30)
    reasons = [(await rig.writer.write(answer_task())).degraded for _ in range(4)]
    assert reasons == ["server_error", "server_error", "breaker_open", "breaker_open"]
    assert len(server.requests) == len(rig.ledger.rows) == 2
    server.replies = [GOOD]
    rig.clock.at += timedelta(seconds=30)
    assert (await rig.writer.write(answer_task())).writer == "mock"
    assert (await rig.writer.write(answer_task())).writer == "mock"


async def test_a_weak_model_does_not_open_the_breaker(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [completion("{坏")]
    rig = make_rig(llm_breaker_threshold=1)
    assert [(await rig.writer.write(answer_task())).degraded for _ in range(2)] == ["unparsable"] * 2


async def test_cancelling_leaves_a_row_and_a_working_breaker(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.hang.set()
    rig = make_rig()
    work = asyncio.create_task(rig.writer.write(answer_task()))
    assert await asyncio.to_thread(server.asked.wait, 5)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert rig.outcomes == ["cancelled"]
    assert rig.writer.breaker.allow()


async def test_tight_budget_drops_old_history_then_last_evidence(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [GOOD]
    rig = make_rig(llm_max_input_tokens=1_500)
    evidence = evidence_block((n, f"第{n}条：" + "退货运费由买家承担。" * 15) for n in range(1, 9))
    history = "\n".join(f"顾客：第{n}句" + "还没到吗" * 10 for n in range(30))
    await rig.writer.write(answer_task(variables={"evidence": evidence, "history": history}))
    user = server.requests[0]["messages"][1]["content"]
    assert "EVIDENCE 1\n" in user
    assert "EVIDENCE 8\n" not in user
    assert "第29句" in user
    assert "第0句" not in user
    assert "能退吗" in user


async def test_a_question_over_the_budget_makes_no_call(server: FakeEndpoint, make_rig: MakeRig) -> None:
    rig = make_rig(llm_max_input_tokens=900)
    written = await rig.writer.write(answer_task(variables={"question": "退" * 5_000}))
    assert (written.output, written.degraded) == (OFFLINE, "over_budget")
    assert server.requests == []


async def test_a_wrong_variable_degrades_and_makes_no_call(server: FakeEndpoint, make_rig: MakeRig) -> None:
    written = await make_rig().writer.write(answer_task(variables={"surplus": "甲"}))
    assert written.degraded == "bad_prompt"
    assert server.requests == []


async def test_text_prompts_ask_for_no_structure(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [completion("可以退。")]
    variables = {"question": "能退吗", "context": "七天内可以退。"}
    task = WriteTask(prompt="raw_rag", variables=variables, output=Answer, offline=lambda: OFFLINE)
    assert (await make_rig().writer.write(task)).output.answer == "可以退。"
    assert "response_format" not in server.requests[0]


async def test_a_broken_ledger_costs_no_answer(server: FakeEndpoint, make_rig: MakeRig) -> None:
    server.replies = [GOOD]
    rig = make_rig()

    async def broken(row: object) -> None:
        raise OSError("disk")

    rig.ledger.record = broken  # type: ignore[method-assign]
    assert (await rig.writer.write(answer_task())).writer == "mock"


async def test_nothing_of_the_environment_reaches_the_call(
    server: FakeEndpoint, make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    ambient = {
        "OPENAI_API_KEY": "sk-ambient",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_ORG_ID": "org-ambient",
        "OPENAI_PROJECT_ID": "proj-ambient",
        "OPENAI_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "LANGCHAIN_TRACING": "true",
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": server.url,
        "LANGSMITH_API_KEY": "ls-ambient",
    }
    for name, value in ambient.items():
        monkeypatch.setenv(name, value)
    server.replies = [GOOD]
    rig = make_rig(llm_api_key="")
    assert (await rig.writer.write(answer_task())).writer == "mock"
    assert len(server.requests) == 1
    assert "ambient" not in json.dumps(server.headers)
    assert "sk-test" not in repr(rig.settings)
