"""The house: shops, documents, conversations, events, outbox, handoffs, jobs, and row-level security over them."""

from importlib import resources

from api.migrations.script import execute_script, execute_sql, grant_to_app

revision = "0001"
down_revision = None


def upgrade() -> None:
    execute_script("r0001_house.sql")
    execute_sql((resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8"))
    grant_to_app()
