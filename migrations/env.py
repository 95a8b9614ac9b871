"""Alembic's environment, inside Flask's application context."""

from alembic import context

import sipweb.models  # noqa: F401  # the tables
from sipweb.db import db as database, lift_time_limits


def run() -> None:
    """Migrate the database that the settings name."""
    with database.engine.connect() as connection:
        lift_time_limits(connection)
        context.configure(connection=connection, target_metadata=database.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()


run()
