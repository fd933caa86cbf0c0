"""The schema, the second lock, and what an operator reads when the database is at fault."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from api.auth.keys import authenticate, create_key
from api.migrations import migrate
from knowledge.kit.db import Base, Database, Scope, sqlalchemy_url
from knowledge.kit.errors import ConfigurationError, UnauthorizedError
from knowledge.kit.postgres import DatabaseUrls
from tests.house.tree import product_files
from tests.support.desk import Desk, new_shop
from tests.support.filled import fill_every_table
from tests.support.servers import Cluster


@pytest.fixture(scope="module")
def _all_models() -> None:
    for path in product_files():
        if "__tablename__" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(path.with_suffix("").parts))


@pytest.mark.usefixtures("_all_models")
def test_models_and_migrations_tell_the_same_tables_and_columns(cluster: Cluster) -> None:
    def ours(thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or not str(name).startswith(("procrastinate_", "alembic_"))

    engine = create_engine(sqlalchemy_url(cluster.urls.owner))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False, "include_object": ours}
        )
        found = [step for step in _flat(compare_metadata(context, Base.metadata)) if step[0] not in _CONSTRAINTS]
    engine.dispose()
    assert found == []


_CONSTRAINTS = ("remove_index", "remove_constraint", "remove_fk")  # written in SQL only; no query needs them


def _flat(steps: list[Any]) -> Iterator[tuple[Any, ...]]:
    for step in steps:
        if isinstance(step, list):
            yield from step
        else:
            yield step


def test_migrating_again_changes_nothing(cluster: Cluster, own_urls: DatabaseUrls) -> None:
    before = _catalogue(own_urls)
    migrate(own_urls.owner, own_urls.app)
    assert _catalogue(own_urls) == before
    assert len(before) > 100


def _catalogue(urls: DatabaseUrls) -> list[Any]:
    engine = create_engine(sqlalchemy_url(urls.owner))
    query = """select 'column', table_name, column_name, data_type from information_schema.columns
               where table_schema = 'public'
               union all select 'index', tablename, indexname, indexdef from pg_indexes where schemaname = 'public'
               union all select 'revision', version_num, '', '' from alembic_version order by 1, 2, 3"""
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return rows


def _sentence(error: pytest.ExceptionInfo[ConfigurationError]) -> str:
    told = error.value.detail
    assert "\n" not in told
    assert told.endswith(".")
    assert "Traceback" not in told
    return told


def test_a_newer_schema_is_refused_in_one_sentence(own_urls: DatabaseUrls) -> None:
    engine = create_engine(sqlalchemy_url(own_urls.owner))
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ConfigurationError) as raised:
        migrate(own_urls.owner, own_urls.app)
    assert "9999" in _sentence(raised)
    assert "newer" in raised.value.detail


_NOBODY = "postgresql://shopkeeper:Hunter2-secret@127.0.0.1:9/livecrew"


async def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(ConfigurationError) as migrating:
        migrate(_NOBODY, _NOBODY)
    database = Database(_NOBODY)
    with pytest.raises(ConfigurationError) as checking:
        await database.check()
    await database.dispose()
    for raised in (migrating, checking):
        told = _sentence(raised)
        assert "127.0.0.1" in told
        assert "Hunter2" not in told


async def test_a_wrong_password_is_told_without_showing_it(cluster: Cluster) -> None:
    wrong = sqlalchemy_url(cluster.urls.app).set(password="Hunter2-secret").render_as_string(hide_password=False)
    with pytest.raises(ConfigurationError) as raised:
        migrate(wrong, wrong)
    assert "Hunter2" not in _sentence(raised)


@pytest.mark.parametrize("url", ["mysql://u:Hunter2@h/d", "no url at all", "postgresql://u:Hunter2@h:port/d"])
def test_what_is_no_postgresql_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        sqlalchemy_url(url)
    assert "Hunter2" not in _sentence(raised)
    assert "LIVECREW_DATABASE_URL" in raised.value.detail


async def test_a_superuser_is_refused_and_the_application_role_is_not(cluster: Cluster, database: Database) -> None:
    await database.check()
    superuser = Database(cluster.superuser_url)
    with pytest.raises(ConfigurationError) as raised:
        await superuser.check()
    await superuser.dispose()
    assert "postgres" in _sentence(raised)


async def test_a_role_without_rights_to_migrate_is_told_in_one_sentence(cluster: Cluster) -> None:
    urls = cluster.empty("no_rights")
    try:
        with pytest.raises(ConfigurationError) as raised:
            migrate(urls.app, urls.app)
    finally:
        cluster.drop("no_rights")
    _sentence(raised)


async def test_the_database_clock_moves_only_under_its_setting(cluster: Cluster, database: Database) -> None:
    day = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
    frozen = Database(cluster.urls.app, now=day)
    async with frozen.transaction("") as scope:
        simulated = (await scope.one("select livecrew_now() as at")).at
    await frozen.dispose()
    async with database.transaction("") as scope:
        real = (await scope.one("select livecrew_now() as at, clock_timestamp() as wall")).at
        wall = (await scope.one("select clock_timestamp() as at")).at
    assert simulated == day
    assert abs(real - wall) < timedelta(seconds=1)


async def test_a_transaction_that_fails_leaves_nothing(database: Database, shop_id: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(shop_id) as scope:
            await scope.run("update shops set name = 'half-done' where id = :shop_id")
            raise ZeroDivisionError
    async with database.transaction(shop_id) as scope:
        assert (await scope.one("select name from shops where id = :shop_id")).name != "half-done"


# row-level security ---------------------------------------------------------------------------------------------------


async def _tables_of_shops(scope: Scope) -> list[str]:
    rows = await scope.all(
        "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'shop_id' "
        "order by table_name"
    )
    return [row.table_name for row in rows]


async def test_every_table_of_a_shop_forces_row_level_security(database: Database) -> None:
    async with database.transaction("") as scope:
        tables = await _tables_of_shops(scope)
        rows = await scope.all(
            "select relname, relrowsecurity and relforcerowsecurity as locked from pg_class "
            "where relkind = 'r' and relname = any(:tables)",
            tables=tables,
        )
    assert len(tables) >= 15
    assert {row.relname for row in rows} == set(tables)
    assert [row.relname for row in rows if not row.locked] == []


APPEND_ONLY = ("handoff_audit",)
WITHIN_A_TRANSACTION = ("handoff_moves",)  # no row of it outlives the transaction that made it


async def _written_columns(scope: Scope, table: str) -> str:
    """All but those the database computes."""
    rows = await scope.all(
        """select attname from pg_attribute where attrelid = cast(:table as regclass) and attnum > 0
        and attgenerated = '' and not attisdropped order by attnum""",
        table=table,
    )
    return ", ".join(f'"{row.attname}"' for row in rows)


@pytest.mark.parametrize("right", ["update", "delete", "truncate"])
async def test_the_role_that_serves_may_only_append_to_an_audit(database: Database, right: str) -> None:
    async with database.transaction("") as scope:
        for table in APPEND_ONLY:
            assert not (await scope.one(f"select has_table_privilege('{table}', '{right}') as may")).may


async def test_another_shop_neither_sees_nor_writes_a_row_of_any_table(desk: Desk, database: Database) -> None:
    await fill_every_table(desk)
    other = await new_shop(database)
    async with database.transaction(desk.shop_id) as scope:
        tables = [table for table in await _tables_of_shops(scope) if table not in WITHIN_A_TRANSACTION]
        held = {
            table: (await scope.one(f"select count(*) as n, min(to_jsonb(t)::text) as row from {table} t"))
            for table in tables
        }
    assert [table for table, found in held.items() if not found.n] == []
    for table, found in held.items():
        for stranger in (other, ""):
            async with database.transaction(stranger) as scope:
                assert (await scope.one(f"select count(*) as n from {table}")).n == 0, table
                if table not in APPEND_ONLY:
                    assert await scope.run(f"update {table} set shop_id = shop_id") == 0, table
                    assert await scope.run(f"delete from {table}") == 0, table
                columns = await _written_columns(scope, table)
            with pytest.raises(ProgrammingError, match="row-level security"):
                async with database.transaction(stranger) as scope:
                    await scope.run(
                        f"insert into {table} ({columns}) overriding system value "
                        f"select {columns} from jsonb_populate_record(null::{table}, cast(:row as jsonb))",
                        row=found.row,
                    )
    async with database.transaction(desk.shop_id) as scope:
        for table in tables:
            assert (await scope.one(f"select count(*) as n from {table}")).n == held[table].n


async def test_a_connection_forgets_the_shop_with_its_transaction(cluster: Cluster, shop_id: str) -> None:
    one = Database(cluster.urls.app, pool_size=1)
    async with one.transaction(shop_id) as scope:
        pid = (await scope.one("select pg_backend_pid() as pid")).pid
    async with one.engine.connect() as connection:
        again, shop = (await connection.execute(text("select pg_backend_pid(), livecrew_shop()"))).one()
    await one.dispose()
    assert (again, shop) == (pid, None)


async def test_a_shop_cannot_give_its_rows_away(desk: Desk, database: Database) -> None:
    await desk.open()
    other = await new_shop(database)
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.transaction(desk.shop_id) as scope:
            await scope.run("update conversations set shop_id = :other", other=other)


async def test_a_key_is_found_by_its_hash_alone(database: Database, shop_id: str) -> None:
    async with database.transaction(shop_id) as scope:
        keys = [await create_key(scope, name, ["documents:read"]) for name in ("first", "second")]
    async with database.transaction(shop_id) as scope:
        stored = await scope.all("select key_hash from api_keys")
    assert not any(key in row.key_hash for key in keys for row in stored)

    async def seen(key_hash: str) -> int:
        async with database.transaction("") as scope:
            await scope.run("select set_config('livecrew.key_hash', :hash, true)", hash=key_hash)
            return int((await scope.one("select count(*) as n from api_keys")).n)

    assert [await seen(row.key_hash) for row in stored] == [1, 1]
    assert [await seen(guess) for guess in ("", "%", keys[0])] == [0, 0, 0]
    assert (await authenticate(database, keys[1])).shop_id == shop_id
    with pytest.raises(UnauthorizedError):
        await authenticate(database, keys[1] + "x")


async def test_a_revoked_key_opens_nothing(database: Database, shop_id: str) -> None:
    async with database.transaction(shop_id) as scope:
        key = await create_key(scope, "lost", ["documents:read"])
    await authenticate(database, key)
    async with database.transaction(shop_id) as scope:
        await scope.run("update api_keys set revoked_at = livecrew_now()")
    with pytest.raises(UnauthorizedError):
        await authenticate(database, key)


def test_a_home_that_cannot_be_made_is_told_in_one_sentence(home: Path) -> None:
    from knowledge.kit.postgres import EmbeddedPostgres

    (home / "file").write_text("in the way")
    with pytest.raises(ConfigurationError) as raised:
        EmbeddedPostgres(home / "file").start()
    assert "LIVECREW_HOME" in _sentence(raised)
