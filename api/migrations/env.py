"""Alembic runs only through `migrate()`, inside the transaction and under the lock that it holds."""

from alembic import context

from knowledge.kit.db import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
