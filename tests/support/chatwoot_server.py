"""A Chatwoot on loopback, as far as an agent bot sees it: its API with the traps of the real one, and its deliveries.

Written from the description of the interface, not with our own reading and signing code, so that both can disagree.
`journal` holds every change it made, in order: what a test looks at to know what a shopper and an agent there saw.
"""

import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import httpx

SECRET = "bot-secret-of-chatwoot"
TOKEN = "bot-token-of-chatwoot"
ACCOUNT = 7

Trap = Literal[
    "", "down", "denying", "error_in_200", "html_in_200", "not_done", "deaf", "forgets_items", "hangs_after_message"
]  # fmt: skip
Entry = tuple[str, dict[str, Any]]


@dataclass
class Talk:
    """A conversation there. `assignee` is an agent or a bot as the API tells it."""

    id: int
    status: str = "pending"
    assignee: dict[str, Any] | None = None
    assignee_type: str | None = None
    team: dict[str, Any] | None = None
    priority: str | None = None
    labels: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    hmac_verified: bool = False
    identifier: str | None = None


class ChatwootServer:
    """`before` is called with (method, path) before a request is served: where a test makes people act in between."""

    def __init__(self) -> None:
        self.journal: list[Entry] = []
        self.requests: list[tuple[str, str]] = []
        self.trap: Trap = ""
        self.before: Callable[[str, str], None] = lambda _method, _path: None
        self.released = threading.Event()
        self.files: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self._talks: dict[int, Talk] = {}
        self._lock = threading.RLock()
        self._last = 100
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._serve(self)

            def do_POST(self) -> None:
                server._serve(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def talk(self, **given: Any) -> Talk:
        with self._lock:
            made = Talk(id=self._next(), **given)
            self._talks[made.id] = made
        return made

    def _next(self) -> int:
        with self._lock:
            self._last += 1
            return self._last

    def did(self, talk: Talk, *kinds: str) -> list[Entry]:
        return [(kind, data) for kind, data in self.journal if data["talk"] == talk.id and (not kinds or kind in kinds)]

    def shown(self, talk: Talk) -> list[str]:
        """What the shopper was shown: outgoing, not private."""
        return [one["content"] for one in talk.messages if one["message_type"] == 1 and not one["private"]]

    # what it delivers -----------------------------------------------------------------------------------------------

    def says(self, talk: Talk, text: str | None, **more: Any) -> dict[str, Any]:
        """The body of message_created for a new message; `more` overrides its top."""
        made = self._message(talk, text, kind=0, sender=self._contact(talk))
        return self.message_event(talk, made, **more)

    def message_event(self, talk: Talk, message: dict[str, Any], **more: Any) -> dict[str, Any]:
        words = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
        body = {
            **message,
            "event": "message_created",
            "message_type": words[message["message_type"]],
            "created_at": datetime.fromtimestamp(message["created_at"], UTC).isoformat().replace("+00:00", "Z"),
            "account": {"id": ACCOUNT, "name": "店"},
            "inbox": {"id": 3, "name": "直播间"},
            "conversation": self._webhook(talk),
        }
        return {**body, **more}

    def status_event(self, talk: Talk, name: str = "conversation_status_changed") -> dict[str, Any]:
        changed = [{"status": {"previous_value": "open", "current_value": talk.status}}]
        return {**self._webhook(talk), "event": name, "changed_attributes": changed}

    def _contact(self, talk: Talk) -> dict[str, Any]:
        return {"id": 9, "type": "contact", "name": "小王", "email": None, "identifier": talk.identifier,
                "custom_attributes": {}, "account": {"id": ACCOUNT}}  # fmt: skip

    def _webhook(self, talk: Talk) -> dict[str, Any]:
        return {
            "id": talk.id, "inbox_id": 3, "channel": "Channel::Api", "status": talk.status, "can_reply": True,
            "priority": talk.priority, "labels": talk.labels, "custom_attributes": talk.attributes,
            "additional_attributes": {}, "waiting_since": 1767225600, "first_reply_created_at": None,
            "contact_inbox": {"id": 4, "contact_id": 9, "inbox_id": 3, "source_id": "buyer-77",
                              "hmac_verified": talk.hmac_verified},
            "meta": {"sender": self._contact(talk), "assignee": talk.assignee, "assignee_type": talk.assignee_type,
                     "team": talk.team, "hmac_verified": talk.hmac_verified},
            "messages": talk.messages[-1:], "created_at": 1767225600, "updated_at": 1767225600.1,
        }  # fmt: skip

    def signed(self, body: bytes, *, secret: str = SECRET, ago_s: int = 0, delivery: str = "") -> dict[str, str]:
        stamp = str(int(time.time()) - ago_s)
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "X-Chatwoot-Delivery": delivery or str(uuid.uuid4()),
            "X-Chatwoot-Timestamp": stamp,
            "X-Chatwoot-Signature": f"sha256={digest}",
        }

    async def deliver(self, client: httpx.AsyncClient, path: str, event: dict[str, Any], **more: Any) -> int:
        """As Chatwoot does: at most three attempts, again on 429 and 500 only; whatever else fails a message of a
        pending conversation opens it. Returns the last status."""
        body = json.dumps(event).encode()
        delivery = more.pop("delivery", "") or str(uuid.uuid4())
        status = 0
        for _ in range(3):
            headers = self.signed(body, delivery=delivery, **more)
            status = (await client.post(path, content=body, headers=headers)).status_code
            if status not in (429, 500):
                break
        talk = self._talks.get(event.get("conversation", {}).get("id", 0))
        if talk is not None and status >= 400 and event["event"].startswith("message_") and talk.status == "pending":
            talk.status = "open"
            self._message(talk, "Conversation was marked open by system due to an error", kind=2, sender=None)
        return status

    # its API --------------------------------------------------------------------------------------------------------

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers.get("Content-Length") or 0)) or b"{}")
        method, path = handler.command, handler.path
        if path in self.files:
            status, headers, content = self.files[path]
            return self._send(handler, status, content, headers)
        self.requests.append((method, path))
        if self.trap == "down":
            return self._send(handler, 503, b"<html>Service Unavailable</html>")
        if handler.headers.get("api_access_token") != TOKEN or self.trap == "denying":
            return self._answer(handler, {"error": "Invalid Access Token"}, 401)
        if self.trap == "html_in_200":
            return self._send(handler, 200, b"<html>Sign in</html>")
        if self.trap == "error_in_200":
            return self._answer(handler, {"error": "something went wrong"})
        self.before(method, path)
        prefix = f"/api/v1/accounts/{ACCOUNT}/conversations/"
        number, _, what = path.removeprefix(prefix).partition("/")
        talk = self._talks.get(int(number)) if path.startswith(prefix) and number.isdigit() else None
        if talk is None:
            return self._answer(handler, {"error": "Resource could not be found"}, 404)
        with self._lock:
            answer = self._done(talk, method, what, body)
        if self.trap == "hangs_after_message" and what == "messages":
            self.released.wait(20)
            return None
        if isinstance(answer, int):
            return self._send(handler, answer, b"")
        return self._answer(handler, answer)

    def _done(self, talk: Talk, method: str, what: str, body: dict[str, Any]) -> dict[str, Any] | int:
        if (method, what) == ("GET", ""):
            return self._shown(talk)
        if (method, what) == ("GET", "labels"):
            return {"payload": list(talk.labels)}
        if method != "POST" or self.trap == "deaf":
            return 401 if self.trap == "deaf" else 404
        match what:
            case "messages":
                return self._posted(talk, body)
            case "toggle_status":
                return self._toggled(talk, body)
            case "toggle_priority":
                talk.priority = body["priority"]
            case "assignments":
                talk.team = {"id": body["team_id"]}
            case "custom_attributes":
                talk.attributes = body["custom_attributes"]
            case "labels":
                talk.labels = list(body["labels"])
            case _:
                return 404
        self.journal.append((what, {"talk": talk.id, **body}))
        return {"payload": list(talk.labels)} if what == "labels" else 200

    def _posted(self, talk: Talk, body: dict[str, Any]) -> dict[str, Any] | int:
        if not body.get("content") or body.get("message_type") != "outgoing":
            return 422
        bot = {"id": 2, "name": "LiveCrew", "type": "agent_bot"}
        made = self._message(talk, body["content"], kind=1, sender=bot, private=bool(body.get("private")))
        if self.trap != "forgets_items":
            made["content_attributes"] = {"items": body.get("content_attributes", {}).get("items", [])}
        entry = {"talk": talk.id, "status": talk.status, "held": talk.assignee is not None, "text": body["content"]}
        self.journal.append(("note" if made["private"] else "message", entry))
        return made

    def _toggled(self, talk: Talk, body: dict[str, Any]) -> dict[str, Any]:
        """Without a status it turns what there is into its opposite, as the real one does."""
        if self.trap == "not_done":
            return {"payload": {"success": False, "current_status": talk.status, "conversation_id": talk.id}}
        talk.status = body.get("status") or ("open" if talk.status != "open" else "resolved")
        self.journal.append(("toggle_status", {"talk": talk.id, "status": talk.status}))
        return {"meta": {}, "payload": {"success": True, "current_status": talk.status, "conversation_id": talk.id}}

    def _shown(self, talk: Talk) -> dict[str, Any]:
        """Only what is there is told; one message, the newest of any kind, and the newest that is no activity."""
        spoken = [one for one in talk.messages if one["message_type"] != 2]
        meta: dict[str, Any] = {"sender": self._contact(talk), "channel": "Channel::Api"}
        if talk.assignee is not None:
            meta["assignee"] = talk.assignee
        if talk.assignee_type:
            meta["assignee_type"] = talk.assignee_type
        if talk.team is not None:
            meta["team"] = talk.team
        return {
            "meta": meta, "id": talk.id, "messages": talk.messages[-1:], "account_id": ACCOUNT, "status": talk.status,
            "custom_attributes": talk.attributes, "labels": talk.labels, "priority": talk.priority,
            "last_non_activity_message": spoken[-1] if spoken else None,
        }  # fmt: skip

    def _message(
        self, talk: Talk, text: str | None, *, kind: int, sender: dict[str, Any] | None, private: bool = False
    ) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": self._next(), "content": text, "message_type": kind, "private": private, "content_type": "text",
            "content_attributes": {}, "source_id": None, "created_at": int(time.time()), "sender": sender,
            "conversation_id": talk.id, "attachments": [],
        }  # fmt: skip
        talk.messages.append(made)
        return made

    def _answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any], status: int = 200) -> None:
        self._send(handler, status, json.dumps(body).encode())

    def _send(
        self, handler: BaseHTTPRequestHandler, status: int, content: bytes, headers: dict[str, str] | None = None
    ) -> None:
        try:
            handler.send_response(status)
            for key, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
                handler.send_header(key, value)
            handler.end_headers()
            handler.wfile.write(content)
        except OSError:
            pass  # whoever asked has gone
