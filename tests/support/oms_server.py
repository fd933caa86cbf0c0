"""A shop's own order system on loopback: checks what we sign, signs what it answers, and sets a trap when told to.

It is written from the description of the protocol, not with our signing code, so that both sides can disagree.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from knowledge.kit.clock import Clock
from knowledge.orders.views import OrderIn, ShopperIn

SECRET = "a-secret-of-the-shop-and-livecrew-0001"
KEY_ID = "k-2026"

Trap = Literal[
    "", "silent", "dripping", "failing", "failing_once", "denying", "moved", "garbage", "html", "unsigned", "forged",
    "tampered", "old", "future", "no_time", "replayed", "other_shopper", "other_shop", "other_order", "other_profile",
    "twice", "unknown_field", "text_amount", "missing", "naive_time", "huge", "cut_off",
]  # fmt: skip


class OmsServer:
    """`questions` are the verified ones, oldest first; `refused` counts those whose signature did not hold."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.trap: Trap = ""
        self.questions: list[dict[str, Any]] = []
        self.attempts = 0
        self.refused: list[str] = []
        self.released = threading.Event()
        self._orders: dict[str, list[OrderIn]] = {}
        self._shoppers: dict[str, list[ShopperIn]] = {}
        self._nonces: set[str] = set()
        self._recorded: tuple[dict[str, str], bytes] | None = None
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                fake._serve(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/livecrew"

    def hold(self, shop_id: str, shoppers: Sequence[ShopperIn], orders: Sequence[OrderIn]) -> None:
        self._shoppers.setdefault(shop_id, []).extend(shoppers)
        self._orders.setdefault(shop_id, []).extend(orders)

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.attempts += 1
        if problem := self._problem(handler, body):
            self.refused.append(problem)
            self._send(handler, 401, {}, b"")
            return
        question = json.loads(body)
        self.questions.append(question)
        if self.trap == "silent":
            self.released.wait(5)
            return
        status = {"failing": 503, "denying": 403, "moved": 307}.get(self.trap, 200)
        if self.trap == "failing_once":
            self.trap, status = "", 500
        answer = self._twisted(self._answer(handler.path.rpartition("/")[2], question))
        content = json.dumps(answer, ensure_ascii=False).encode()
        if self.trap in ("garbage", "html", "huge"):
            content = {"garbage": b"\xff{", "html": b"<html>502</html>", "huge": b" " * 3_000_000}[self.trap]
        headers = self._signed(handler.headers["X-LiveCrew-Nonce"], status, content)
        if self.trap == "replayed" and self._recorded:
            headers, content = self._recorded
        self._recorded = (headers, content)
        if self.trap == "tampered":
            content = content.replace(b'"paid_fen": 25800', b'"paid_fen": 1')
        if self.trap == "moved":
            headers["Location"] = handler.path
        self._send(handler, status, headers, content)

    def _problem(self, handler: BaseHTTPRequestHandler, body: bytes) -> str:
        headers = handler.headers
        stamp, nonce = headers["X-LiveCrew-Timestamp"], headers["X-LiveCrew-Nonce"]
        signed = f"livecrew-oms-1 question\n{stamp}\n{nonce}\nPOST\n{handler.path}\n".encode() + body
        if headers["X-LiveCrew-Key"] != KEY_ID:
            return "key"
        if hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest() != headers["X-LiveCrew-Signature"]:
            return "signature"
        if abs(int(stamp) - self.clock.now().timestamp()) > 300:
            return "timestamp"
        if nonce in self._nonces:
            return "nonce"
        self._nonces.add(nonce)
        return ""

    def _answer(self, what: str, question: dict[str, Any]) -> dict[str, Any]:
        shop_id, shopper_id = question["shop_id"], question["shopper_id"]
        theirs = [order for order in self._orders.get(shop_id, []) if order.shopper_id == shopper_id]
        told = {"shop_id": shop_id, "shopper_id": shopper_id}
        if what == "orders":
            newest = sorted(theirs, key=lambda order: order.placed_at, reverse=True)
            return told | {"orders": [_order(order) for order in newest[: question["limit"]]]}
        if what == "order":
            found = [_order(order) for order in theirs if order.order_id == question["order_id"]]
            return told | {"order": found[0] if found else None}
        profiles = [one for one in self._shoppers.get(shop_id, []) if one.shopper_id == shopper_id]
        shown = [one.model_dump(include={"shopper_id", "name", "tier"}) for one in profiles]
        return told | {"shopper": shown[0] if shown else None}

    def _twisted(self, answer: dict[str, Any]) -> dict[str, Any]:
        order = answer.get("order") or {}
        match self.trap:
            case "other_shopper":
                answer["shopper_id"] = "bob"
            case "other_shop":
                answer["shop_id"] = "shp_other"
            case "other_order":
                order["order_id"] = "B1"
            case "other_profile":
                answer["shopper"] = {"shopper_id": "bob", "name": "鲍勃", "tier": ""}
            case "twice":
                answer["orders"] = answer.get("orders", []) * 2
            case "unknown_field":
                order["signd_at"] = "2026-05-20T00:00:00Z"
            case "text_amount":
                order["paid_fen"] = "25800"
            case "missing":
                del answer["order"]
            case "naive_time":
                order["placed_at"] = "2026-05-20T12:00:00"
        return answer

    def _signed(self, nonce: str, status: int, content: bytes) -> dict[str, str]:
        if self.trap == "unsigned":
            return {}
        off = {"old": -301, "future": 301}.get(self.trap, 0)
        stamp = "soon" if self.trap == "no_time" else str(int(self.clock.now().timestamp()) + off)
        secret = "another-secret-of-somebody-else-00001" if self.trap == "forged" else SECRET
        signed = f"livecrew-oms-1 answer\n{stamp}\n{nonce}\n{status}\n".encode() + content
        signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return {"X-LiveCrew-Timestamp": stamp, "X-LiveCrew-Signature": signature}

    def _send(self, handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], content: bytes) -> None:
        handler.send_response(status)
        for key, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            handler.send_header(key, value)
        handler.end_headers()
        try:
            if self.trap == "dripping":
                for position in range(len(content)):
                    handler.wfile.write(content[position : position + 1])
                    if self.released.wait(0.05):
                        return
            handler.wfile.write(content[: len(content) // 2] if self.trap == "cut_off" else content)
        except OSError:
            pass  # whoever asked has gone


def _order(order: OrderIn) -> dict[str, Any]:
    """As a careless shop sends it: whole where it ought to be masked."""
    told = order.model_dump(mode="json", exclude={"shopper_id", "address", "phone"})
    return told | {"masked_address": order.address, "masked_phone": order.phone}
