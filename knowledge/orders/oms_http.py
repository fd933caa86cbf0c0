"""The shop's own order system, asked over signed HTTP: three questions, each a POST of JSON under the base URL.

    /order    {shop_id, shopper_id, order_id} → {shop_id, shopper_id, order: OrderView | null}
    /orders   {shop_id, shopper_id, limit}    → {shop_id, shopper_id, orders: [OrderView]}
    /shopper  {shop_id, shopper_id}           → {shop_id, shopper_id, shopper: ShopperView | null}

Status 200 and nothing else; what is not there is null, never 404. oms_signature.py tells how both sides sign. Fields we
do not know are refused, not skipped: a misspelt `signed_at` would make us say that a parcel has not arrived.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.kit.clock import Clock
from knowledge.kit.storable import is_storable
from knowledge.orders import oms_signature as signature
from knowledge.orders.masked import masked
from knowledge.orders.oms import MOST_ORDERS, OmsUnavailableError
from knowledge.orders.views import OrderView, ShopperView

log = structlog.get_logger(__name__)

_ATTEMPTS = 2
_PAUSE_S = 0.2
_LARGEST_BYTES = 2_000_000


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)

    shop_id: str
    shopper_id: str


class _OrderAnswer(_Answer):
    order: OrderView | None


class _OrdersAnswer(_Answer):
    orders: tuple[OrderView, ...]


class _ShopperAnswer(_Answer):
    shopper: ShopperView | None


AnswerT = TypeVar("AnswerT", bound=_Answer)


class _FailedError(Exception):
    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class HttpOms:
    """An `Oms`. What goes wrong, goes wrong as `OmsUnavailableError` with a `reason`; asking twice does no harm, so an
    attempt that met silence or an error of the server's is repeated once."""

    def __init__(
        self,
        base_url: str,
        key_id: str,
        secret: str,
        clock: Clock,
        *,
        timeout_s: float = 3.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base = httpx.URL(base_url.rstrip("/"))
        self._key_id = key_id
        self._secret = secret
        self._clock = clock
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._http = httpx.AsyncClient(timeout=timeout_s, trust_env=False, follow_redirects=False)

    async def order(self, shop_id: str, shopper_id: str, order_id: str) -> OrderView | None:
        if not order_id or not is_storable(order_id):
            return None
        answer = await self._ask("order", _OrderAnswer, shop_id, shopper_id, order_id=order_id)
        if answer.order is None:
            return None
        if answer.order.order_id != order_id:
            raise _unavailable("foreign_order", "order")
        return masked(answer.order)

    async def orders(self, shop_id: str, shopper_id: str, *, limit: int = 10) -> list[OrderView]:
        most = min(max(limit, 0), MOST_ORDERS)
        answer = await self._ask("orders", _OrdersAnswer, shop_id, shopper_id, limit=most)
        if len({order.order_id for order in answer.orders}) < len(answer.orders):
            raise _unavailable("malformed", "orders")
        newest = sorted(answer.orders, key=lambda order: (-order.placed_at.timestamp(), order.order_id))
        return [masked(order) for order in newest[:most]]

    async def shopper(self, shop_id: str, shopper_id: str) -> ShopperView | None:
        answer = await self._ask("shopper", _ShopperAnswer, shop_id, shopper_id)
        if answer.shopper is not None and answer.shopper.shopper_id != shopper_id:
            raise _unavailable("foreign_shopper", "shopper")
        return answer.shopper

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(
        self, what: str, model: type[AnswerT], shop_id: str, shopper_id: str, **more: Any
    ) -> AnswerT:  # fmt: skip
        question = {"shop_id": shop_id, "shopper_id": shopper_id, **more}
        try:
            content = await self._try(what, json.dumps(question).encode())
            answer = model.model_validate_json(content, strict=True, extra="forbid")
        except _FailedError as failed:
            raise _unavailable(failed.reason, what) from failed
        except ValidationError:
            # neither the error nor its chain: both hold what the order system sent
            raise _unavailable("malformed", what) from None
        if (answer.shop_id, answer.shopper_id) != (shop_id, shopper_id):
            raise _unavailable("foreign_shopper", what)
        return answer

    async def _try(self, what: str, body: bytes) -> bytes:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._once(what, body)
            except _FailedError as failed:
                if not failed.again or attempt == _ATTEMPTS:
                    raise
                log.info("oms_tried_again", what=what, reason=failed.reason)
                await self._sleep(_PAUSE_S * attempt)
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, what: str, body: bytes) -> bytes:
        url = self._base.copy_with(path=f"{self._base.path.rstrip('/')}/{what}")
        nonce = secrets.token_hex(16)
        headers = self._signed("POST", url.raw_path.decode(), body, nonce)
        try:
            # httpx counts silence only: a server that sends a byte now and then would hold us for ever
            async with (
                asyncio.timeout(self._timeout_s),
                self._http.stream("POST", url, content=body, headers=headers) as response,
            ):
                if response.status_code != 200:
                    again = response.status_code >= 500 or response.status_code == 429
                    raise _FailedError(f"status_{response.status_code}", again=again)
                content = await _read(response)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _FailedError("timeout", again=True) from error
        except httpx.TransportError as error:
            raise _FailedError("unreachable", again=True) from error
        except httpx.HTTPError as error:
            raise _FailedError("malformed") from error
        self._verify(response, nonce, content)
        return content

    def _signed(self, method: str, path: str, body: bytes, nonce: str) -> dict[str, str]:
        timestamp = str(int(self._clock.now().timestamp()))
        signed = signature.question_signature(
            self._secret, timestamp=timestamp, nonce=nonce, method=method, path=path, body=body
        )
        return {
            signature.KEY: self._key_id,
            signature.TIMESTAMP: timestamp,
            signature.NONCE: nonce,
            signature.SIGNATURE: signed,
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # what is signed is what is sent
        }

    def _verify(self, response: httpx.Response, nonce: str, content: bytes) -> None:
        timestamp = response.headers.get(signature.TIMESTAMP, "")
        given = response.headers.get(signature.SIGNATURE, "")
        if not given or not timestamp:
            raise _FailedError("unsigned")
        right = signature.answer_signature(self._secret, timestamp=timestamp, nonce=nonce, status=200, body=content)
        if not signature.same(given, right):
            raise _FailedError("bad_signature")
        if not signature.is_fresh(timestamp, self._clock.now().timestamp()):
            raise _FailedError("stale")


async def _read(response: httpx.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > _LARGEST_BYTES:
            raise _FailedError("too_large")
    return bytes(content)


def _unavailable(reason: str, what: str) -> OmsUnavailableError:
    log.warning("oms_unavailable", what=what, reason=reason)
    return OmsUnavailableError("The shop's order system gave no usable answer.", reason=reason)
