"""Chatwoot's API as an agent bot may use it: `{base}/api/v1/accounts/{account}/conversations/…`, header
`api_access_token`. A status of 200 alone proves nothing: what the answer must hold is looked for in it."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from agents.llm.addresses import check_base_url
from api.chatwoot.errors import ChatwootError
from api.chatwoot.payload import There, mapping, marked, number, read_conversation, sequence
from knowledge.kit.errors import InvalidInputError

TIMEOUT_S = 5.0
_LARGEST_BYTES = 2_000_000
_AGAIN = (401, 403, 408, 409, 425, 429)  # 401 and 403 end when somebody corrects the token
_LONGEST_WAIT_S = 600.0


class ChatwootApi:
    """Every method raises ChatwootError. Nothing is tried twice here: who calls knows what may be repeated."""

    def __init__(self, base_url: str, account_id: int, bot_token: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.base_url = base_url.rstrip("/")
        self._path = f"{self.base_url}/api/v1/accounts/{account_id}/conversations"
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            timeout=timeout_s, trust_env=False, follow_redirects=False, headers={"api_access_token": bot_token}
        )
        self._plain = httpx.AsyncClient(timeout=timeout_s, trust_env=False, follow_redirects=False)

    async def aclose(self) -> None:
        await self._http.aclose()
        await self._plain.aclose()

    async def conversation(self, conversation_id: int) -> There:
        there = read_conversation(mapping(await self._call("GET", f"/{conversation_id}")))
        if there is None or there.id != conversation_id or not there.status:
            raise ChatwootError("malformed")
        return there

    async def post(self, conversation_id: int, text: str, *, step: int, private: bool = False) -> int:
        """Returns the message's id."""
        body = {"content": text, "message_type": "outgoing", "private": private, "content_type": "text",
                "content_attributes": marked(step)}  # fmt: skip
        made = number(mapping(await self._call("POST", f"/{conversation_id}/messages", body)).get("id"))
        if made is None:
            raise ChatwootError("not_done")
        return made

    async def set_status(self, conversation_id: int, status: str) -> None:
        """Always named: without a status the call would turn whatever there is into its opposite."""
        answer = mapping(await self._call("POST", f"/{conversation_id}/toggle_status", {"status": status}))
        told = mapping(answer.get("payload"))
        if told.get("success") is not True or told.get("current_status") != status:
            raise ChatwootError("not_done")

    async def set_priority(self, conversation_id: int, priority: str) -> None:
        await self._call("POST", f"/{conversation_id}/toggle_priority", {"priority": priority})

    async def assign_team(self, conversation_id: int, team_id: int) -> None:
        await self._call("POST", f"/{conversation_id}/assignments", {"team_id": team_id})

    async def set_attributes(self, conversation_id: int, attributes: dict[str, Any]) -> None:
        """Replaces all there are."""
        await self._call("POST", f"/{conversation_id}/custom_attributes", {"custom_attributes": attributes})

    async def labels(self, conversation_id: int) -> list[str]:
        found = mapping(await self._call("GET", f"/{conversation_id}/labels")).get("payload")
        if not isinstance(found, list):
            raise ChatwootError("malformed")
        return [one for one in found if isinstance(one, str)]

    async def set_labels(self, conversation_id: int, labels: Sequence[str]) -> None:
        """Replaces all there are."""
        answer = await self._call("POST", f"/{conversation_id}/labels", {"labels": list(labels)})
        if not set(labels) <= {str(one) for one in sequence(mapping(answer).get("payload"))}:
            raise ChatwootError("not_done")

    async def file(self, url: str, *, limit: int) -> bytes:
        """An attachment, from Chatwoot itself or from where it sends us on to over https."""
        for _ in range(4):
            if not url.startswith(f"{self.base_url}/"):
                await _check_elsewhere(url)
            response, content = await self._send(self._plain, "GET", url, None, limit)
            if response.status_code not in (301, 302, 303, 307, 308):
                return content
            url = str(response.url.join(response.headers.get("Location", "")))
        raise ChatwootError("moved_on_and_on", lasting=True)

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        response, content = await self._send(self._http, method, self._path + path, body, _LARGEST_BYTES)
        if response.status_code >= 300:
            raise ChatwootError("moved", lasting=True)
        if not content.strip():
            return {}
        try:
            answer = json.loads(content)
        except ValueError:  # a proxy's page with a status of 200, as like as not
            raise ChatwootError("malformed") from None
        if isinstance(answer, dict) and (answer.get("error") or answer.get("errors")):
            raise ChatwootError("error_in_answer")
        return answer

    async def _send(
        self, http: httpx.AsyncClient, method: str, url: str, body: dict[str, Any] | None, limit: int
    ) -> tuple[httpx.Response, bytes]:
        try:
            # httpx counts silence only: a server that sends a byte now and then would hold us for ever
            async with asyncio.timeout(self._timeout_s), http.stream(method, url, json=body) as response:
                _check_status(response)
                content = bytearray()
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > limit:
                        raise ChatwootError("too_large", lasting=True)
        except (TimeoutError, httpx.TimeoutException):
            raise ChatwootError("timeout") from None
        except httpx.TransportError:
            raise ChatwootError("unreachable") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ChatwootError("malformed") from None
        return response, bytes(content)


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status < 400:
        return
    asked = response.headers.get("Retry-After", "")
    after_s = min(float(asked), _LONGEST_WAIT_S) if asked.isascii() and asked.isdigit() else 0.0
    raise ChatwootError(f"status_{status}", lasting=status < 500 and status not in _AGAIN, after_s=after_s)


async def _check_elsewhere(url: str) -> None:
    """A file's address comes from outside: it must not make us ask the machine's own network."""
    host = urlsplit(url).hostname or ""
    try:
        await check_base_url(url.partition("?")[0])
    except InvalidInputError:
        raise ChatwootError("file_elsewhere", lasting=True) from None
    if not url.startswith("https://") or host in ("localhost", "127.0.0.1", "::1"):
        raise ChatwootError("file_elsewhere", lasting=True)
