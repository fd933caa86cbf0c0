"""Brings the schema up at start, one process at a time; the owner role migrates, the app role only works."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from knowledge.kit.db import sqlalchemy_url
from knowledge.kit.errors import ConfigurationError

_LOCK = 0x11FEC4E3  # any fixed number: all replicas of all releases must take the same advisory lock


def _config(connection: Connection, app_role: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    config.attributes["app_role"] = app_role
    return config


def migrate(owner_url: str, app_url: str) -> None:
    """Raises: ConfigurationError when the server is unreachable, the role may not migrate, or the schema is newer than
    this release."""
    engine = create_engine(sqlalchemy_url(owner_url))
    try:
        with engine.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            config = _config(connection, make_url(app_url).username or "")
            _refuse_newer_schema(connection, config)
            command.upgrade(config, "head")
    except OperationalError as error:
        where = make_url(owner_url).render_as_string(hide_password=True).split("?")[0]
        reason = str(error.orig).strip().splitlines()[0]
        raise ConfigurationError(f"PostgreSQL at {where} cannot be reached: {reason}.") from error
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        role = make_url(owner_url).username
        raise ConfigurationError(
            f"The database role {role} may not change the schema ({error.orig.diag.message_primary}); "
            "set LIVECREW_DATABASE_OWNER_URL to a role that owns the database."
        ) from error
    finally:
        engine.dispose()


def _refuse_newer_schema(connection: Connection, config: Config) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise ConfigurationError(
            f"The database schema ({current}) is newer than this LiveCrew; install the newer release or restore a dump."
        )
