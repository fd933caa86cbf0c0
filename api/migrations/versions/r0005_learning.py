"""What operators answered, on its way into what the shop knows: candidates with their provenance and their review."""

from api.migrations.script import execute_script, grant_to_app, revoke_from_app

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    execute_script("r0005_learning.sql")
    grant_to_app()
    revoke_from_app("update, delete, truncate", "handoff_audit")
