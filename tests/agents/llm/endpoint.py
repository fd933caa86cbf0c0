"""A chat endpoint of our own on loopback: each request takes the next scripted reply and is kept for the test."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import BaseModel

from agents.llm.breaker import Breaker
from agents.llm.chat import ChatEndpoint
from agents.llm.ledger import MemoryLedger
from agents.llm.ports import WriteTask
from agents.llm.writer import LLMWriter
from agents.settings import AgentSettings
from knowledge.kit.clock import FrozenClock
from prompts.fences import evidence_block

Script = Callable[[dict[str, Any]], tuple[int, Any]]


def completion(text: str | None, *, finish: str = "stop", usage: bool = True, **message: Any) -> tuple[int, Any]:
    body: dict[str, Any] = {
        "id": "c1",
        "object": "chat.completion",
        "created": 0,
        "model": "mock",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text} | message}],
    }
    if usage:
        body["usage"] = {"prompt_tokens": 1_000, "completion_tokens": 500, "total_tokens": 1_500}
    return 200, body


def failure(status: int, message: str = "no") -> tuple[int, Any]:
    return status, {"error": {"message": message, "type": "error", "code": None}}


class FakeEndpoint:
    """`replies` are (status, JSON or text) or functions of the request; the last one is repeated."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, Any] | Script] = [completion('{"answer": "好的。", "citations": []}')]
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.reply_headers: dict[str, str] = {}
        self.hang = threading.Event()  # unset: replies at once
        self.released = threading.Event()
        self.asked = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                fake._answer(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        request = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.requests.append(request)
        self.headers.append({key.lower(): value for key, value in handler.headers.items()})
        self.asked.set()
        if self.hang.is_set():
            self.released.wait(5)
            return
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        status, body = reply(request) if callable(reply) else reply
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        handler.send_response(status)
        kind = "text/html" if isinstance(body, str) else "application/json"
        for key, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **self.reply_headers}.items():
            handler.send_header(key, value)
        handler.end_headers()
        handler.wfile.write(raw)

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class Answer(BaseModel):
    answer: str
    citations: tuple[int, ...] = ()
    needs: tuple[dict[str, str], ...] = ()


OFFLINE = Answer(answer="离线回答 [1]", citations=(1,))


def answer_task(**changed: Any) -> WriteTask[Answer]:
    variables = {
        "question": "能退吗",
        "history": "",
        "evidence": evidence_block([(1, "七天内可以退货。"), (2, "运费由买家承担。")]),
        "tone": "平和",
    } | changed.pop("variables", {})
    given: dict[str, Any] = {"shop_id": "shp_1", "subject_id": "trn_1"} | changed
    return WriteTask(prompt="support_answer", variables=variables, output=Answer, offline=lambda: OFFLINE, **given)


class Rig:
    """A writer on the fake endpoint, with everything a test wants to turn or read."""

    def __init__(self, server: FakeEndpoint, **settings: Any) -> None:
        given: dict[str, Any] = {
            "llm_base_url": server.url,
            "llm_model": "mock",
            "llm_api_key": "sk-test",
            "llm_input_price_fen_per_mtok": 200,
            "llm_output_price_fen_per_mtok": 800,
        }
        self.server = server
        self.settings = AgentSettings(**(given | settings))
        self.ledger = MemoryLedger()
        self.clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.waits: list[float] = []
        breaker = Breaker(self.settings.llm_breaker_threshold, self.settings.llm_breaker_cooldown_s, self.clock)
        endpoint = ChatEndpoint(self.settings)
        self.writer = LLMWriter(endpoint, self.settings, self.ledger, breaker, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    @property
    def outcomes(self) -> list[str]:
        return [row.outcome.value for row in self.ledger.rows]
