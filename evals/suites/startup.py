"""How long a user waits and what it costs: first page from an empty home and from a filled one, import time, resident
memory, and the seconds until the service answers again after its PostgreSQL was killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from evals.contract import Options, Outcome

_PORT = 8797
_URL = f"http://127.0.0.1:{_PORT}"
_PATIENCE_S = 300.0


async def run(options: Options) -> Outcome:
    return await asyncio.to_thread(_measure, options.progress)


def _measure(progress: Callable[[str], None]) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="lc-start-", ignore_cleanup_errors=True) as home:
        progress("cold start")
        cold_s, server = _start(Path(home))
        _stop(server)
        progress("warm start")
        warm_s, server = _start(Path(home))
        try:
            process = psutil.Process(server.pid)
            idle_mb = process.memory_info().rss / 1e6
            progress("questions")
            answered = [_ask(question) for question in ("退货运费谁出", "几天内可以退", "发票怎么开") * 5]
            used_mb = process.memory_info().rss / 1e6
            progress("killing PostgreSQL")
            recovery_s = _kill_postgres(Path(home))
        finally:
            _stop(server)
    metrics = {
        "n": 1,
        "cold_first_page_s": round(cold_s, 2),
        "warm_first_page_s": round(warm_s, 2),
        "import_s": round(_import_s(), 2),
        "rss_idle_mb": round(idle_mb),
        "rss_after_questions_mb": round(used_mb),
        "accepted": sum(answered),
        "postmaster_killed_recovery_s": round(recovery_s, 2),
    }
    return Outcome(metrics, [])


def _start(home: Path) -> tuple[float, subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "livecrew", "demo", "--port", str(_PORT)]
    command = ["env", "-u", "LIVECREW_EMBED_CACHE", f"LIVECREW_HOME={home}", *command]
    started = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _until(lambda: _get("/") is not None)
    return time.perf_counter() - started, server


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(20)


def _until(ready: Callable[[], bool]) -> float:
    """Seconds until it is true. Raises: TimeoutError."""
    started = time.perf_counter()
    while time.perf_counter() - started < _PATIENCE_S:
        if ready():
            return time.perf_counter() - started
        time.sleep(0.05)
    raise TimeoutError(_URL)


def _get(path: str) -> bytes | None:
    with suppress(OSError), urllib.request.urlopen(_URL + path, timeout=5) as reply:
        return bytes(reply.read())
    return None


def _post(path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(_URL + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as reply:
        answer: dict[str, Any] = json.load(reply)
    return answer


def _ask(question: str) -> bool:
    opened = _post("/v1/conversations", {"shop_id": "shp_demo"})
    said = _post(f"/v1/conversations/{opened['conversation_id']}/messages", {"text": question}, opened["token"])
    return bool(said["turn_id"])


def _kill_postgres(home: Path) -> float:
    pid = int((home / "pg/data/postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.05)
    return _until(lambda: _get("/v1/ready") is not None) + 0.05


def _import_s() -> float:
    code = "import time; t = time.perf_counter(); import api.commands.serve; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
