"""The private server: shared by processes, outliving them, started again when it is killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from knowledge.kit.db import Database
from knowledge.kit.errors import ConfigurationError
from knowledge.kit.postgres import EmbeddedPostgres
from knowledge.kit.supervisor import PostgresSupervisor
from tests.support.waiting import until

_HOLD = """
import sys, time
from pathlib import Path
from knowledge.kit.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print("up", flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedPostgres]:
    """initdb takes seconds: one server to start and stop for the whole file, apart from the run's own."""
    home = Path(tempfile.mkdtemp(prefix="lc-"))
    server = EmbeddedPostgres(home, durable=False)
    yield server
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def server(shared: EmbeddedPostgres) -> EmbeddedPostgres:
    if not shared.running():
        shared.start()
    return shared


def _postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def _another_process(home: Path) -> subprocess.Popen[str]:
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == "up\n"
    return other


async def test_a_killed_postmaster_is_back_and_queries_succeed(server: EmbeddedPostgres) -> None:
    database = Database(server.urls().app)
    supervisor = PostgresSupervisor(server, database.engine.dispose)
    await supervisor.start()
    await database.check()
    killed = _postmaster(server)
    os.kill(killed, signal.SIGKILL)
    started = time.monotonic()

    async def answers() -> bool:
        try:
            async with database.transaction("") as scope:
                return bool((await scope.one("select 1 as one")).one)
        except DBAPIError:
            return False

    async def restarted() -> bool:
        return server.running() and _postmaster(server) != killed

    await until(restarted, within_s=30)
    await until(answers, within_s=30)
    sys.stdout.write(f"postmaster killed with -9, queries answered after {time.monotonic() - started:.2f} s\n")
    assert not server.restart_if_dead()
    await supervisor.stop()
    await database.dispose()


def test_the_server_is_shared_and_survives_the_death_of_its_users(server: EmbeddedPostgres) -> None:
    """The last one to leave turns it off; one killed with -9 has left."""
    home = server.root.parent
    postmaster = _postmaster(server)
    polite, killed = _another_process(home), _another_process(home)
    polite.communicate()
    assert polite.returncode == 0
    assert server.connects()
    server.stop()
    assert psutil.pid_exists(postmaster)  # the other process still uses it
    killed.kill()
    killed.communicate()
    assert psutil.pid_exists(postmaster)  # nobody was left to stop it, and nothing is lost
    again = EmbeddedPostgres(home, durable=False)
    again.start()
    assert _postmaster(again) == postmaster
    assert again.connects()
    again.stop()
    assert not again.running()


def test_a_restart_keeps_the_data_and_the_roles(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.urls().owner, autocommit=True) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (7)")
    server.stop()
    assert not server.connects()
    server.start()
    with psycopg.connect(server.urls().owner) as connection:
        assert connection.execute("select n from kept").fetchall() == [(7,)]
        roles = connection.execute(
            "select rolname from pg_roles where rolname like 'livecrew%' and (rolsuper or rolbypassrls)"
        ).fetchall()
    assert roles == []


def test_only_the_socket_with_a_password_lets_in(server: EmbeddedPostgres) -> None:
    listening = [one for one in psutil.Process(_postmaster(server)).net_connections() if one.status == "LISTEN"]
    assert listening == []
    wrong = server.urls().app.replace(":", ":wrong-", 2).replace("postgresql:wrong-", "postgresql:")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(wrong)
    assert (server.root / "credentials.json").stat().st_mode & 0o077 == 0


def test_a_half_made_database_in_a_long_home_is_made_again_and_gets_a_socket(home: Path) -> None:
    server = EmbeddedPostgres(home / ("long" * 30), durable=False)
    (server.data / "base").mkdir(parents=True)
    (server.data / "base" / "half").write_text("killed during initdb")
    server.start()
    try:
        assert server.connects()
    finally:
        server.stop()


def test_a_server_that_does_not_start_says_where_its_log_is(server: EmbeddedPostgres) -> None:
    server.stop()
    configuration = server.data / "postgresql.conf"
    before = configuration.read_text()
    configuration.write_text(before + "\nshared_buffers = nonsense\n")
    with pytest.raises(ConfigurationError) as raised:
        server.start()
    assert "server.log" in raised.value.detail
    assert "\n" not in raised.value.detail
    configuration.write_text(before)
    server.start()
