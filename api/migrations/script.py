"""What a migration is made of: a script of plain SQL, and rights on what it made for the role that serves."""

from pathlib import Path

from alembic import context, op
from sqlalchemy import text

_VERSIONS = Path(__file__).parent / "versions"


def execute_script(name: str) -> None:
    execute_sql((_VERSIONS / name).read_text(encoding="utf-8"))


def execute_sql(script: str) -> None:
    """Handed to the driver as it stands: colons and percent signs in it are SQL, not parameters."""
    with op.get_bind().connection.dbapi_connection.cursor() as cursor:  # type: ignore[union-attr]
        cursor.execute(script)


def grant_to_app() -> None:
    app_role = context.config.attributes["app_role"]
    if not app_role or app_role == op.get_bind().scalar(text("select current_user")):
        return
    for grant in (
        "usage on schema public",
        "select, insert, update, delete on all tables in schema public",
        "usage, select on all sequences in schema public",
    ):
        op.execute(f'grant {grant} to "{app_role}"')


def revoke_from_app(rights: str, table: str) -> None:
    """What `grant_to_app` gives away for every table and this one must not have; repeat it after each later grant."""
    app_role = context.config.attributes["app_role"]
    if app_role and app_role != op.get_bind().scalar(text("select current_user")):
        op.execute(f'revoke {rights} on {table} from "{app_role}"')
