"""The two servers under load as real processes on loopback, each in a home that is thrown away."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_PATIENCE_S = 180.0
_UNLIMITED = "1000000"
_MODEL = ("LIVECREW_LLM_BASE_URL", "LIVECREW_LLM_MODEL", "LIVECREW_LLM_API_KEY")
_ELSEWHERE = ("LIVECREW_DATABASE_URL", "LIVECREW_DATABASE_OWNER_URL", "LIVECREW_CHROMA_URL", "LIVECREW_EMBED_CACHE")


@dataclass(frozen=True)
class Server:
    url: str
    pid: int
    home: Path

    def cpu_s(self) -> float:
        """Of the process and of its PostgreSQL, since they started."""
        times = (process.cpu_times() for process in self._processes())
        return sum(each.user + each.system + each.children_user + each.children_system for each in times)

    def rss_mb(self) -> float:
        return psutil.Process(self.pid).memory_info().rss / 1e6

    def _processes(self) -> list[psutil.Process]:
        found = [psutil.Process(self.pid)]
        with suppress(OSError, IndexError):
            postmaster = int((self.home / "pg/data/postmaster.pid").read_text().splitlines()[0])
            found += [psutil.Process(postmaster), *psutil.Process(postmaster).children()]
        return found


@contextmanager
def desk_server(home: Path) -> Iterator[Server]:
    """`livecrew demo` with the offline writer; its rate limits are raised by their settings."""
    settings = {
        "LIVECREW_HOME": str(home),
        "LIVECREW_MESSAGES_PER_MINUTE": _UNLIMITED,
        "LIVECREW_CONVERSATIONS_PER_MINUTE": _UNLIMITED,
    }
    without = [part for name in (*_MODEL, *_ELSEWHERE) for part in ("-u", name)]
    command = ["env", *without, *(f"{name}={value}" for name, value in settings.items()), sys.executable]
    with _running([*command, "-m", "livecrew", "demo"], home, "/v1/ready") as server:
        yield server


@contextmanager
def bare_server(home: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "evals.load.bare", "--home", str(home)]
    with _running(command, home, "/ready") as server:
        yield server


@contextmanager
def _running(command: Sequence[str], home: Path, ready: str) -> Iterator[Server]:
    """Started in its home, so that no .env file of the caller's folder is read. Raises: TimeoutError."""
    port = _free_port()
    process = subprocess.Popen([*command, "--port", str(port)], cwd=home, stdout=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}{ready}", process)
        yield Server(f"http://127.0.0.1:{port}", process.pid, home)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer (exit code {process.poll()})")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
