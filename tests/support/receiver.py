"""A shop's server that webhooks are posted to, over plain HTTP on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

HANG = 0
"""As a status: the connection stays open and nothing is answered."""


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def delivery_id(self) -> str:
        return self.headers["livecrew-delivery"]


@dataclass
class Receiver:
    """Answers with what `answer` gives for each request."""

    port: int = 0
    answer: Callable[[Received], int] = lambda _one: 204
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=shop"

    def of_topic(self, topic: str) -> list[Received]:
        return [one for one in self.received if one.headers["livecrew-topic"] == topic]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in head[1:])}
            one = Received(head[0].split()[1], headers, await reader.readexactly(int(headers["content-length"])))
            self.received.append(one)
            status = self.answer(one)
            if status == HANG:
                await reader.read()  # until the other side goes away
            else:
                where = "Location: http://127.0.0.1:1/\r\n" if 300 <= status < 400 else ""
                writer.write(f"HTTP/1.1 {status} x\r\n{where}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
