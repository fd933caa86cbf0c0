"""The shop behind the desk: catalogue, orders, identity, attachments, operators."""

from api.migrations.script import execute_script, grant_to_app

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    execute_script("r0002_shop.sql")
    grant_to_app()
