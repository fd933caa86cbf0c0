"""Concurrent shoppers over HTTP, in a process of their own so that their work is not the server's.

Each takes the next question, asks it in a fresh conversation, waits for the whole answer and takes the next one.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

_PATIENCE_S = 60.0  # for one turn; longer is an error


class TurnFailedError(Exception):
    """The server answered, but not as it should; the text is the kind of failure that is counted."""


@dataclass(frozen=True)
class Timed:
    """From the message's POST: to the first event of the turn, and to the complete answer."""

    ms: float
    first_event_ms: float | None = None


@dataclass
class Load:
    """What one level showed. `seconds` is the wall time of all turns, opening conversations included."""

    seconds: float = 0.0
    ms: list[float] = field(default_factory=list)
    first_event_ms: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


Ask = Callable[[httpx.AsyncClient, str], Awaitable[Timed]]


def desk(shop_id: str) -> Ask:
    async def ask(client: httpx.AsyncClient, text: str) -> Timed:
        opened = _checked(await client.post("/v1/conversations", json={"shop_id": shop_id})).json()
        path, token = f"/v1/conversations/{opened['conversation_id']}", {"Authorization": f"Bearer {opened['token']}"}
        started = time.perf_counter()
        _checked(await client.post(f"{path}/messages", json={"text": text}, headers=token))
        first = None
        async with client.stream("GET", f"{path}/events", headers=token) as stream:
            _checked(stream)
            kind = ""
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    own = kind == "message" and json.loads(line[6:])["author"] == "shopper"
                    if not own:
                        first = first or time.perf_counter() - started
                    if kind == "message" and not own:
                        return Timed((time.perf_counter() - started) * 1000, (first or 0.0) * 1000)
        raise TurnFailedError("the events ended before the answer")

    return ask


async def bare(client: httpx.AsyncClient, text: str) -> Timed:
    started = time.perf_counter()
    answer = _checked(await client.post("/query", json={"text": text})).json()
    if not answer["text"]:
        raise TurnFailedError("an empty passage")
    return Timed((time.perf_counter() - started) * 1000)


def _checked(response: httpx.Response) -> httpx.Response:
    if not response.is_success:
        raise TurnFailedError(f"HTTP {response.status_code}")
    return response


async def press(ask: Ask, url: str, questions: Sequence[str], *, shoppers: int, within_s: float) -> Load:
    """Ends when the questions are used up or the time is; a turn under way is finished and counted."""
    load, waiting = Load(), iter(questions)
    unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S, limits=unlimited, trust_env=False) as client:
        started = time.perf_counter()
        await asyncio.gather(*(_shopper(ask, client, waiting, load, started + within_s) for _ in range(shoppers)))
        load.seconds = time.perf_counter() - started
    return load


async def _shopper(ask: Ask, client: httpx.AsyncClient, waiting: Iterator[str], load: Load, until: float) -> None:
    for text in waiting:
        try:
            timed = await asyncio.wait_for(ask(client, text), _PATIENCE_S)
        except (TurnFailedError, httpx.HTTPError, TimeoutError) as error:
            load.errors[str(error) or type(error).__name__] += 1
        else:
            load.ms.append(timed.ms)
            if timed.first_event_ms is not None:
                load.first_event_ms.append(timed.first_event_ms)
        if time.perf_counter() > until:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", help="`bare`, or the shop whose desk is asked")
    parser.add_argument("--url", required=True)
    parser.add_argument("--questions", type=Path, required=True, help="one JSON list of texts, each asked once")
    parser.add_argument("--shoppers", type=int, required=True)
    parser.add_argument("--within-s", type=float, required=True)
    given = parser.parse_args()
    questions = json.loads(given.questions.read_text(encoding="utf-8"))
    ask = bare if given.target == "bare" else desk(given.target)
    load = asyncio.run(press(ask, given.url, questions, shoppers=given.shoppers, within_s=given.within_s))
    json.dump(asdict(load), sys.stdout)


if __name__ == "__main__":
    main()
