"""Chatwoot's API as an agent bot may use it: `{base}/api/v1/accounts/{account}/conversations/…`, header
`api_access_token`. A status of 200 alone proves nothing: what the answer must hold is looked for in it."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx

from api.chatwoot.errors import ChatwootError
from api.chatwoot.payload import There, mapping, marked, number, read_conversation, sequence
from api.webhooks.targets import RefusedTargetError, Targets

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
        """An attachment, from Chatwoot itself or from where it sends us on to. The address comes from outside: anywhere
        else it must lead to the public internet, and the connection goes to the very address that was judged."""
        for _ in range(4):
            request = self._plain.build_request("GET", url)
            if not url.startswith(f"{self.base_url}/"):
                request = await self._elsewhere(url)
            response, content = await self._send(self._plain, request, limit)
            if response.status_code not in (301, 302, 303, 307, 308):
                return content
            url = str(httpx.URL(url).join(response.headers.get("Location", "")))
        raise ChatwootError("moved_on_and_on", lasting=True)

    async def _elsewhere(self, url: str) -> httpx.Request:
        try:
            target = await Targets().resolved(url)
        except RefusedTargetError:
            raise ChatwootError("file_elsewhere", lasting=True) from None
        extensions = {"sni_hostname": target.host, "timeout": httpx.Timeout(self._timeout_s).as_dict()}
        return self._plain.build_request("GET", target.url, headers={"Host": target.authority}, extensions=extensions)

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = self._http.build_request(method, self._path + path, json=body)
        response, content = await self._send(self._http, request, _LARGEST_BYTES)
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
        self, http: httpx.AsyncClient, request: httpx.Request, limit: int
    ) -> tuple[httpx.Response, bytes]:  # fmt: skip
        try:
            # httpx counts silence only: a server that sends a byte now and then would hold us for ever
            async with asyncio.timeout(self._timeout_s):
                response = await http.send(request, stream=True)
                try:
                    _check_status(response)
                    content = await _read(response, limit)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise ChatwootError("timeout") from None
        except httpx.TransportError:
            raise ChatwootError("unreachable") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ChatwootError("malformed") from None
        return response, content


async def _read(response: httpx.Response, limit: int) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > limit:
            raise ChatwootError("too_large", lasting=True)
    return bytes(content)


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status < 400:
        return
    asked = response.headers.get("Retry-After", "")
    after_s = min(float(asked), _LONGEST_WAIT_S) if asked.isascii() and asked.isdigit() else 0.0
    raise ChatwootError(f"status_{status}", lasting=status < 500 and status not in _AGAIN, after_s=after_s)
