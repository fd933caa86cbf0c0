"""Where a shop wants to be told of what happens, and what became of each telling."""

from api.migrations.script import execute_script, grant_to_app, revoke_from_app

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    execute_script("r0004_webhooks.sql")
    grant_to_app()
    revoke_from_app("update, delete, truncate", "handoff_audit")
