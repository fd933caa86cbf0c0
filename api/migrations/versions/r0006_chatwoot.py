"""Chatwoot as a channel: connections, what came in, what must go out."""

from api.migrations.script import execute_script, grant_to_app, revoke_from_app

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    execute_script("r0006_chatwoot.sql")
    grant_to_app()
    revoke_from_app("update, delete, truncate", "handoff_audit")
