"""Server-sent events with resumable offsets (HTML Living Standard §9.2)."""

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from knowledge.kit.events import Event

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "id, event, data; resumable"}
}


def line(event: Event | None) -> str:
    """None is a keep-alive comment."""
    if event is None:
        return ": keep-alive\n\n"
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.offset}\nevent: {event.kind}\ndata: {data}\n\n"


def response(lines: AsyncIterator[str]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)
