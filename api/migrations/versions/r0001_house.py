"""The house: shops, documents, conversations, events, outbox, handoffs, jobs, and row-level security over them."""

from importlib import resources
from pathlib import Path

from alembic import context, op
from sqlalchemy import text

revision = "0001"
down_revision = None


def _execute_script(script: str) -> None:
    """Handed to the driver as it stands: colons and percent signs in it are SQL, not parameters."""
    with op.get_bind().connection.dbapi_connection.cursor() as cursor:  # type: ignore[union-attr]
        cursor.execute(script)


def upgrade() -> None:
    _execute_script(Path(__file__).with_name("r0001_house.sql").read_text(encoding="utf-8"))
    _execute_script((resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8"))
    app_role = context.config.attributes["app_role"]
    if app_role and app_role != op.get_bind().scalar(text("select current_user")):
        for grant in (
            "usage on schema public",
            "select, insert, update, delete on all tables in schema public",
            "usage, select on all sequences in schema public",
        ):
            op.execute(f'grant {grant} to "{app_role}"')
