"""The handoff queue at work: ranks, timers, presence, notes, incidents, and an audit nobody can rewrite."""

from api.migrations.script import execute_script, grant_to_app, revoke_from_app

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute_script("r0003_queue.sql")
    grant_to_app()
    revoke_from_app("update, delete, truncate", "handoff_audit")
