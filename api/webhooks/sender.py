"""From the outbox to the shops' addresses: each row is assigned to the webhooks that want it, and each delivery is
tried until it is taken or given up. At least once: a worker that is killed in the middle leaves a delivery that another
tries again under the same id."""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import httpx
import structlog

from api.webhooks import repository, signing
from api.webhooks.targets import RefusedTargetError, Targets
from api.webhooks.topics import wants
from knowledge.kit.db import Database, Scope
from knowledge.kit.ids import new_id

log = structlog.get_logger(__name__)

TRIES = 12
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5, 6 * 3600
_PERIOD_S = 1.0
_TIMEOUT_S = 10.0
HELD_S = 60
"""How long a delivery is one worker's; longer than any try may take."""
_AT_ONCE = 8
"""Tries of one shop in this process: a shop whose address hangs keeps nobody else waiting."""
_BATCH = 200
_KEPT_DAYS = 30
_TIDY_S = 3600.0
_GONE = 410


def pause_s(attempt: int) -> int:
    """After the `attempt`-th try, from 1: 5 s, 20 s, 80 s … up to six hours; all tries take about a day and a half."""
    return int(min(_FIRST_PAUSE_S * 4 ** (attempt - 1), _LONGEST_PAUSE_S))


class WebhookSender:
    def __init__(self, database: Database, targets: Targets) -> None:
        self._database = database
        self._targets = targets
        self._task: asyncio.Task[None] | None = None
        self._trying: dict[str, set[asyncio.Task[None]]] = {}
        self._tidied_at: dict[str, float] = {}

    async def start(self) -> None:
        # One connection a try: kept ones are kept by address, and two shops' names may share one.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False, limits=limits)
        self._task = asyncio.create_task(self._forever())

    async def stop(self) -> None:
        """What is being tried ends or is left to the next worker."""
        tasks = [self._task] if self._task else []
        tasks += [task for trying in self._trying.values() for task in trying]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.aclose()

    async def _forever(self) -> None:
        while True:
            for shop_id in await self._shops():
                try:
                    await self._round(shop_id)
                except Exception as error:  # one shop's trouble, or a database that restarts, must not end the rest
                    log.warning("webhook_round_failed", shop=shop_id, error=type(error).__name__)
            await asyncio.sleep(_PERIOD_S)

    async def _shops(self) -> list[str]:
        with suppress(Exception):  # the database may be restarting; the next round sees it again
            return await self._database.shop_ids()
        return []

    async def _round(self, shop_id: str) -> None:
        trying = self._trying.setdefault(shop_id, set())
        async with self._database.transaction(shop_id) as scope:
            await _fan_out(scope)
            due = await repository.take_due(scope, limit=max(_AT_ONCE - len(trying), 0), held_s=HELD_S)
            if time.monotonic() - self._tidied_at.get(shop_id, -_TIDY_S) >= _TIDY_S:
                await repository.forget_old(scope, days=_KEPT_DAYS)
                self._tidied_at[shop_id] = time.monotonic()
        for row in due:
            task = asyncio.create_task(self._work(shop_id, row))
            trying.add(task)
            task.add_done_callback(trying.discard)

    async def _work(self, shop_id: str, row: Any) -> None:
        """One after the other, for as long as something is due."""
        try:
            while row is not None:
                status, error = await self._post(shop_id, row)
                async with self._database.transaction(shop_id) as scope:
                    await _remember(scope, row, status, error)
                    row = next(iter(await repository.take_due(scope, limit=1, held_s=HELD_S)), None)
        except Exception as problem:  # it stays pending; its hold runs out and it is tried again
            log.warning("webhook_try_lost", delivery=row.id, error=type(problem).__name__)

    async def _post(self, shop_id: str, row: Any) -> tuple[int | None, str]:
        """Status and what was wrong in a word, empty where nothing was; never anything of the receiver's words."""
        told = {
            "id": row.id,
            "topic": row.topic,
            "shop_id": shop_id,
            "at": row.told_at.isoformat(),
            "data": row.payload,
        }
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        keys = [key for key in (row.secret, row.previous_secret) if key]
        headers = signing.headers(row.id, row.topic, int(row.now.timestamp()), body, keys)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                target = await self._targets.resolved(row.url)
                request = self._http.build_request(
                    "POST", target.url, content=body, headers={**headers, "Host": target.authority},
                    extensions={"sni_hostname": target.host, "timeout": httpx.Timeout(_TIMEOUT_S).as_dict()},
                )  # fmt: skip
                answer = await self._http.send(request, stream=True)
                await answer.aclose()
        except RefusedTargetError as refused:
            return None, str(refused)
        except (TimeoutError, httpx.TimeoutException):
            return None, "timeout"
        except httpx.HTTPError as error:
            return None, type(error).__name__
        return answer.status_code, "" if answer.is_success else f"status {answer.status_code}"


async def _remember(scope: Scope, row: Any, status: int | None, error: str) -> None:
    if not error and status is not None:
        return await repository.delivered(scope, row.id, status)
    over = row.attempts >= TRIES or status == _GONE
    again = None if over else pause_s(row.attempts)
    await repository.failed(scope, row.id, row.attempts, status=status, error=error, again_in_s=again)
    if over:
        log.warning("webhook_dead", webhook=row.webhook_id, delivery=row.id, tries=row.attempts, error=error)


async def _fan_out(scope: Scope) -> None:
    """Some outbox rows, the oldest first, become a delivery for each webhook that wants them."""
    rows = await repository.untold(scope, _BATCH)
    if not rows:
        return
    webhooks = await repository.listed(scope, enabled_only=True)
    deliveries = [
        {"id": new_id("dlv"), "shop_id": scope.shop_id, "webhook_id": one.id, "outbox_id": row.id, "topic": row.topic}
        for row in rows
        for one in webhooks
        if wants(one.topics, row.topic) and row.created_at >= one.created_at
    ]
    await repository.assign(scope, [row.id for row in rows], deliveries)
