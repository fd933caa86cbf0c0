"""A desk of our own on loopback for the page: the public contract with scripted answers.

The records outlive the server, so a test can stop it, let things happen, and start it again on the same port.
"""

import asyncio
import itertools
import json
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles

import api

WEB = Path(api.__file__).parent / "web"
_ROOT = "/v1/conversations"
SHOP = {"id": "shp_demo", "name": "暖屿生活旗舰店"}
GREETING = "您好，这里是暖屿生活的客服台。退换货、物流、发票和价保都可以直接问我。"
STARTERS = ["买了不想要，几天内可以退？", "退货运费谁出？", "发票怎么开？"]


def citation(
    number: int, chunk_id: str, title: str, *, article: int | None = None, section: str = ""
) -> dict[str, Any]:
    return {
        "number": number,
        "chunk_id": chunk_id,
        "doc": chunk_id.partition("#")[0],
        "title": title,
        "article": article,
        "section": section,
        "effective_from": "2024-03-01",
    }


@dataclass
class Records:
    """What a database would hold."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    by_key: dict[str, dict[str, Any]] = field(default_factory=dict)
    owner: str = "bot"
    state: str = "open"
    token: str = ""
    retired_token: str = ""
    shopper: dict[str, str] | None = None
    handoff: dict[str, Any] | None = None
    rating: dict[str, Any] | None = None
    pictures: dict[str, tuple[dict[str, Any], bytes]] = field(default_factory=dict)


@dataclass
class Answer:
    """`sentences` become one bot message with its `cards`; a `queue` place also hands the conversation over."""

    sentences: list[str]
    citations: list[dict[str, Any]] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)
    queue: int | None = None
    wait_s: int | None = None
    steps: tuple[str, ...] = ("understanding", "searching", "writing", "checking")
    step_s: float = 0.02


class FakeDesk:
    """`origins` are the pages of other origins that may embed the desk; `shoppers` whom an identity token proves."""

    def __init__(self, origins: tuple[str, ...] = ()) -> None:
        self.origins = origins
        self.shoppers: dict[str, dict[str, str]] = {}
        self.upload_refusals: list[tuple[int, dict[str, Any]]] = []
        self.lose_identities = 0
        self.cookies: list[str] = []
        self.conversations: dict[str, Records] = {}
        self.answers: dict[str, Answer] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.refusals: list[tuple[int, dict[str, str], dict[str, Any]]] = []
        self.lose_answers = 0
        self.posts: list[dict[str, Any]] = []
        self.followed: list[int] = []
        self._numbers = itertools.count(1)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def newest(self) -> Records:
        return self.conversations[list(self.conversations)[-1]]

    def start(self) -> None:
        config = uvicorn.Config(self._app(), host="127.0.0.1", port=self.port, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert time.monotonic() < deadline, "the fake desk did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        """Cuts open event streams off, as a crash would."""
        if self._server and self._thread:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(10)
            self._server = self._thread = None

    def add(self, author: str, text: str, citations: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
        """Stores a message of the newest conversation with its event; works while the server is down, too."""
        return self._add(self.newest, author, text, citations, **more)

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        self.newest.events.append((kind, data))

    def answer(self, records: Records, answer: Answer, turn_id: str) -> None:
        for index, sentence in enumerate(answer.sentences):
            records.events.append(("sentence", {"turn_id": turn_id, "index": index, "text": sentence}))
        self._add(records, "bot", "".join(answer.sentences), answer.citations, cards=answer.cards)
        if answer.suggestions:
            records.events.append(("suggestions", {"items": answer.suggestions}))
        if answer.queue is not None:
            records.owner = "handoff"
            place = {"reason": "customer_request", "position": answer.queue, "expected_wait_s": answer.wait_s}
            records.handoff = {"handoff_id": "hnd_1", "state": "queued", **place}
            records.events.append(("handoff", {"id": "hnd_1", **place}))

    def _add(
        self, records: Records, author: str, text: str, citations: list[dict[str, Any]] | None = None, *,
        cards: list[dict[str, Any]] | None = None, attachments: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        message = {
            "id": f"msg_{next(self._numbers)}",
            "position": len(records.messages) + 1,
            "author": author,
            "text": text,
            "citations": citations or [],
            "cards": cards or [],
            "attachments": attachments or [],
        }
        records.messages.append(message | {"created_at": "2026-05-01T08:00:00Z"})
        records.events.append(("message", message))
        return message

    async def _work(self, records: Records, text: str, turn_id: str) -> None:
        answer = self.answers.get(text, Answer(["好的，已经收到。"]))
        for step in answer.steps:
            records.events.append(("status", {"turn_id": turn_id, "step": step}))
            await asyncio.sleep(answer.step_s)
        self.answer(records, answer, turn_id)

    def _accept(self, records: Records, body: dict[str, Any]) -> dict[str, Any]:
        key = body["client_key"]
        if key not in records.by_key:
            attachments = [records.pictures[one][0] for one in body["attachment_ids"]]
            message = self._add(records, "shopper", body["text"], attachments=attachments)
            turn_id = f"trn_{message['position']}" if records.owner == "bot" else None
            records.by_key[key] = {
                "message_id": message["id"],
                "position": message["position"],
                "turn_id": turn_id,
                "owner": records.owner,
            }
            if turn_id:
                task = asyncio.get_running_loop().create_task(self._work(records, body["text"], turn_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return records.by_key[key]

    def _app(self) -> FastAPI:
        app = FastAPI()
        self._tasks: set[asyncio.Task[None]] = set()
        app.middleware("http")(self._guard)
        app.add_middleware(
            CORSMiddleware, allow_origins=self.origins, allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type"], expose_headers=["Retry-After"],
        )  # fmt: skip
        app.post(_ROOT, status_code=201, response_model=None)(self._open)
        app.post(_ROOT + "/{conversation_id}/messages", status_code=202, response_model=None)(self._post)
        app.get(_ROOT + "/{conversation_id}")(self._read)
        app.get(_ROOT + "/{conversation_id}/events")(self._follow)
        app.get(_ROOT + "/{conversation_id}/citations/{chunk_id:path}", response_model=None)(self._source)
        app.post(_ROOT + "/{conversation_id}/identity", response_model=None)(self._identify)
        app.post(_ROOT + "/{conversation_id}/attachments", response_model=None)(self._attach)
        app.get(_ROOT + "/{conversation_id}/attachments/{attachment_id}", response_model=None)(self._picture)
        app.put(_ROOT + "/{conversation_id}/rating", response_model=None)(self._rate)
        app.get("/")(_page)
        app.mount("/web", StaticFiles(directory=WEB))
        return app

    async def _guard(self, request: Request, follow: Any) -> Any:
        if "cookie" in request.headers:
            self.cookies.append(request.headers["cookie"])
        if request.url.path.startswith(f"{_ROOT}/") and request.method != "OPTIONS":
            conversation_id = request.url.path.split("/")[3]
            if conversation_id not in self.conversations:
                return _problem(404, "not_found")
            records = self.conversations[conversation_id]
            tokens = (
                {records.token, records.retired_token} if request.url.path.endswith("/identity") else {records.token}
            )
            if request.headers.get("Authorization", "").removeprefix("Bearer ") not in tokens:
                return _problem(401, "unauthorized")
        return await follow(request)

    async def _open(self, request: Request) -> dict[str, Any] | JSONResponse:
        identity = (await request.json()).get("identity_token")
        if identity and identity not in self.shoppers:
            return _problem(401, "unauthorized")
        conversation_id = f"cnv_{next(self._numbers)}"
        shopper = self.shoppers[identity] if identity else None
        records = Records(token=f"tok_{conversation_id}", shopper=shopper)
        self.conversations[conversation_id] = records
        return {
            "conversation_id": conversation_id,
            "token": records.token,
            "shopper": _shown(shopper),
            "shop": SHOP,
            "greeting": GREETING,
            "suggestions": STARTERS,
        }

    async def _post(self, conversation_id: str, request: Request) -> dict[str, Any] | JSONResponse:
        body = await request.json()
        self.posts.append(body)
        if self.refusals:
            status, headers, problem = self.refusals.pop(0)
            return JSONResponse(problem, status_code=status, headers=headers)
        accepted = self._accept(self.conversations[conversation_id], body)
        if self.lose_answers:
            self.lose_answers -= 1
            return _problem(502, "bad_gateway")
        return accepted

    async def _read(self, conversation_id: str) -> dict[str, Any]:
        records = self.conversations[conversation_id]
        return {
            "id": conversation_id,
            "owner": records.owner,
            "state": records.state,
            "shop": SHOP,
            "shopper": _shown(records.shopper),
            "handoff": records.handoff,
            "rating": records.rating,
            "messages": records.messages,
            "last_offset": len(records.events),
        }

    async def _follow(self, conversation_id: str, after: int = 0) -> StreamingResponse:
        self.followed.append(after)
        lines = _lines(self.conversations[conversation_id], after)
        return StreamingResponse(lines, media_type="text/event-stream")

    async def _source(self, chunk_id: str) -> dict[str, Any] | JSONResponse:
        return self.sources.get(chunk_id) or _problem(404, "not_found")

    async def _identify(self, conversation_id: str, request: Request) -> dict[str, Any] | JSONResponse:
        records = self.conversations[conversation_id]
        proven = self.shoppers.get((await request.json())["identity_token"])
        if proven is None:
            return _problem(401, "unauthorized")
        if records.shopper and records.shopper["shopper_id"] != proven["shopper_id"]:
            return _problem(409, "conflict")
        records.retired_token, records.token = records.token, f"tok_{next(self._numbers)}"
        records.shopper = proven
        records.events.append(("identified", {"shopper": _shown(proven)}))
        if self.lose_identities:
            self.lose_identities -= 1
            return _problem(502, "bad_gateway")
        return {"token": records.token, "shopper": _shown(proven)}

    async def _attach(self, conversation_id: str, request: Request) -> JSONResponse:
        if self.upload_refusals:
            status, problem = self.upload_refusals.pop(0)
            return JSONResponse(problem, status_code=status)
        async with request.form() as form:
            content = await form["file"].read()  # type: ignore[union-attr]
        attachment_id = f"att_{next(self._numbers)}"
        made = {"attachment_id": attachment_id, "media_type": "image/png", "width": 60, "height": 40}
        self.conversations[conversation_id].pictures[attachment_id] = (made, content)
        return JSONResponse(made, status_code=201)

    async def _picture(self, conversation_id: str, attachment_id: str) -> Response:
        found = self.conversations[conversation_id].pictures.get(attachment_id)
        return Response(found[1], media_type="image/png") if found else _problem(404, "not_found")

    async def _rate(self, conversation_id: str, request: Request) -> Response:
        records = self.conversations[conversation_id]
        records.rating = await request.json()
        records.events.append(("rated", {"score": records.rating["score"]}))
        return Response(status_code=204)


def _shown(shopper: dict[str, str] | None) -> dict[str, str] | None:
    return {"name": shopper["name"], "tier": shopper["tier"]} if shopper else None


async def _page() -> FileResponse:
    return FileResponse(WEB / "index.html")


def _problem(status: int, code: str) -> JSONResponse:
    return JSONResponse({"code": code, "detail": code, "data": {}}, status_code=status)


async def _lines(records: Records, after: int) -> AsyncIterator[str]:
    yield ": keep-alive\n\n"
    while True:
        for offset, (kind, data) in enumerate(records.events[after:], start=after + 1):
            after = offset
            yield f"id: {offset}\nevent: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
        await asyncio.sleep(0.02)
