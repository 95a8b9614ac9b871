"""Alembic's environment, inside Flask's application context."""

from alembic import context
from sqlalchemy import Connection

import sipweb.models  # noqa: F401  # the tables
from sipweb.db import db as database
from sipweb.db import lift_time_limits


def run(connection: Connection) -> None:
    """Migrate a database."""
    context.configure(connection=connection, target_metadata=database.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


def run_on_own_connection() -> None:
    """Migrate the database that the settings name."""
    with database.engine.connect() as connection:
        lift_time_limits(connection)
        run(connection)


if given := context.config.attributes.get("connection"):
    run(given)  # in the transaction that its owner has begun
else:
    run_on_own_connection()
